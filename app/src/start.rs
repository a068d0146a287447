//! Putting a hub together from its settings.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use domain::Clock;
use tasks::Queue;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use upstream::{Options, Upstream};

use crate::areas::accounts::Passwords;
use crate::areas::activities::feed;
use crate::areas::activities::{Feed, Pages, event_log};
use crate::areas::observatories::Catalogue;
use crate::config::Config;
use crate::db::Db;
use crate::demo::Demo;
use crate::hub::{Hub, Parts};
use crate::mail::Mailer;
use crate::realtime::Bus;
use crate::schema;
use crate::secrets::Secrets;
use crate::webhook;

/// What a process does of the hub's work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Role {
    /// Everything.
    All,
    /// HTTP and live connections.
    Web,
    /// Clock, jobs, and later the matcher.
    Worker,
}

impl Role {
    /// Whether this process answers HTTP with the board.
    #[must_use]
    pub fn serves(self) -> bool {
        self != Role::Worker
    }

    /// Whether this process runs clock and jobs.
    #[must_use]
    pub fn works(self) -> bool {
        self != Role::Web
    }
}

/// A hub whose tasks have not begun.
pub struct Ready {
    /// The hub.
    pub hub: Hub,
    /// What its feed starts from.
    pub feed: feed::Start,
    /// Held as long as the process lives: one process an SQLite file.
    pub lock: Option<std::fs::File>,
}

/// Opens everything a hub needs. A fresh SQLite file is migrated; an older schema is refused.
///
/// # Errors
/// What is missing, and what to do about it.
pub async fn hub(config: Config, role: Role, clock: Clock) -> anyhow::Result<Ready> {
    let lock = config.sqlite_file().map(|file| lock(&file)).transpose()?;
    let db = Db::connect(&config.database_url).await?;
    if config.demo || schema::is_fresh(&db).await? {
        schema::migrate(&db).await?;
    }
    schema::check(&db).await?;
    let queue = queue(&config).await?;
    let standing = queue.migrations().await.context("looking at the queue")?;
    if config.demo || (db.is_sqlite() && standing.fresh) {
        queue.migrate().await.context("preparing the queue")?;
    } else if !standing.pending.is_empty() {
        bail!("the queue's tables are older than this version: run `starboard migrate`");
    }
    let parts = assemble(config, role, clock, db, queue).await?;
    Ok(Ready { lock, ..parts })
}

/// Puts a hub together on an open database and queue.
///
/// # Errors
/// What is missing.
pub async fn assemble(
    config: Config,
    role: Role,
    clock: Clock,
    db: Db,
    queue: Queue,
) -> anyhow::Result<Ready> {
    let shutdown = CancellationToken::new();
    let bus = match &config.redis_url {
        Some(url) => Bus::redis(url, shutdown.clone()).context("reading REDIS_URL")?,
        None => Bus::local(),
    };
    let demo = if config.demo {
        Some(Demo::load(clock.clone())?)
    } else {
        None
    };
    let upstream = match &demo {
        Some(demo) => demo.upstream(),
        None => Upstream::live(Options::new(config.public_url.clone(), clock.clone()))?,
    };
    let log = event_log::end(db.read()).await?.log;
    let (feed, start) = Feed::new();
    let mailer = Mailer::new(&config, db.clone())?;
    let secrets = Secrets::new(config.secret_key.as_deref());
    let webhooks = webhook::Caller::new(config.allow_private_webhooks)?;
    let hub = Hub::new(Parts {
        catalogue: Arc::new(Catalogue::load()?),
        config,
        role,
        db,
        bus,
        queue,
        clock,
        secrets,
        mailer,
        webhooks,
        passwords: Passwords::default(),
        upstream,
        feed,
        pages: Pages::default(),
        log,
        demo,
        clock_hand: Notify::new(),
        shutdown,
        connections: TaskTracker::new(),
    });
    Ok(Ready {
        hub,
        feed: start,
        lock: None,
    })
}

/// The queue: in a file beside the SQLite file, else in the same PostgreSQL database.
///
/// # Errors
/// Those of the database.
pub async fn queue(config: &Config) -> anyhow::Result<Queue> {
    match config.sqlite_file() {
        Some(file) => Queue::sqlite(beside(&file, "queue"))
            .await
            .context("opening the queue"),
        None if config.database_url.starts_with("sqlite:") => {
            Queue::temporary().await.context("opening the queue")
        }
        None => Queue::postgres(&config.database_url)
            .await
            .context("opening the queue"),
    }
}

/// `starboard.db` → `starboard.queue.db`.
#[must_use]
pub fn beside(file: &Path, what: &str) -> PathBuf {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    file.with_file_name(format!("{stem}.{what}.db"))
}

/// Takes the lock of an SQLite file: one process only.
fn lock(file: &Path) -> anyhow::Result<std::fs::File> {
    let path = file.with_extension("lock");
    let lock = std::fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .with_context(|| format!("opening {}", path.display()))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(std::fs::TryLockError::WouldBlock) => Err(OneProcess(file.to_owned()).into()),
        Err(std::fs::TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("locking {}", path.display()))
        }
    }
}

/// A second process on one SQLite file.
#[derive(Debug, thiserror::Error)]
#[error(
    "another process already uses {}: SQLite serves one process only; for several, set DATABASE_URL \
     to a PostgreSQL database", .0.display()
)]
pub struct OneProcess(PathBuf);

/// How long live connections get to say good-bye.
pub const FAREWELL: Duration = Duration::from_secs(5);
