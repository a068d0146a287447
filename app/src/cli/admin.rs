//! `starboard admin`: for those who run a hub. Works on the database and the queue directly.

mod user;

use anyhow::bail;
use chrono::{TimeDelta, Utc};
use clap::{Args, Subcommand};
use serde_json::json;
use tasks::{DeadJob, Queue, State};

use super::table::{self, Column, Table};
use super::{hub, out};
use crate::areas::activities::{self, event_log};
use crate::config::Config;
use crate::db::Db;
use crate::{schema, start, words};

/// Looks after accounts, jobs, events and the log (DATABASE_URL)
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  starboard admin user create astronomer@example.org --admin
  starboard admin jobs
  starboard admin retry --all
  starboard admin prune --days 7
  starboard admin renew-log        after a backup was restored")]
pub(super) struct Admin {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    User(user::User),
    /// Counts jobs by name and state, and lists the dead
    #[command(after_help = "Examples:\n  starboard admin jobs\n  starboard admin jobs --json")]
    Jobs {
        /// Machine output: one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Gives dead jobs all their attempts again
    #[command(
        after_help = "Examples:\n  starboard admin retry 01J…\n  starboard admin retry --all"
    )]
    Retry(Which),
    /// Forgets dead jobs
    #[command(after_help = "Examples:\n  starboard admin drop 01J…\n  starboard admin drop --all")]
    Drop(Which),
    /// Removes old events, except the newest of each activity
    #[command(after_help = "Examples:\n  starboard admin prune\n  starboard admin prune --days 7")]
    Prune {
        /// Keep events of so many days [default: EVENT_DAYS]
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=3650))]
        days: Option<u32>,
    },
    /// Gives the event log a new identity, so that nobody resumes at a place of the old one
    #[command(after_help = "\
Stop every process before, restore the backup, renew the log, start them again.

Example:
  starboard admin renew-log")]
    RenewLog,
}

/// Which dead jobs.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// The job's id, as `admin jobs` lists it
    id: Option<String>,
    /// Every dead job
    #[arg(long)]
    all: bool,
}

impl Admin {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<()> {
        hub::must_exist(&config)?;
        match self.task {
            Task::User(user) => user.run(config).await,
            Task::Jobs { json } => jobs(&queue(&config).await?, json).await,
            Task::Retry(which) => retry(&queue(&config).await?, which).await,
            Task::Drop(which) => forget(&queue(&config).await?, which).await,
            Task::Prune { days } => prune(config, days).await,
            Task::RenewLog => renew_log(&config).await,
        }
    }
}

/// The queue, when its tables are of this version.
async fn queue(config: &Config) -> anyhow::Result<Queue> {
    let queue = start::queue(config).await?;
    if !queue.migrations().await?.pending.is_empty() {
        bail!("the queue's tables are older than this version: run `starboard migrate`");
    }
    Ok(queue)
}

async fn jobs(queue: &Queue, json: bool) -> anyhow::Result<()> {
    let counts = queue.counts().await?;
    let dead = queue.dead(u32::MAX).await?;
    if json {
        return out::json(&json!({ "counts": counts, "dead": dead }));
    }
    if counts.is_empty() {
        eprintln!("no jobs");
        return Ok(());
    }
    let mut table = Table::new(&[
        Column::whole("JOB"),
        Column::whole("STATE"),
        Column::whole("JOBS"),
    ]);
    for count in counts {
        table.row([
            count.name,
            state(count.state).to_owned(),
            count.jobs.to_string(),
        ]);
    }
    print(&table)?;
    if !dead.is_empty() {
        out::line("")?;
        print(&graves(&dead))?;
    }
    Ok(())
}

fn graves(dead: &[DeadJob]) -> Table {
    let mut table = Table::new(&[
        Column::whole("DEAD"),
        Column::elastic("JOB"),
        Column::whole("ATTEMPTS"),
        Column::whole("DIED (UTC)"),
        Column::elastic("ERROR"),
    ]);
    for job in dead {
        table.row([
            job.id.clone(),
            job.name.clone(),
            job.attempts.to_string(),
            job.died_at.map(words::minute).unwrap_or_default(),
            job.error.clone().unwrap_or_default(),
        ]);
    }
    table
}

fn print(table: &Table) -> anyhow::Result<()> {
    table
        .lines(table::width())
        .iter()
        .try_for_each(|line| out::line(line))
}

fn state(state: State) -> &'static str {
    match state {
        State::Waiting => "waiting",
        State::Retrying => "retrying",
        State::Running => "running",
        State::Done => "done",
        State::Dead => "dead",
    }
}

async fn retry(queue: &Queue, which: Which) -> anyhow::Result<()> {
    let mut done = 0;
    for id in ids(queue, &which).await? {
        done += u32::from(queue.retry(&id).await?);
    }
    tell(&which, done, "will run again")
}

async fn forget(queue: &Queue, which: Which) -> anyhow::Result<()> {
    let mut done = 0;
    for id in ids(queue, &which).await? {
        done += u32::from(queue.drop_dead(&id).await?);
    }
    tell(&which, done, "forgotten")
}

/// The ids meant. Listed once: a job that dies again meanwhile is not tried for ever.
async fn ids(queue: &Queue, which: &Which) -> anyhow::Result<Vec<String>> {
    match &which.id {
        Some(id) => Ok(vec![id.clone()]),
        None => Ok(queue
            .dead(u32::MAX)
            .await?
            .into_iter()
            .map(|job| job.id)
            .collect()),
    }
}

fn tell(which: &Which, done: u32, what: &str) -> anyhow::Result<()> {
    if let (0, Some(id)) = (done, &which.id) {
        bail!("no dead job has the id {id:?}: see `starboard admin jobs`");
    }
    match done {
        0 => eprintln!("no dead jobs"),
        1 => eprintln!("1 job {what}"),
        many => eprintln!("{many} jobs {what}"),
    }
    Ok(())
}

async fn prune(config: Config, days: Option<u32>) -> anyhow::Result<()> {
    let days = days.unwrap_or(config.event_days);
    let hub = hub::open(config).await?;
    let before = Utc::now() - TimeDelta::days(i64::from(days));
    let removed = activities::prune(&hub, before).await?;
    eprintln!("{removed} events of more than {days} days ago removed");
    Ok(())
}

async fn renew_log(config: &Config) -> anyhow::Result<()> {
    let db = Db::connect(&config.database_url).await?;
    schema::check(&db).await?;
    let write = db.begin().await?;
    event_log::renew(write.tx()).await?;
    write.commit().await?;
    let log = event_log::end(db.read()).await?.log;
    db.close().await;
    eprintln!("the log is {log} now; processes that ran meanwhile must be started again");
    Ok(())
}
