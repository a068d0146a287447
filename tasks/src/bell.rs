//! Waking a worker when its queue has something due.
//!
//! A bare apalis storage fetches once and then sleeps until something wakes its worker, and the
//! stock polling interval can lose its waker and stall. So one watcher per process asks the
//! database which queues have due jobs and rings just their workers; a job pushed by this process
//! rings at once.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll};

use apalis::prelude::{PollSnapshot, PollStrategy};
use futures_util::task::AtomicWaker;

/// The poll strategy of one worker: fetches when rung. `PollWith` fetches whenever the worker is
/// polled, so leaving the waker is all there is to do.
pub(crate) struct Bell(Arc<AtomicWaker>);

impl PollStrategy for Bell {
    fn poll_drive(&mut self, cx: &mut Context<'_>, _: &PollSnapshot) -> Poll<Option<()>> {
        self.0.register(cx.waker());
        Poll::Pending
    }
}

/// The bells of all workers of this process on one queue.
#[derive(Clone, Default)]
pub(crate) struct Bells(Arc<Mutex<Vec<Hanging>>>);

struct Hanging {
    name: &'static str,
    waker: Weak<AtomicWaker>,
}

impl Bells {
    /// A bell for the worker of the jobs of this name; it is forgotten when the worker drops it.
    pub(crate) fn hang(&self, name: &'static str) -> Bell {
        let waker = Arc::new(AtomicWaker::new());
        let mut bells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        bells.retain(|bell| bell.waker.strong_count() > 0);
        bells.push(Hanging {
            name,
            waker: Arc::downgrade(&waker),
        });
        Bell(waker)
    }

    /// Wakes the workers of the jobs of this name.
    pub(crate) fn ring(&self, name: &str) {
        let bells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let ours = bells.iter().filter(|bell| bell.name == name);
        ours.filter_map(|bell| bell.waker.upgrade())
            .for_each(|waker| waker.wake());
    }
}
