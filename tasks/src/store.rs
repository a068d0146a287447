//! Where jobs are kept: one face for SQLite and PostgreSQL.
//!
//! apalis gives the tables, their migrations, the insert, the atomic fetch, heartbeats and the
//! recovery of jobs whose worker fell silent. How a job ended is written by us, in one statement
//! fenced by the lock: apalis' own acknowledgement is queued in memory and lost with the process,
//! its delayed retries keep the lock for ever on SQLite and lose their delay on PostgreSQL.

mod postgres;
mod sqlite;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use ulid::{Generator, Ulid};

use crate::bell::{Bell, Bells};
use crate::seat::Seat;

pub(crate) use self::postgres::Postgres;
pub(crate) use self::sqlite::Sqlite;

/// How often a worker says that it lives.
pub(crate) const HEARTBEAT: Duration = Duration::from_secs(10);
/// Missed heartbeats after which the jobs of a worker are given to another.
pub(crate) const MISSED_HEARTBEATS: usize = 3;
/// A key that is forgotten when its job is over, unlike the others.
pub(crate) const WHILE_QUEUED: &str = "queued:";

/// A queue's tables in one database.
#[async_trait]
pub(crate) trait Store: Send + Sync {
    async fn migrate(&self) -> Result<()>;
    async fn migrations(&self) -> Result<Migrations>;
    /// What `migrate` would not be allowed or able to do, in sentences.
    async fn missing_rights(&self) -> Result<Vec<String>>;

    /// Stores a job; a job of that name and key that is already there makes it a no-op.
    async fn push(&self, job: NewJob) -> Result<()>;
    /// Whether an equal job waits or runs.
    async fn is_queued(&self, name: &str, payload: &Value) -> Result<bool>;

    /// Locks the first job due at that instant. Drains only; workers fetch through apalis.
    async fn take(&self, names: &[&str], worker: &str, now: i64) -> Result<Option<Taken>>;
    /// Writes down how a job ended. False when the lock was lost: another worker has it now.
    async fn settle(&self, id: &str, worker: &str, ended: &Ended) -> Result<bool>;
    /// Makes a worker known that is not run by apalis.
    async fn enlist(&self, worker: &str) -> Result<()>;
    /// Gives back what these workers still hold, without counting an attempt, and forgets them.
    async fn dismiss(&self, workers: &[String]) -> Result<()>;
    /// Gives back what workers of other, dead processes hold where that can be known at once.
    async fn recover(&self, process: &str) -> Result<u64>;

    /// Runs one apalis worker until cancelled, then until its running jobs are over.
    async fn work(
        &self,
        worker: &str,
        seat: Arc<dyn Seat>,
        bell: Bell,
        cancel: CancellationToken,
    ) -> Result<()>;
    /// Rings the bells of queues with due jobs, for ever.
    async fn watch(&self, names: &[&str], bells: &Bells);

    async fn counts(&self) -> Result<Vec<Count>>;
    async fn dead(&self, limit: u32) -> Result<Vec<DeadJob>>;
    async fn retry(&self, id: &str) -> Result<Option<String>>;
    async fn drop_dead(&self, id: &str) -> Result<bool>;
    async fn prune(&self, before: DateTime<Utc>, dead_too: bool) -> Result<u64>;
    async fn close(&self);
}

/// A job on its way into the queue.
pub(crate) struct NewJob {
    pub(crate) name: &'static str,
    pub(crate) payload: Value,
    pub(crate) key: Option<String>,
    pub(crate) max_attempts: u32,
    /// Unix seconds, as the tables keep it.
    pub(crate) run_at: i64,
}

/// A job locked by one of our workers.
pub(crate) struct Taken {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) payload: Value,
    /// Attempts that failed before this one.
    pub(crate) attempts: u32,
}

