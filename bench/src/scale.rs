//! What one, two and four machines cost: each process that serves and each that works, as their
//! number grows, on one PostgreSQL and one Redis.
//!
//! All of them share this machine, so this says what a part costs, not how much faster many are.

mod load;
mod process;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};
use app::areas::activities::{Telling, apply};
use app::db::{Db, sql};
use app::hub::Hub;
use domain::{Clock, Record};
use sea_orm::ConnectionTrait;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};

use self::load::{connect, subscribe};
use self::process::Process;
use crate::Options;
use crate::activities::record;
use crate::bed::{self, Bed, Kind};
use crate::measure::Figure;
use crate::redis::Redis;
use crate::sky::Sky;
use crate::start;

/// Processes of each role.
const MACHINES: [usize; 3] = [1, 2, 4];
/// Clients, spread over the processes that serve.
const CLIENTS: usize = 200;
/// Subscriptions, each to a cone of a degree; told of withdrawals only, so that they are matched and
/// nothing is sent.
const SUBSCRIPTIONS: usize = 50_000;
/// How long nothing happens while that is measured.
const IDLE: Duration = Duration::from_secs(5);
/// How long they may settle before.
const SETTLE: Duration = Duration::from_secs(2);
/// Events of a load, and how many a second.
const EVENTS: u64 = 300;
const RATE: u32 = 50;
/// Longest wait for processes to catch up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Every number of machines, once.
pub(crate) async fn run(_: &Options) -> anyhow::Result<Vec<Figure>> {
    let starboard = start::build()?;
    let sky = Sky::new();
    let mut bed = Bed::new("scale")?;
    let mut figures = Vec::new();
    for machines in MACHINES {
        let url = bed.fresh(Kind::Postgres).await?;
        let redis = Redis::start()?;
        let stage = Stage::new(url, redis, &starboard).await?;
        figures.extend(stage.measure(machines, &sky).await?);
        stage.close().await;
    }
    Ok(figures)
}

/// What is counted from outside.
#[derive(Clone, Copy)]
struct Counts {
    /// Statements of the database that stand alone, and transactions of several.
    transactions: f64,
    /// Commands that Redis got.
    commands: f64,
}

struct Stage {
    url: String,
    redis: Redis,
    starboard: PathBuf,
    writer: Hub,
    db: Db,
}

impl Stage {
    async fn new(url: String, redis: Redis, starboard: &Path) -> anyhow::Result<Stage> {
        process::migrate(starboard, &url)?;
        let redis_url = redis.url();
        let settings = [("REDIS_URL", redis_url.as_str())];
        let writer = bed::hub_with(&url, Clock::system(), &settings).await?;
        subscribe(&writer, SUBSCRIPTIONS).await?;
        Ok(Stage {
            db: Db::connect(&url).await?,
            starboard: starboard.to_owned(),
            url,
            redis,
            writer,
        })
    }

    async fn close(self) {
        self.db.close().await;
        bed::close(self.writer).await;
    }

    async fn start(&self, role: &str, machines: usize) -> anyhow::Result<Vec<Process>> {
        let mut processes = Vec::new();
        for _ in 0..machines {
            let process = Process::start(&self.starboard, role, &self.url, &self.redis.url())?;
            process.ready().await?;
            processes.push(process);
        }
        Ok(processes)
    }

    #[expect(clippy::cast_precision_loss, reason = "a few thousand events")]
    async fn measure(&self, machines: usize, sky: &Sky) -> anyhow::Result<Vec<Figure>> {
        let n = machines as f64;
        let mut figures = Vec::new();
        let mut tell = |what: &str, unit, value: f64| {
            let measure = format!("scale: {what}, n = {machines}");
            figures.push(Figure::new(measure, unit, vec![value]));
        };
        let alone = self.a_second(IDLE).await?;
        let webs = self.start("web", machines).await?;
        let with_webs = self.a_second(IDLE).await?;
        let workers = self.start("worker", machines).await?;
        self.all_have_parts(machines).await?;
        let with_all = self.a_second(IDLE).await?;
        if machines == 1 {
            let one = cpu(&workers)? / SUBSCRIPTIONS as f64;
            tell(
                "CPU of a worker for a subscription it takes over",
                "us",
                one,
            );
        }
        let each = |of: f64, without: f64| (of - without) / n;
        tell(
            "database: transactions a second of an idle web process",
            "1/s",
            each(with_webs.transactions, alone.transactions),
        );
        tell(
            "database: transactions a second of an idle worker",
            "1/s",
            each(with_all.transactions, with_webs.transactions),
        );
        tell(
            "commands a second to Redis of all processes, idle",
            "1/s",
            with_all.commands,
        );

        // Without clients: what it takes to know of an event.
        let before = (cpu(&webs)?, cpu(&workers)?, self.counts().await?);
        let end = self.events(0, sky).await?;
        self.caught_up(end).await?;
        let after = (cpu(&webs)?, cpu(&workers)?, self.counts().await?);
        let events = EVENTS as f64;
        let to_know = (after.0 - before.0) / n / events;
        tell("CPU of a web process for an event", "us", to_know);
        tell(
            "CPU of a worker for an event (reading, matching, clock)",
            "us",
            (after.1 - before.1) / n / events,
        );
        tell(
            "database: transactions for an event, all processes and the writer",
            "",
            (after.2.transactions - before.2.transactions) / events,
        );
        tell(
            "commands to Redis for an event",
            "",
            (after.2.commands - before.2.commands) / events,
        );

        // With clients: what each frame takes besides.
        let frames = Arc::new(AtomicU64::new(0));
        let clients = connect(&webs, CLIENTS, &frames).await?;
        frames.store(0, Ordering::Relaxed);
        let before = cpu(&webs)?;
        self.events(EVENTS, sky).await?;
        let all = EVENTS * CLIENTS as u64;
        timeout(PATIENCE, async {
            while frames.load(Ordering::Relaxed) < all {
                sleep(Duration::from_millis(5)).await;
            }
        })
        .await
        .context("waiting for the last frame")?;
        let for_frames = cpu(&webs)? - before - to_know * n * events;
        tell(
            "CPU of a web process for a frame delivered",
            "us",
            for_frames / all as f64,
        );
        drop(clients);

        let resident = |processes: &[Process]| -> anyhow::Result<f64> {
            let mut sum = 0.0;
            for process in processes {
                sum += start::resident(process.id())?;
            }
            Ok(sum / n)
        };
        tell("memory of a web process", "MiB", resident(&webs)?);
        tell("memory of a worker", "MiB", resident(&workers)?);
        tell(
            "connections to PostgreSQL of a process",
            "",
            self.connections().await? / n / 2.0,
        );
        Ok(figures)
    }

