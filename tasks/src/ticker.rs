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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::conformance::jobs::Say;

    fn at(time: &str) -> DateTime<Utc> {
        format!("2026-11-21T{time}Z").parse().unwrap()
    }

    fn hourly(catches_up: bool) -> Vec<Recurring> {
        let schedule = Schedule::every(Duration::from_secs(3600));
        let schedule = if catches_up {
            schedule.catching_up()
        } else {
            schedule
        };
        vec![Recurring::new(schedule, || Say::word("tick"))]
    }

    fn ticks(clock: &mut Clock, recurring: &[Recurring], now: &str) -> Vec<DateTime<Utc>> {
        clock
            .due(recurring, at(now))
            .into_iter()
            .map(|(_, tick)| tick)
            .collect()
    }

    #[test]
    fn a_tick_comes_once_at_its_time() {
        let recurring = hourly(false);
        let mut clock = Clock::start(&recurring, at("08:41:27"));

        assert!(ticks(&mut clock, &recurring, "08:59:59").is_empty());
        assert_eq!(ticks(&mut clock, &recurring, "09:00:00"), [at("09:00:00")]);
        assert!(ticks(&mut clock, &recurring, "09:00:01").is_empty());
        assert!(ticks(&mut clock, &recurring, "08:59:59").is_empty());
        assert_eq!(ticks(&mut clock, &recurring, "10:00:03"), [at("10:00:00")]);
    }

    #[test]
    fn of_the_ticks_that_were_slept_through_only_the_last_comes() {
        let recurring = hourly(false);
        let mut clock = Clock::start(&recurring, at("08:41:27"));

        assert_eq!(ticks(&mut clock, &recurring, "15:20:00"), [at("15:00:00")]);
        assert!(ticks(&mut clock, &recurring, "15:20:01").is_empty());
    }

    #[test]
    fn catching_up_takes_the_last_tick_before_the_start() {
        let recurring = hourly(true);
        let mut clock = Clock::start(&recurring, at("08:41:27"));

        assert_eq!(ticks(&mut clock, &recurring, "08:41:27"), [at("08:00:00")]);
        assert!(ticks(&mut clock, &recurring, "08:41:28").is_empty());
    }

    #[test]
    fn the_pause_ends_at_the_tick_and_is_never_long() {
        let recurring = hourly(false);
        let clock = Clock::start(&recurring, at("08:41:27"));

        assert_eq!(clock.pause(at("08:41:27")), LONGEST_SLEEP);
        assert_eq!(clock.pause(at("08:59:58")), Duration::from_secs(2));
        assert_eq!(clock.pause(at("09:00:01")), Duration::ZERO);
        assert_eq!(
            Clock { next: vec![None] }.pause(at("08:00:00")),
            LONGEST_SLEEP
        );
    }

    #[test]
    fn the_key_tells_ticks_and_jobs_apart_and_outlives_a_build() {
        let key = |time, job| key(at(time), &json!({ "source": job }));

        assert_eq!(key("09:00:00", "eso"), "tick:1795251600:c8451b19410f39e7");
        assert_ne!(key("09:00:00", "eso"), key("09:00:00", "jwst"));
        assert_ne!(key("09:00:00", "eso"), key("10:00:00", "eso"));
    }
}
