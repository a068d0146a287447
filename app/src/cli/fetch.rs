//! `starboard fetch`.

use std::path::PathBuf;

use anyhow::Context;
use chrono::{DateTime, NaiveDate, Utc};
use clap::Args;
use domain::Clock;
use upstream::{Connector, Window};

use super::Usage;
use crate::areas::activities::{self, take_in};
use crate::config::Config;
use crate::db::Db;
use crate::hub::Hub;
use crate::start::{self, Role};

/// Runs one connector once, now
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  starboard fetch jwst
  starboard fetch eso --from 2026-11-01 --to 2026-11-08
  starboard fetch jwst --file 20260817_report_20260814.txt --dry-run --json")]
pub(super) struct Fetch {
    /// The source: eso, hst, jwst, swift
    source: String,
    /// Only from this time on (UTC; a date or 2026-11-21T06:00:00Z)
    #[arg(long, value_parser = time)]
    from: Option<DateTime<Utc>>,
    /// Only before this time
    #[arg(long, value_parser = time)]
    to: Option<DateTime<Utc>>,
    /// Read a saved upstream answer instead of asking
    #[arg(long, conflicts_with_all = ["from", "to"])]
    file: Option<PathBuf>,
    /// Change nothing; tell what would change
    #[arg(long)]
    dry_run: bool,
    /// Machine output
    #[arg(long)]
    json: bool,
}

impl Fetch {
    pub(super) async fn run(self, mut config: Config) -> anyhow::Result<()> {
        let connector = connector(&self.source)?;
        let window = self.window()?;
        // A dry run leaves no file behind.
        if self.dry_run && config.sqlite_file().is_some_and(|file| !file.exists()) {
            config.database_url = "sqlite::memory:".to_owned();
        }
        // An unreadable answer is told before any database is touched.
        let read = match &self.file {
            None => None,
            Some(file) => {
                let body =
                    std::fs::read(file).with_context(|| format!("reading {}", file.display()))?;
                let name = file.file_name().unwrap_or_default().to_string_lossy();
                Some(connector.read(&name, &body, Utc::now())?)
            }
        };
        let hub = hub(config).await?;
        let report = match read {
            Some(harvest) if self.dry_run => {
                take_in::rehearse(&hub, connector.profile().name, &harvest).await?
            }
            Some(harvest) => activities::take_file(&hub, connector, &harvest).await?,
            None if self.dry_run => activities::rehearse(&hub, connector, window).await?,
            None => activities::harvest(&hub, connector, window).await?,
        };
        if self.json {
            println!("{}", serde_json::to_string(&report)?);
        } else {
            self.tell(&report);
        }
        Ok(())
    }

    fn window(&self) -> anyhow::Result<Option<Window>> {
        match (self.from, self.to) {
            (None, None) => Ok(None),
            (Some(from), to) => {
                let to = to.unwrap_or_else(Utc::now);
                if to <= from {
                    return Err(Usage(format!("--to {to} is not after --from {from}")).into());
                }
                Ok(Some(Window { from, to }))
            }
            (None, Some(_)) => Err(Usage("--to needs --from".to_owned()).into()),
        }
    }

    fn tell(&self, report: &take_in::Report) {
        let counts = report.counts;
        println!(
            "{}{}: {} rows read, {} activities: {} new, {} changed, {} unchanged, {} withdrawn",
            if self.dry_run { "dry run, " } else { "" },
            report.source,
            report.read,
            report.activities,
            counts.new,
            counts.changed,
            counts.unchanged,
            counts.withdrawn
        );
        for (reason, rows) in &report.skipped {
            println!("left out: {rows} rows, {reason}");
        }
        for row in &report.unreadable {
            println!("unreadable: {row}");
        }
    }
}

/// The connector of this name.
pub(super) fn connector(name: &str) -> anyhow::Result<&'static dyn Connector> {
    let names: Vec<_> = registry::ALL.iter().map(|c| c.profile().name).collect();
    registry::find(name)
        .ok_or_else(|| Usage(format!("no source {name:?}; it takes {}", names.join(", "))).into())
}

/// A hub for one command: no tasks run, and another process may use the same SQLite file.
async fn hub(config: Config) -> anyhow::Result<Hub> {
    let in_memory = config.database_url == "sqlite::memory:";
    let fresh = in_memory || config.sqlite_file().is_some_and(|file| !file.exists());
    let db = Db::connect(&config.database_url).await?;
    if fresh {
        crate::schema::migrate(&db).await?;
    }
    crate::schema::check(&db).await?;
    let queue = start::queue(&config).await?;
    if fresh {
        queue.migrate().await?;
    }
    Ok(
        start::assemble(config, Role::Worker, Clock::system(), db, queue)
            .await?
            .hub,
    )
}

/// A time, or a date meaning its midnight.
fn time(text: &str) -> Result<DateTime<Utc>, String> {
    let date = || {
        let date: NaiveDate = text.parse().ok()?;
        Some(date.and_hms_opt(0, 0, 0)?.and_utc())
    };
    text.parse()
        .ok()
        .or_else(date)
        .ok_or_else(|| format!("{text:?} is no time; it takes 2026-11-21 or 2026-11-21T06:00:00Z"))
}
