//! Queues recurring jobs when their time comes.

use std::time::Duration;

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio::time::sleep;
use tracing::{debug, warn};

use crate::job::Job;
use crate::queue::Queue;
use crate::schedule::{Schedule, fingerprint};
use crate::store::NewJob;

/// Longest sleep between looks at the clock, so that a clock that was set, or a laptop that
/// slept, is noticed.
const LONGEST_SLEEP: Duration = Duration::from_secs(5);

/// A job and when it recurs.
pub(crate) struct Recurring {
    pub(crate) name: &'static str,
    max_attempts: u32,
    schedule: Schedule,
    make: Box<dyn Fn() -> Result<Value> + Send + Sync>,
}

impl Recurring {
    pub(crate) fn new<J: Job>(
        schedule: Schedule,
        make: impl Fn() -> J + Send + Sync + 'static,
    ) -> Self {
        let make = move || {
            serde_json::to_value(make()).with_context(|| format!("writing {} as JSON", J::NAME))
        };
        Self {
            name: J::NAME,
            max_attempts: J::MAX_ATTEMPTS,
            schedule,
            make: Box::new(make),
        }
    }

    async fn push(&self, queue: &Queue, tick: DateTime<Utc>) -> Result<()> {
        let payload = (self.make)()?;
        if queue.store.is_queued(self.name, &payload).await? {
            debug!("Skipped a tick of {}, the last one is not over", self.name);
            return Ok(());
        }
        let job = NewJob {
            name: self.name,
            key: Some(key(tick, &payload)),
            payload,
            max_attempts: self.max_attempts,
            run_at: Utc::now().timestamp(),
        };
        queue.store.push(job).await?;
        queue.bells.ring(self.name);
        Ok(())
    }
}

/// One job per tick among all processes; different jobs of one name may share a tick.
fn key(tick: DateTime<Utc>, payload: &Value) -> String {
    let job = fingerprint(payload.to_string().as_bytes());
    format!("tick:{}:{job:016x}", tick.timestamp())
}

/// Queues every job at its ticks, for ever.
pub(crate) async fn tick(queue: &Queue, recurring: Vec<Recurring>) {
    let mut clock = Clock::start(&recurring, Utc::now());
    loop {
        for (recurring, tick) in clock.due(&recurring, Utc::now()) {
            if let Err(error) = recurring.push(queue, tick).await {
                warn!("Cannot queue {} of {tick}: {error:#}", recurring.name);
            }
        }
        sleep(clock.pause(Utc::now())).await;
    }
}

/// The next tick of each recurring job. Pure: takes the time from outside.
struct Clock {
    next: Vec<Option<DateTime<Utc>>>,
}

impl Clock {
    fn start(recurring: &[Recurring], now: DateTime<Utc>) -> Self {
        let first = |schedule: &Schedule| {
            if schedule.catches_up() {
                schedule.last(now)
            } else {
                schedule.next(now)
            }
        };
        Self {
            next: recurring
                .iter()
                .map(|recurring| first(&recurring.schedule))
                .collect(),
        }
    }

    /// What is due, at most one tick of each, the latest one. A clock set back repeats none.
    fn due<'a>(
        &mut self,
        recurring: &'a [Recurring],
        now: DateTime<Utc>,
    ) -> Vec<(&'a Recurring, DateTime<Utc>)> {
        let mut due = Vec::new();
        for (recurring, next) in recurring.iter().zip(&mut self.next) {
            let Some(planned) = next.filter(|tick| *tick <= now) else {
                continue;
            };
            due.push((recurring, recurring.schedule.last(now).unwrap_or(planned)));
            *next = recurring.schedule.next(now);
        }
        due
    }

    fn pause(&self, now: DateTime<Utc>) -> Duration {
        let first = self.next.iter().flatten().min();
        let until = first.map_or(LONGEST_SLEEP, |tick| {
            (*tick - now).to_std().unwrap_or_default()
        });
        until.min(LONGEST_SLEEP)
    }
}
