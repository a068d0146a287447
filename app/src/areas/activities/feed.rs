//! The live feed of this process: one task that owns the order.
//!
//! It keeps its place in the log, learns of more by hints and once a second from the log itself,
//! and hands each frame to whoever's filter it passes. Joining and having caught up are one step
//! inside the task, so nobody misses or repeats an event between the past and the present.

mod clients;
mod ease;
mod frame;
mod task;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use domain::filter::ActivityFilter;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

pub(super) use self::clients::count_cut_off;
pub use self::frame::{Frame, passes};
pub(super) use self::frame::{Judged, RESTORED, filter_note, reset_note};
pub use self::task::run;

/// Seconds between two `keepalive` frames.
pub const KEEPALIVE: Duration = Duration::from_secs(25);
/// Frames a client may be behind before it is cut off.
pub const QUEUE: usize = 1024;

/// Where frames for one client go.
#[derive(Debug)]
pub struct Outlet {
    /// Frames waiting for it.
    pub queue: mpsc::Sender<Frame>,
    /// Cancelled when it is cut off for being slow.
    pub cut: CancellationToken,
}

/// Asks of the feed's task.
pub(super) enum Command {
    /// To get everything after `position` that passes. Answered with an id, or not at all when the
    /// position is too old, or one of another log: read on from the log.
    Join {
        log: Arc<str>,
        position: i64,
        filter: Arc<ActivityFilter>,
        outlet: Outlet,
        reply: oneshot::Sender<u64>,
    },
    /// To judge what follows by another filter.
    Refilter {
        id: u64,
        filter: Arc<ActivityFilter>,
    },
    /// To get nothing more.
    Leave { id: u64 },
}

/// The feed, for those who want to join. Cheap to clone.
#[derive(Clone)]
pub struct Feed {
    commands: mpsc::UnboundedSender<Command>,
    place: watch::Receiver<Place>,
    clients: Arc<AtomicI64>,
}

/// Up to where frames were handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The log's identity.
    pub log: Arc<str>,
    /// The last event; below zero until the task has begun.
    pub seq: i64,
}

/// What the task starts from.
pub struct Start {
    commands: mpsc::UnboundedReceiver<Command>,
    place: watch::Sender<Place>,
    clients: Arc<AtomicI64>,
    keepalive: Duration,
}

impl Start {
    /// Another time between two `keepalive` frames than [`KEEPALIVE`].
    #[must_use]
    pub fn keepalive_every(self, keepalive: Duration) -> Start {
        Start { keepalive, ..self }
    }
}

impl Feed {
    /// A feed whose task has not begun.
    #[must_use]
    pub fn new() -> (Feed, Start) {
        let (commands, waiting) = mpsc::unbounded_channel();
        let (tell, place) = watch::channel(Place {
            log: "".into(),
            seq: -1,
        });
        let clients = Arc::new(AtomicI64::new(0));
        let start = Start {
            commands: waiting,
            place: tell,
            clients: Arc::clone(&clients),
            keepalive: KEEPALIVE,
        };
        (
            Feed {
                commands,
                place,
                clients,
            },
            start,
        )
    }

    /// Up to where frames were handed out; below zero until the task has begun.
    #[must_use]
    pub fn position(&self) -> i64 {
        self.place.borrow().seq
    }

    /// Up to where frames of which log were handed out.
    #[must_use]
    pub fn place(&self) -> Place {
        self.place.borrow().clone()
    }

    /// Waits until the feed has handed out everything up to `seq`.
    pub async fn reached(&self, seq: i64) {
        let _ = self.place.clone().wait_for(|place| place.seq >= seq).await;
    }

    /// Clients that have joined.
    #[must_use]
    pub fn clients(&self) -> i64 {
        self.clients.load(Ordering::Relaxed)
    }

    pub(super) fn ask(&self, command: Command) {
        let _ = self.commands.send(command);
    }
}