/// The row of a job that is over, or waits again.
pub(crate) struct Ended {
    pub(crate) state: State,
    pub(crate) attempts: u32,
    /// Unix seconds of the next attempt, if there is one.
    pub(crate) run_at: Option<i64>,
    pub(crate) error: Option<String>,
}

impl Ended {
    /// apalis' word for the state the row goes into.
    fn status(&self) -> &'static str {
        match self.state {
            State::Waiting | State::Retrying => "Pending",
            State::Running => "Queued",
            State::Done => "Done",
            State::Dead => "Killed",
        }
    }

    fn is_over(&self) -> bool {
        matches!(self.state, State::Done | State::Dead)
    }

    /// apalis keeps results in the JSON form of a `Result`. PostgreSQL takes no NUL in JSON.
    fn result(&self) -> Option<Value> {
        match (&self.error, self.state) {
            (Some(error), _) => Some(serde_json::json!({ "Err": error.replace('\0', "") })),
            (None, State::Done) => Some(serde_json::json!({ "Ok": null })),
            (None, _) => None,
        }
    }
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Due, or due later; it never failed.
    Waiting,
    /// Failed before and waits for its next attempt.
    Retrying,
    /// A worker has it.
    Running,
    /// Succeeded, and kept until pruned.
    Done,
    /// Out of attempts or given up, and kept until a person retries or drops it.
    Dead,
}

impl State {
    fn read(word: &str) -> Self {
        match word {
            "waiting" => Self::Waiting,
            "retrying" => Self::Retrying,
            "running" => Self::Running,
            "done" => Self::Done,
            _ => Self::Dead,
        }
    }
}

/// How many jobs of one name are in one state.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Count {
    /// The job's `NAME`, also of jobs this version no longer knows.
    pub name: String,
    /// Their common state.
    pub state: State,
    /// How many there are, at least one.
    pub jobs: u64,
}

/// A job that will not run again by itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeadJob {
    /// What `retry` and `drop_dead` take.
    pub id: String,
    /// The job's `NAME`.
    pub name: String,
    /// Its fields.
    pub payload: Value,
    /// How often it was tried.
    pub attempts: u32,
    /// Why its last attempt failed.
    pub error: Option<String>,
    /// When its last attempt failed.
    pub died_at: Option<DateTime<Utc>>,
}

/// How the queue's tables compare with this version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Migrations {
    /// Steps that this version has and the database has not, oldest first.
    pub pending: Vec<String>,
    /// Steps that the database has and this version does not know: a newer version ran here.
    pub unknown: Vec<String>,
    /// No version ever ran here.
    #[serde(skip)]
    pub fresh: bool,
}

impl Migrations {
    /// Neither older nor newer than this version.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.pending.is_empty() && self.unknown.is_empty()
    }

    /// Compares the steps of this version with the versions found in the database's ledger.
    pub(crate) fn compare(ours: &sqlx::migrate::Migrator, applied: &[i64]) -> Self {
        let known: Vec<_> = ours
            .iter()
            .filter(|step| step.migration_type.is_up_migration())
            .collect();
        let pending = known
            .iter()
            .filter(|step| !applied.contains(&step.version))
            .map(|step| format!("{} {}", step.version, step.description))
            .collect();
        let unknown = applied
            .iter()
            .filter(|version| !known.iter().any(|step| step.version == **version))
            .map(ToString::to_string)
            .collect();
        Self {
            pending,
            unknown,
            fresh: applied.is_empty(),
        }
    }
}

/// The error text in a stored result, if it is one.
fn error_in(result: Option<Value>) -> Option<String> {
    result?.get("Err")?.as_str().map(str::to_owned)
}

/// Ids in the order of pushing, also within a millisecond, so that a drain is deterministic.
fn new_id() -> String {
    static IDS: Mutex<Generator> = Mutex::new(Generator::new());
    let mut ids = IDS.lock().unwrap_or_else(PoisonError::into_inner);
    let id = ids.generate().unwrap_or_else(|_| Ulid::generate());
    id.to_string()
}
