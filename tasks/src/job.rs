//! What a job is, and the two answers it has besides success and failure.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::backoff;

/// A piece of work that may be slow or fail.
///
/// Its fields are identifiers, never rows: by the time it runs the rows have changed. It may run
/// twice, so it leaves the hub after the second run as it was after the first.
pub trait Job: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {
    /// `area.verb_noun`. It is stored with every queued job and so outlives a deploy.
    const NAME: &'static str;

    /// What the job reaches for while it runs.
    type Hub: Clone + Send + Sync + 'static;

    /// How often it is tried before it counts as dead. A process that dies while running it
    /// counts as a try, asking for [`Later`] does not.
    const MAX_ATTEMPTS: u32 = 5;

    /// How long one try may take. It is dropped at its next `await` after that, and has failed.
    const TIMEOUT: Duration = Duration::from_secs(120);

    /// Pause after the given failed attempt, counted from 1, before a quarter of jitter either way.
    fn backoff(attempt: u32) -> Duration {
        backoff::exponential(attempt)
    }

    /// Does the work.
    fn run(self, hub: &Self::Hub) -> impl Future<Output = anyhow::Result<()>> + Send;
}

/// "Not now, ask me again in this long": neither a success nor a failure.
///
/// Returned as an error, it queues the job again without counting an attempt and without a
/// report. The queue keeps whole seconds and rounds up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Later(pub Duration);

impl fmt::Display for Later {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "asks to run again in {:?}", self.0)
    }
}

impl std::error::Error for Later {}

/// "Trying again cannot help": the job is dead at once, whatever attempts it has left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GiveUp(pub String);

impl fmt::Display for GiveUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for GiveUp {}
