//! How long the feed waits for those who have much to take.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::writer::Handle;

/// Longest the feed goes easy on anybody within a minute.
const EASE_IN_ALL: Duration = Duration::from_secs(5);

/// How long the feed has gone easy on clients within this minute.
pub(super) struct Ease {
    since: Instant,
    spent: Duration,
}

impl Ease {
    pub(super) fn new() -> Ease {
        Ease {
            since: Instant::now(),
            spent: Duration::ZERO,
        }
    }

    /// Waits while many clients have much to take: then it is not they who are slow, but the log
    /// that is fast, and going on would cut them all off. A single slow one is never waited for,
    /// none for longer than [`EASY`](super::clients::EASY), and all together for no longer than
    /// [`EASE_IN_ALL`] a minute: whoever comes back again and again without reading holds nobody
    /// up.
    pub(super) async fn wait_for(&mut self, writers: &[Handle]) {
        loop {
            let crowds = writers.iter().map(Handle::crowd);
            let (all, crowded) = crowds.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
            if crowded * 16 <= all || (crowded == 1 && all > 1) || !self.lasts() {
                return;
            }
            let began = Instant::now();
            sleep(Duration::from_millis(2)).await;
            self.spent += began.elapsed();
        }
    }

    fn lasts(&mut self) -> bool {
        if self.since.elapsed() > Duration::from_secs(60) {
            *self = Ease::new();
        }
        self.spent < EASE_IN_ALL
    }
}
