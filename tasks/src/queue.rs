//! The face of the queue: push, look, mend.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use chrono::Utc;

use crate::bell::Bells;
use crate::job::Job;
use crate::store::{Count, DeadJob, Migrations, NewJob, Postgres, Sqlite, Store, WHILE_QUEUED};

/// Where jobs wait. A clone is the same queue.
#[derive(Clone)]
pub struct Queue {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) bells: Bells,
}

impl Queue {
    /// The queue in this SQLite file, made if it is not there. It is a file of its own, not the
    /// hub's, and one process at a time may run [`crate::Workers`] on it.
    pub async fn sqlite(path: impl AsRef<Path>) -> Result<Self> {
        Ok(Self::over(Sqlite::open(path.as_ref()).await?))
    }

    /// A queue in a file of the system's temporary folder, already migrated, that goes away with
    /// its last clone.
    pub async fn temporary() -> Result<Self> {
        let queue = Self::over(Sqlite::temporary().await?);
        queue.migrate().await?;
        Ok(queue)
    }

    /// The queue in schema `apalis` of this PostgreSQL database, shared by all processes.
    pub async fn postgres(url: &str) -> Result<Self> {
        Ok(Self::over(Postgres::open(url).await?))
    }

    fn over(store: impl Store + 'static) -> Self {
        Self {
            store: Arc::new(store),
            bells: Bells::default(),
        }
    }

    /// Brings the queue's tables to this version. Does nothing when they are.
    pub async fn migrate(&self) -> Result<()> {
        self.store.migrate().await
    }

    /// How the queue's tables compare with this version, without touching them.
    pub async fn migrations(&self) -> Result<Migrations> {
        self.store.migrations().await
    }

    /// What keeps [`Queue::migrate`] from succeeding, a sentence each, for the operator.
    pub async fn missing_rights(&self) -> Result<Vec<String>> {
        self.store.missing_rights().await
    }

    /// Queues the job to run as soon as a worker is free.
    pub async fn push<J: Job>(&self, job: J) -> Result<()> {
        self.insert(&job, None, Duration::ZERO).await
    }

    /// Queues the job to run after the delay, in whole seconds, rounded up.
    pub async fn push_after<J: Job>(&self, job: J, delay: Duration) -> Result<()> {
        self.insert(&job, None, delay).await
    }

    /// Queues the job unless one of its name was ever queued with this key, as far back as
    /// finished jobs are kept (see [`Queue::prune`]). For "exactly one job per this fact".
    pub async fn push_once<J: Job>(&self, job: J, key: &str) -> Result<()> {
        self.insert(&job, Some(format!("once:{key}")), Duration::ZERO)
            .await
    }

    /// Queues the job unless one of its name and key waits or runs at this moment. The key is
    /// free again when that job is done or dead. For a sweeper that queues what "has no job".
    pub async fn push_unless_queued<J: Job>(&self, job: J, key: &str) -> Result<()> {
        self.insert(&job, Some(format!("{WHILE_QUEUED}{key}")), Duration::ZERO)
            .await
    }

    pub(crate) async fn insert<J: Job>(
        &self,
        job: &J,
        key: Option<String>,
        delay: Duration,
    ) -> Result<()> {
        let payload =
            serde_json::to_value(job).with_context(|| format!("writing {} as JSON", J::NAME))?;
        let run_at = if delay.is_zero() {
            Utc::now().timestamp()
        } else {
            due_in(delay)
        };
        let max_attempts = J::MAX_ATTEMPTS;
        self.store
            .push(NewJob {
                name: J::NAME,
                payload,
                key,
                max_attempts,
                run_at,
            })
            .await?;
        if delay.is_zero() {
            self.bells.ring(J::NAME);
        }
        Ok(())
    }

    /// How many jobs there are, by name and state, in that order.
    pub async fn counts(&self) -> Result<Vec<Count>> {
        self.store.counts().await
    }

    /// The jobs that will not run again by themselves, the latest death first.
    pub async fn dead(&self, limit: u32) -> Result<Vec<DeadJob>> {
        self.store.dead(limit).await
    }

    /// Gives a dead job all its attempts again and makes it due. False when no dead job has
    /// this id.
    pub async fn retry(&self, id: &str) -> Result<bool> {
        let name = self.store.retry(id).await?;
        if let Some(name) = &name {
            self.bells.ring(name);
        }
        Ok(name.is_some())
    }

    /// Forgets a dead job. False when no dead job has this id.
    pub async fn drop_dead(&self, id: &str) -> Result<bool> {
        self.store.drop_dead(id).await
    }

    /// Forgets jobs that were done or dead for longer than this; says how many. apalis never
    /// cleans up, so this runs nightly. Keys of [`Queue::push_once`] are forgotten with them.
    pub async fn prune(&self, older_than: Duration) -> Result<u64> {
        self.store
            .prune(Utc::now() - days_at_most(older_than), true)
            .await
    }

    /// Like [`Queue::prune`], but keeps the dead.
    pub async fn prune_done(&self, older_than: Duration) -> Result<u64> {
        self.store
            .prune(Utc::now() - days_at_most(older_than), false)
            .await
    }

    /// Closes the connections. Later calls fail.
    pub async fn close(&self) {
        self.store.close().await;
    }
}

impl AsRef<Queue> for Queue {
    fn as_ref(&self) -> &Queue {
        self
    }
}

/// Unix seconds after this delay from now, rounded up.
pub(crate) fn due_in(delay: Duration) -> i64 {
    due_after(Utc::now(), delay)
}

/// Unix seconds of the instant this long after another, rounded up.
pub(crate) fn due_after(instant: chrono::DateTime<Utc>, delay: Duration) -> i64 {
    let due = instant + days_at_most(delay);
    let part = i64::from(due.timestamp_subsec_nanos() > 0);
    due.timestamp() + part
}

/// The duration, or a hundred years if that is shorter: adding it to a date of today is safe.
fn days_at_most(duration: Duration) -> chrono::TimeDelta {
    const CENTURY: chrono::TimeDelta = chrono::TimeDelta::days(36_525);
    chrono::TimeDelta::from_std(duration)
        .unwrap_or(CENTURY)
        .min(CENTURY)
}
