//! One run of one job: time limit, panics, and what follows from how it ended.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Error, Result, anyhow};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sentry::{Hub as SentryHub, SentryFutureExt};
use serde::Serialize;
use serde_json::Value;
use tokio::time::{Instant, timeout};
use tracing::{Instrument, debug, info_span, warn};

use crate::backoff::jittered;
use crate::job::{GiveUp, Job, Later};
use crate::store::{Ended, State, Taken};

/// Longest error text kept with a job, in characters.
const ERROR_LENGTH: usize = 2000;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It succeeded.
    Done,
    /// It asked to run again after this long.
    Later(Duration),
    /// It failed and is tried again.
    Retry {
        /// Every cause, outermost first.
        error: String,
        /// The pause, jitter included.
        after: Duration,
    },
    /// It failed for the last time.
    Dead {
        /// Every cause, outermost first.
        error: String,
    },
}

impl Outcome {
    fn word(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Later(_) => "later",
            Self::Retry { .. } => "retry",
            Self::Dead { .. } => "dead",
        }
    }

    /// The row after this outcome. `due` tells when something this far away is due.
    pub(crate) fn ended(&self, attempts_before: u32, due: impl Fn(Duration) -> i64) -> Ended {
        let attempt = attempts_before.saturating_add(1);
        let (state, attempts, run_at, error) = match self {
            Self::Done => (State::Done, attempt, None, None),
            Self::Later(delay) => (State::Waiting, attempts_before, Some(due(*delay)), None),
            Self::Retry { error, after } => (
                State::Retrying,
                attempt,
                Some(due(*after)),
                Some(error.clone()),
            ),
            Self::Dead { error } => (State::Dead, attempt, None, Some(error.clone())),
        };
        Ended {
            state,
            attempts,
            run_at,
            error,
        }
    }
}

/// How a try failed, as far as reporting it goes.
enum Failure {
    Error(Error),
    /// Sentry's panic hook has reported it, with the tags of the job.
    Panic(String),
}

/// What the kit knows of the jobs of one name, without their type.
pub(crate) struct Kind<H> {
    pub(crate) name: &'static str,
    pub(crate) concurrency: usize,
    max_attempts: u32,
    timeout: Duration,
    backoff: fn(u32) -> Duration,
    run: fn(Value, H) -> BoxFuture<'static, Result<()>>,
}

impl<H: Clone + Send + Sync + 'static> Kind<H> {
    pub(crate) fn of<J: Job<Hub = H>>(concurrency: usize) -> Self {
        Self {
            name: J::NAME,
            concurrency,
            max_attempts: J::MAX_ATTEMPTS,
            timeout: J::TIMEOUT,
            backoff: J::backoff,
            run: run::<J>,
        }
    }

    /// Runs the job once and judges how it ended. Never panics and never takes much longer than
    /// the job's time limit.
    pub(crate) async fn run(&self, taken: &Taken, hub: H) -> Outcome {
        let attempt = taken.attempts.saturating_add(1);
        let sentry = Arc::new(SentryHub::new_from_top(SentryHub::current()));
        sentry.configure_scope(|scope| {
            scope.set_tag("job.name", self.name);
            scope.set_tag("job.id", &taken.id);
            scope.set_tag("job.attempt", attempt);
        });
        let span =
            info_span!("job", job.name = self.name, job.id = %taken.id, job.attempt = attempt);
        let started = Instant::now();
        let result = if taken.attempts >= self.max_attempts {
            let times = taken.attempts;
            Err(Failure::Error(anyhow!(GiveUp(format!(
                "its process died {times} times while running it"
            )))))
        } else {
            self.guarded(taken, hub)
                .bind_hub(sentry.clone())
                .instrument(span.clone())
                .await
        };
        let outcome = span.in_scope(|| self.judge(attempt, result, &sentry));
        metrics::counter!("jobs_total", "job" => self.name, "outcome" => outcome.word())
            .increment(1);
        metrics::histogram!("job_duration_seconds", "job" => self.name)
            .record(started.elapsed().as_secs_f64());
        outcome
    }

    /// Without this, apalis leaves the row of a panicking job running for ever.
    async fn guarded(&self, taken: &Taken, hub: H) -> Result<(), Failure> {
        let run = AssertUnwindSafe(async { (self.run)(taken.payload.clone(), hub).await });
        match timeout(self.timeout, run.catch_unwind()).await {
            Ok(Ok(result)) => result.map_err(Failure::Error),
            Ok(Err(panic)) => Err(Failure::Panic(format!("panicked: {}", said(&*panic)))),
            Err(_) => Err(Failure::Error(anyhow!(
                "took longer than {:?}",
                self.timeout
            ))),
        }
    }

    fn judge(&self, attempt: u32, result: Result<(), Failure>, sentry: &Arc<SentryHub>) -> Outcome {
        let name = self.name;
        let failure = match result {
            Ok(()) => {
                debug!("Finished {name}");
                return Outcome::Done;
            }
            Err(Failure::Error(error)) => match error.downcast_ref::<Later>() {
                Some(Later(delay)) => {
                    debug!("{name} asks to run again in {delay:?}");
                    return Outcome::Later(*delay);
                }
                None => Failure::Error(error),
            },
            Err(panic) => panic,
        };
        let (text, hopeless) = match &failure {
            Failure::Error(error) => (format!("{error:#}"), error.is::<GiveUp>()),
            Failure::Panic(text) => (text.clone(), false),
        };
        let error: String = text.chars().take(ERROR_LENGTH).collect();
        if attempt < self.max_attempts && !hopeless {
            let after = jittered((self.backoff)(attempt));
            warn!(error, "{name} failed, trying again in {after:.0?}");
            return Outcome::Retry { error, after };
        }
        // Logged below ERROR, because an ERROR line becomes a second report of the same death.
        warn!(error, "{name} failed for the last time and is dead");
        if let Failure::Error(error) = &failure {
            sentry.capture_event(sentry::event_from_error::<dyn std::error::Error>(&**error));
        }
        Outcome::Dead { error }
    }
}

fn run<J: Job>(payload: Value, hub: J::Hub) -> BoxFuture<'static, Result<()>> {
    Box::pin(async move {
        let job: J = serde_json::from_value(payload)
            .map_err(|error| GiveUp(format!("its fields cannot be read: {error}")))?;
        job.run(&hub).await
    })
}

fn said(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}
