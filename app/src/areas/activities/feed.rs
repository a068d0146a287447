//! The live feed of this process: one task that owns the order, and writers that share the clients.
//!
//! The task keeps its place in the log, learns of more by hints and once a second from the log
//! itself, and orders each frame to be handed out. A writer hands it to those of its clients whose
//! filter it passes. Joining and having caught up are one step inside the writer, so nobody misses
//! or repeats an event between the past and the present.

mod clients;
mod ease;
mod frame;
mod past;
mod socket;
mod sockets;
mod task;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::thread::available_parallelism;
use std::time::Duration;

use bytes::Bytes;
use domain::filter::ActivityFilter;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

pub(super) use self::clients::count_cut_off;
pub use self::frame::{Frame, passes};
pub(super) use self::frame::{Judged, RESTORED, filter_note, open_note, reset_note};
use self::past::Past;
pub(super) use self::socket::Ended;
pub use self::task::run;
pub(super) use self::writer::Joining;
use self::writer::{Handle, Order};
use super::event_log::Line;

/// Seconds between two `keepalive` frames.
pub const KEEPALIVE: Duration = Duration::from_secs(25);
/// Frames a client may be behind before it is cut off.
pub const QUEUE: usize = 1024;

/// Where frames for one client go.
#[derive(Debug)]
pub enum Outlet {
    /// Into a queue that somebody reads.
    Queue {
        /// Frames waiting for it.
        queue: mpsc::Sender<Arc<Frame>>,
        /// Cancelled when it is cut off for being slow.
        cut: CancellationToken,
    },
    /// To the socket of the same id, which a writer has already.
    Socket,
}

/// Asks the feed's task to let a client have everything after its position that passes. Not
/// answered when the position is too old, or one of another log: read on from the log.
pub(super) struct Join {
    pub(super) log: Arc<str>,
    pub(super) client: Joining,
}

/// The feed, for those who want to join. Cheap to clone.
#[derive(Clone)]
pub struct Feed {
    joins: mpsc::UnboundedSender<Join>,
    place: watch::Receiver<Place>,
    clients: Arc<AtomicI64>,
    ids: Arc<AtomicU64>,
    past: Arc<Past>,
    writers: Arc<[Handle]>,
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
    joins: mpsc::UnboundedReceiver<Join>,
    place: watch::Sender<Place>,
    clients: Arc<AtomicI64>,
    orders: Vec<mpsc::UnboundedReceiver<Order>>,
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
        let (joins, waiting) = mpsc::unbounded_channel();
        let (tell, place) = watch::channel(Place {
            log: "".into(),
            seq: -1,
        });
        let clients = Arc::new(AtomicI64::new(0));
        let count = available_parallelism().map_or(1, usize::from);
        let (writers, orders): (Vec<_>, Vec<_>) = (0..count).map(|_| Handle::new()).unzip();
        let start = Start {
            joins: waiting,
            place: tell,
            clients: Arc::clone(&clients),
            orders,
            keepalive: KEEPALIVE,
        };
        let feed = Feed {
            joins,
            place,
            clients,
            ids: Arc::default(),
            past: Arc::default(),
            writers: writers.into(),
        };
        (feed, start)
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

    /// The frames of these lines of the past: all who wait for one share it.
    pub(super) fn missed(&self, lines: &[Line]) -> Vec<Arc<Frame>> {
        self.past.frames(lines)
    }

    pub(super) fn join(&self, join: Join) {
        let _ = self.joins.send(join);
    }

    /// An id nobody had before.
    pub(super) fn fresh_id(&self) -> u64 {
        self.ids.fetch_add(1, Ordering::Relaxed)
    }

    /// To judge what follows by another filter; a `filter` frame says from where.
    pub(super) fn refilter(&self, id: u64, filter: Arc<ActivityFilter>) {
        self.writer(id).order(Order::Refilter { id, filter });
    }

    /// To hand a client nothing more.
    pub(super) fn leave(&self, id: u64) {
        self.writer(id).order(Order::Leave(id));
    }

    /// Hands the writing side of a socket to a writer, and what it is to begin with.
    pub(super) fn open(
        &self,
        stream: Arc<TcpStream>,
        hello: Option<Arc<Frame>>,
    ) -> (Pen, oneshot::Receiver<Ended>) {
        let id = self.fresh_id();
        let (ended, end) = oneshot::channel();
        let writer = self.writer(id).clone();
        writer.order(Order::Open {
            id,
            stream,
            hello,
            ended,
        });
        (Pen { id, writer }, end)
    }

    /// The writer of a client.
    fn writer(&self, id: u64) -> &Handle {
        let count = self.writers.len() as u64;
        &self.writers[usize::try_from(id % count).unwrap_or(0)]
    }
}

/// What writes to a socket. It is forgotten when this is dropped.
pub(super) struct Pen {
    id: u64,
    writer: Handle,
}

impl Pen {
    /// The client's id, to join by.
    pub(super) fn id(&self) -> u64 {
        self.id
    }

    /// Writes these; answered when they have gone out, and not at all when they will not.
    pub(super) fn say(&self, frames: Vec<Arc<Frame>>) -> oneshot::Receiver<()> {
        let (done, said) = oneshot::channel();
        let id = self.id;
        self.writer.order(Order::Say { id, frames, done });
        said
    }

    /// Writes what answers something the client's library asked by itself.
    pub(super) fn answer(&self, bytes: Bytes) {
        self.writer.order(Order::Answer(self.id, bytes));
    }

    /// Says an end instead of what waits.
    pub(super) fn close(&self, code: u16, reason: String) {
        let id = self.id;
        self.writer.order(Order::Close { id, code, reason });
    }
}

impl Drop for Pen {
    fn drop(&mut self) {
        self.writer.order(Order::Gone(self.id));
    }
}
