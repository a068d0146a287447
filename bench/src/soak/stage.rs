//! What a soak stands on: a database, a Redis, the real binary playing its demo, and a writer.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use app::areas::activities::{Telling, apply, event_log};
use app::config::Config;
use app::db::{Db, sql};
use app::hub::Hub;
use app::start::{Role, assemble};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{Clock, Record};
use sea_orm::ConnectionTrait;
use tasks::Queue;
use tokio::time::{MissedTickBehavior, interval};

use crate::activities::record;
use crate::bed::{Bed, Kind, kept};
use crate::leash::Leashed;
use crate::postgres::free_port;
use crate::redis::Redis;
use crate::sky::Sky;
use crate::start::is_ready;

/// The secret of everybody here.
const SECRET: &str = "a secret of benches and of nothing else";
/// What the server under test calls itself to the database.
const NAME: &str = "soaked";
/// Longest the server may take until it is ready.
const PATIENCE: Duration = Duration::from_secs(60);

/// Everything a soak runs on; gone with its value.
pub(super) struct Stage {
    /// The server under test.
    pub(super) server: Leashed,
    /// Its port.
    pub(super) port: u16,
    /// A hub beside it, on the same database and Redis, that runs nothing.
    pub(super) hub: Hub,
    _redis: Redis,
    _bed: Bed,
}

impl Stage {
    /// Starts everything and waits until the server is ready.
    pub(super) async fn set(binary: &Path) -> anyhow::Result<Stage> {
        let mut bed = Bed::new("soak")?;
        let database = bed.fresh(Kind::Postgres).await?;
        let redis = Redis::start()?;
        let redis_url = redis.url();
        let port = free_port()?;
        let log = log()?;
        let mut command = Command::new(binary);
        command
            .args(["demo", "--database", &database, "--redis", &redis_url])
            .current_dir(kept()?)
            .env_clear()
            .env("SECRET_KEY", SECRET)
            .env("BIND", "127.0.0.1")
            .env("PORT", port.to_string())
            .env("PGAPPNAME", NAME)
            .env("RUST_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&log)?);
        let mut server = Leashed::spawn(&mut command)?;
        let begun = Instant::now();
        while !is_ready(port) {
            if let Some(status) = server.ended()? {
                let text = std::fs::read_to_string(&log).unwrap_or_default();
                bail!("`starboard demo`: {status}: {text}");
            }
            ensure!(begun.elapsed() < PATIENCE, "`starboard demo` is not ready");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let hub = beside(&database, &redis_url).await?;
        Ok(Stage {
            server,
            port,
            hub,
            _redis: redis,
            _bed: bed,
        })
    }

    /// Connections the server has to the database.
    pub(super) async fn connections(&self) -> anyhow::Result<i64> {
        let db = self.hub.db.read();
        let text = "select count(*) as open from pg_stat_activity where application_name = $1";
        let row = db.query_one_raw(sql(db, text, vec![NAME.into()])).await?;
        Ok(row.context("a row")?.try_get("", "open")?)
    }

    /// The end of the log.
    pub(super) async fn end(&self) -> anyhow::Result<i64> {
        Ok(event_log::end(self.hub.db.own()).await?.seq)
    }
}

/// Where the server writes what it has to say: kept after the soak.
pub(super) fn log() -> anyhow::Result<PathBuf> {
    Ok(kept()?.join("soak.log"))
}

async fn beside(database: &str, redis: &str) -> anyhow::Result<Hub> {
    let config = Config::read(|name| {
        let value = match name {
            "DATABASE_URL" => database,
            "REDIS_URL" => redis,
            "SECRET_KEY" => SECRET,
            _ => return None,
        };
        Some(value.to_owned())
    })?;
    let db = Db::connect(database).await?;
    let queue = Queue::temporary().await?;
    let ready = assemble(config, Role::Worker, Clock::system(), db, queue).await?;
    Ok(ready.hub)
}

/// Writes so many events a second, each in a transaction of its own, until it is dropped or fails.
/// What is written is far ahead, so that the clock has no part in it; every third event is a change
/// of the activity before.
pub(super) async fn write(hub: Hub, rate: u32, written: Arc<AtomicU64>) -> anyhow::Result<()> {
    let sky = Sky::new();
    let begun = Utc::now();
    let mut beat = interval(Duration::from_secs(1) / rate);
    beat.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for number in 0.. {
        beat.tick().await;
        let record = telling(number, begun, &sky);
        let telling = Telling {
            source: "bench",
            backfill: false,
            demo: true,
            lease: None,
        };
        let counts = apply(&hub, telling, &[&record]).await?;
        ensure!(counts.new + counts.changed == 1, "no event: {counts:?}");
        written.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

fn telling(number: u64, begun: DateTime<Utc>, sky: &Sky) -> Record {
    let (which, late) = match number % 3 {
        2 => (number - 1, TimeDelta::hours(1)),
        _ => (number, TimeDelta::zero()),
    };
    // Even numbers are plan lines.
    let mut record = record(which * 2, sky);
    let lasting = record.facts.t_max.zip(record.facts.t_min);
    let lasting = lasting.map_or(TimeDelta::hours(1), |(end, start)| end - start);
    let seconds = i64::try_from(which % 1_000_000).unwrap_or(0);
    let start = begun + TimeDelta::days(30) + TimeDelta::seconds(seconds) + late;
    record.facts.t_min = Some(start);
    record.facts.t_max = Some(start + lasting);
    record
}
