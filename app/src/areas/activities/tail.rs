//! One client's way through the log whose frames wait in a queue: what it missed, then the present.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::feed::{Feed, Frame, Outlet, QUEUE};
use super::replay::Replay;

/// Frames taken from the queue at once.
const BATCH: usize = 64;

/// A client's tail of the log.
pub struct Tail {
    replay: Replay,
    /// What the feed was asked to fill.
    queue: Option<Queue>,
}

/// Where frames of the present wait.
struct Queue {
    feed: Feed,
    id: u64,
    frames: mpsc::Receiver<Arc<Frame>>,
    cut: CancellationToken,
}

/// The client was too slow for its queue.
#[derive(Debug)]
pub struct TooSlow;

impl Tail {
    /// Goes on behind what was missed.
    #[must_use]
    pub fn new(replay: Replay) -> Tail {
        let queue = None;
        Tail { replay, queue }
    }

    /// The next frames, at least one. May be dropped while waiting; nothing is lost.
    ///
    /// # Errors
    /// [`TooSlow`] when the client was cut off.
    pub async fn next(&mut self) -> Result<Vec<Arc<Frame>>, TooSlow> {
        let missed = self.replay.next(|feed| {
            let (queue, outlet) = Queue::new(feed);
            let id = queue.id;
            self.queue = Some(queue);
            (id, outlet)
        });
        if let Some(frames) = missed.await {
            return Ok(frames);
        }
        let queue = self.queue.as_mut().ok_or(TooSlow)?;
        queue.next().await
    }
}

impl Queue {
    fn new(feed: &Feed) -> (Queue, Outlet) {
        let (queue, frames) = mpsc::channel(QUEUE);
        let cut = CancellationToken::new();
        let ours = Queue {
            feed: feed.clone(),
            id: feed.fresh_id(),
            frames,
            cut: cut.clone(),
        };
        (ours, Outlet::Queue { queue, cut })
    }

    async fn next(&mut self) -> Result<Vec<Arc<Frame>>, TooSlow> {
        let mut frames = Vec::new();
        let taken = self.frames.recv_many(&mut frames, BATCH).await;
        if taken == 0 || self.cut.is_cancelled() {
            return Err(TooSlow);
        }
        Ok(frames)
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.feed.leave(self.id);
    }
}
