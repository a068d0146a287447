//! One request at a time for each host, and a rest between two.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;

use crate::sleeper::Sleeper;

static PROCESS: LazyLock<Pace> = LazyLock::new(|| Pace::new(Duration::from_secs(1)));

/// Who asks which host when. Clones share it.
#[derive(Clone, Debug)]
pub struct Pace {
    interval: Duration,
    hosts: Arc<Mutex<HashMap<String, Gate>>>,
}

/// Holds, for one host, when its last request ended.
type Gate = Arc<tokio::sync::Mutex<Option<Instant>>>;

impl Pace {
    /// A pace of its own, with `interval` between two requests to one host.
    #[must_use]
    pub fn new(interval: Duration) -> Self {
        Pace {
            interval,
            hosts: Arc::default(),
        }
    }

    /// The one pace of this process: a second of rest.
    #[must_use]
    pub fn process() -> Self {
        PROCESS.clone()
    }

    /// Waits until `host` may be asked. Nobody else asks it before the turn is dropped.
    pub(crate) async fn turn(&self, host: &str, sleeper: &Sleeper) -> Turn {
        let gate = self
            .hosts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(host.to_owned())
            .or_default()
            .clone();
        let last = gate.lock_owned().await;
        let rested = last.map_or(Duration::MAX, |end| end.elapsed());
        let rest = self.interval.saturating_sub(rested);
        if !rest.is_zero() {
            sleeper.sleep(rest).await;
        }
        Turn { last }
    }
}

/// The right to ask a host; given back when dropped, also by a harvest that is cancelled.
pub(crate) struct Turn {
    last: OwnedMutexGuard<Option<Instant>>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        *self.last = Some(Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noted() -> (Sleeper, Arc<Mutex<Vec<Duration>>>) {
        let waits = Arc::<Mutex<Vec<Duration>>>::default();
        (Sleeper::Noted(waits.clone()), waits)
    }

    #[tokio::test(start_paused = true)]
    async fn the_same_host_gets_its_rest() {
        let pace = Pace::new(Duration::from_secs(1));
        let (sleeper, waits) = noted();

        drop(pace.turn("a", &sleeper).await);
        drop(pace.turn("b", &sleeper).await);
        tokio::time::advance(Duration::from_millis(300)).await;
        drop(pace.clone().turn("a", &sleeper).await);

        assert_eq!(*waits.lock().unwrap(), [Duration::from_millis(700)]);
    }

    #[tokio::test]
    async fn a_second_request_waits_for_the_first_to_end() {
        let pace = Pace::new(Duration::ZERO);
        let first = pace.turn("a", &Sleeper::Never).await;
        let second = pace.turn("a", &Sleeper::Never);
        tokio::pin!(second);

        assert!(futures_util::poll!(second.as_mut()).is_pending());
        drop(first);
        assert!(futures_util::poll!(second.as_mut()).is_ready());
    }
}