    /// Tells of so many new activities at a steady rate; answers the log's end.
    async fn events(&self, first: u64, sky: &Sky) -> anyhow::Result<i64> {
        let telling = Telling {
            source: "bench",
            backfill: false,
            demo: false,
            lease: None,
        };
        let mut turns = interval(Duration::from_secs(1) / RATE);
        turns.set_missed_tick_behavior(MissedTickBehavior::Burst);
        for number in first..first + EVENTS {
            turns.tick().await;
            let told: Record = record(number, sky);
            apply(&self.writer, telling, &[&told]).await?;
        }
        self.number("select seq as n from event_counter where id = 1")
            .await
    }

    /// Waits until every part of the subscriptions has read the log up to here.
    async fn caught_up(&self, end: i64) -> anyhow::Result<()> {
        let begun = Instant::now();
        let text = "select min(seq) as n from matcher_cursors";
        while self.number(text).await? < end {
            ensure!(begun.elapsed() < PATIENCE, "the workers do not catch up");
            sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Waits until each worker has its share of the parts.
    async fn all_have_parts(&self, workers: usize) -> anyhow::Result<()> {
        let begun = Instant::now();
        let text = "select case when sum(n) = 64 then count(*) else 0 end as n from (\
            select count(*) as n from leases where name like 'subscriptions:%' \
            and until > clock_timestamp() group by holder) held";
        while self.number(text).await? != i64::try_from(workers)? {
            ensure!(begun.elapsed() < PATIENCE, "the parts are not divided");
            sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    async fn number(&self, text: &str) -> anyhow::Result<i64> {
        let db = self.db.own();
        let row = db.query_one_raw(sql(db, text, vec![])).await?;
        Ok(row.context("a row")?.try_get("", "n")?)
    }

    #[expect(clippy::cast_precision_loss, reason = "a few million")]
    async fn counts(&self) -> anyhow::Result<Counts> {
        // Sessions report once a second. What is rolled back is left out: each connection that comes
        // back to its pool leaves an empty transaction.
        sleep(Duration::from_millis(1_100)).await;
        let text =
            "select xact_commit as n from pg_stat_database where datname = current_database()";
        Ok(Counts {
            transactions: self.number(text).await? as f64,
            commands: self.redis.commands()?,
        })
    }

    async fn a_second(&self, over: Duration) -> anyhow::Result<Counts> {
        sleep(SETTLE).await;
        let (begun, before) = (Instant::now(), self.counts().await?);
        sleep(over).await;
        let after = self.counts().await?;
        let seconds = begun.elapsed().as_secs_f64() - 1.1;
        Ok(Counts {
            transactions: (after.transactions - before.transactions) / seconds,
            commands: (after.commands - before.commands) / seconds,
        })
    }

    /// Connections but for those of this process.
    #[expect(clippy::cast_precision_loss, reason = "a few dozen")]
    async fn connections(&self) -> anyhow::Result<f64> {
        let all = "select count(*) as n from pg_stat_activity where datname = current_database()";
        let ours = |db: &Db| {
            let sizes =
                [db.own(), db.read()].map(|pool| pool.get_postgres_connection_pool().size());
            i64::from(sizes[0] + sizes[1])
        };
        let ours = ours(&self.db) + ours(&self.writer.db);
        Ok((self.number(all).await? - ours) as f64)
    }
}

/// CPU time of these processes, microseconds.
fn cpu(processes: &[Process]) -> anyhow::Result<f64> {
    let mut sum = 0.0;
    for process in processes {
        sum += process.cpu()?;
    }
    Ok(sum)
}
