//! Running due jobs here and now, for tests and for commands.

use anyhow::{Result, ensure};
use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::kind::Outcome;
use crate::queue::due_after;
use crate::workers::{Workers, worker_name};

/// Jobs that keep queueing jobs would drain for ever; past this many it is an error.
const MOST: usize = 10_000;

/// One job that a drain has run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ran {
    /// The job's `NAME`.
    pub name: String,
    /// Its id in the queue.
    pub id: String,
    /// Which try this was, counted from 1.
    pub attempt: u32,
    /// How it ended.
    pub outcome: Outcome,
}

impl<H: Clone + Send + Sync + 'static> Workers<H> {
    /// Runs every due job in this task, one after the other in the order of their time and then
    /// of their pushing, until none is due; those they push included. Recurring jobs do not tick.
    pub async fn drain(&self) -> Result<Vec<Ran>> {
        self.drain_until(Utc::now()).await
    }

    /// Like [`Workers::drain`] as if it were that time: delayed jobs and retries that are due by
    /// then run too. What is put off here is put off from that time, and no job runs twice in
    /// one drain.
    pub async fn drain_until(&self, now: DateTime<Utc>) -> Result<Vec<Ran>> {
        self.check()?;
        let worker = worker_name("drain");
        let store = &self.queue.store;
        store.enlist(&worker).await?;
        let ran = self.drain_as(&worker, now).await;
        store.dismiss(&[worker]).await?;
        ran
    }

    async fn drain_as(&self, worker: &str, now: DateTime<Utc>) -> Result<Vec<Ran>> {
        let store = &self.queue.store;
        let names: Vec<&str> = self.kinds.iter().map(|kind| kind.name).collect();
        let mut ran = Vec::new();
        let mut put_off = Vec::new();
        // Jobs pushed while draining are due at the second of their pushing.
        let horizon = || now.max(Utc::now());
        while let Some(taken) = store.take(&names, worker, horizon().timestamp()).await? {
            let Some(kind) = self.kinds.iter().find(|kind| kind.name == taken.name) else {
                continue;
            };
            ensure!(
                ran.len() < MOST,
                "{} and others keep queueing jobs",
                taken.name
            );
            let outcome = kind.run(&taken, self.hub.clone()).await;
            let ended = outcome.ended(taken.attempts, |delay| due_after(horizon(), delay));
            match outcome {
                Outcome::Done | Outcome::Dead { .. } => {
                    store.settle(&taken.id, worker, &ended).await?;
                }
                // Kept locked until the end, or a slow drain would run it a second time.
                Outcome::Later(_) | Outcome::Retry { .. } => {
                    put_off.push((taken.id.clone(), ended))
                }
            }
            let attempt = taken.attempts.saturating_add(1);
            ran.push(Ran {
                name: taken.name,
                id: taken.id,
                attempt,
                outcome,
            });
        }
        for (id, ended) in put_off {
            store.settle(&id, worker, &ended).await?;
        }
        Ok(ran)
    }
}
