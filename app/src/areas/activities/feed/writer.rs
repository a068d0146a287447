//! A task that hands frames to its share of the clients and writes to their sockets.
//!
//! There are as many as the machine has cores, so that the last client of many is served in a
//! fraction of the time. What the feed orders is done in the feed's order: having joined and having
//! caught up are one step here, so nobody misses or repeats an event between the past and the
//! present.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use domain::Clock;
use domain::filter::ActivityFilter;
use futures_util::FutureExt;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::task::yield_now;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::clients::{Client, Clients};
use super::socket::Ended;
use super::sockets::Sockets;
use super::{Frame, Judged, Outlet, filter_note};

/// Events ordered and not yet handed to the clients.
const AHEAD: usize = 256;
/// Events handed to the clients before each of them was written to once more.
const AT_ONCE: usize = 64;
/// Missed events that take as long to judge for one as an event takes to be handed to all.
const READ_AS_ONE: usize = 8;
/// Sockets written to before others on this thread have their turn: two milliseconds or so.
const STRETCH: usize = 512;
/// How often those are looked for whom nothing has gone out to for too long.
const LOOK: Duration = Duration::from_millis(500);
/// Close code: the server goes away.
const AWAY: u16 = 1001;

/// What a writer is asked.
pub(super) enum Order {
    /// To hand an event to those whose filter it passes. The permit says that it was taken.
    Event(Arc<Frame>, OwnedSemaphorePermit),
    /// To hand a note to all that have everything before it.
    Note(Arc<Frame>),
    /// To take all to another place.
    Reset(Arc<Frame>),
    /// To let a client have what passes of these, and then everything that passes.
    Join {
        client: Joining,
        missed: Vec<Arc<Frame>>,
    },
    /// To judge what follows by another filter.
    Refilter {
        id: u64,
        filter: Arc<ActivityFilter>,
    },
    /// To hand a client nothing more.
    Leave(u64),
    /// To write to a socket from now on.
    Open {
        id: u64,
        stream: Arc<TcpStream>,
        /// What goes out before anything else.
        hello: Option<Arc<Frame>>,
        ended: oneshot::Sender<Ended>,
    },
    /// To write these, and tell when they have gone out.
    Say {
        id: u64,
        frames: Vec<Arc<Frame>>,
        done: oneshot::Sender<()>,
    },
    /// To write bytes that answer what a client's library asked by itself.
    Answer(u64, Bytes),
    /// To say an end instead of what waits.
    Close { id: u64, code: u16, reason: String },
    /// To forget a socket.
    Gone(u64),
}

/// A client that wants to join.
pub(in crate::areas::activities) struct Joining {
    pub(in crate::areas::activities) id: u64,
    /// What it has.
    pub(in crate::areas::activities) position: i64,
    pub(in crate::areas::activities) filter: Arc<ActivityFilter>,
    pub(in crate::areas::activities) outlet: Outlet,
    /// Told when it has joined; dropped when it has to read on from the log.
    pub(in crate::areas::activities) reply: oneshot::Sender<()>,
}

/// How a writer is reached. Cheap to clone.
#[derive(Clone)]
pub(super) struct Handle {
    orders: mpsc::UnboundedSender<Order>,
    room: Arc<Semaphore>,
    crowd: Arc<Crowd>,
}

/// How many clients a writer has, and how many of them have much to take.
#[derive(Default)]
struct Crowd {
    all: AtomicUsize,
    crowded: AtomicUsize,
}

impl Handle {
    /// A writer that has not begun, and what it is begun with.
    pub(super) fn new() -> (Handle, mpsc::UnboundedReceiver<Order>) {
        let (orders, waiting) = mpsc::unbounded_channel();
        let handle = Handle {
            orders,
            room: Arc::new(Semaphore::new(AHEAD)),
            crowd: Arc::default(),
        };
        (handle, waiting)
    }

    pub(super) fn order(&self, order: Order) {
        let _ = self.orders.send(order);
    }

    /// Orders an event, once the writer is not too far behind.
    pub(super) async fn event(&self, frame: Arc<Frame>) {
        if let Ok(permit) = Arc::clone(&self.room).acquire_owned().await {
            self.order(Order::Event(frame, permit));
        }
    }

    /// How many clients there are, and how many of them have much to take.
    pub(super) fn crowd(&self) -> (usize, usize) {
        let Crowd { all, crowded } = &*self.crowd;
        (all.load(Ordering::Relaxed), crowded.load(Ordering::Relaxed))
    }
}

/// What a writer needs of the hub.
#[derive(Clone)]
pub(super) struct Surroundings {
    pub(super) clock: Clock,
    pub(super) shutdown: CancellationToken,
    /// Closed and empty when there is nobody left to write to.
    pub(super) connections: TaskTracker,
    pub(super) count: Arc<AtomicI64>,
}

/// The task.
pub(super) struct Writer {
    around: Surroundings,
    orders: mpsc::UnboundedReceiver<Order>,
    crowd: Arc<Crowd>,
    clients: Clients,
    sockets: Sockets,
    /// The place of the last order.
    position: i64,
    /// Events handed (and joins) since all that were due have been written to, and how many of those
    /// are left.
    taken: usize,
    left: usize,
    looked: Instant,
}

impl Writer {
    pub(super) fn new(
        handle: &Handle,
        orders: mpsc::UnboundedReceiver<Order>,
        around: Surroundings,
        position: i64,
    ) -> Writer {
        Writer {
            clients: Clients::new(Arc::clone(&around.count)),
            around,
            orders,
            crowd: Arc::clone(&handle.crowd),
            sockets: Sockets::default(),
            position,
            taken: 0,
            left: 0,
            looked: Instant::now(),
        }
    }

    /// Works until the last connection has ended after the hub's shutdown.
    pub(super) async fn run(mut self) {
        let connections = self.around.connections.clone();
        let mut all_gone = std::pin::pin!(connections.wait());
        let shutdown = self.around.shutdown.clone();
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut going_down = false;
        loop {
            while self.taken < AT_ONCE
                && let Ok(order) = self.orders.try_recv()
            {
                self.obey(order, going_down);
            }
            while self.sockets.unblocked().now_or_never().is_some() {}
            if self.looked.elapsed() > LOOK {
                self.looked = Instant::now();
                self.cut_late();
            }
            if self.sockets.due() > 0 {
                self.write();
                yield_now().await;
                continue;
            }
            self.taken = 0;
            self.tell_crowd();
            tokio::select! {
                order = self.orders.recv() => match order {
                    Some(order) => self.obey(order, going_down),
                    None => return,
                },
                () = self.sockets.unblocked() => {}
                _ = look.tick(), if self.sockets.any_blocked() => {}
                () = shutdown.cancelled(), if !going_down => {
                    going_down = true;
                    self.close_all();
                }
                () = &mut all_gone => return,
            }
        }
    }

    fn obey(&mut self, order: Order, going_down: bool) {
        match order {
            Order::Event(frame, _taken) => {
                self.taken += 1;
                self.position = frame.seq;
                let now = self.around.clock.now();
                self.clients.hand_event(&frame, now, &mut self.sockets);
            }
            Order::Note(frame) => self.clients.hand_note(&frame, &mut self.sockets),
            Order::Reset(frame) => {
                self.position = frame.seq;
                self.clients.reset(&frame, &mut self.sockets);
            }
            Order::Join { client, missed } => {
                // Reading what it missed is work, too.
                self.taken += 1 + missed.len() / READ_AS_ONE;
                self.join(client, &missed);
            }
            Order::Refilter { id, filter } => self.refilter(id, filter),
            Order::Leave(id) => drop(self.clients.leave(id)),
            Order::Open {
                id,
                stream,
                hello,
                ended,
            } => {
                self.sockets.open(id, stream, hello, ended);
                if going_down {
                    self.close_all();
                }
            }
            Order::Say { id, frames, done } => self.sockets.say(id, frames, done),
            Order::Answer(id, bytes) => {
                if let Some(seat) = self.sockets.seat(id) {
                    let _ = self.sockets.hand(seat, Frame::raw(bytes));
                }
            }
            Order::Close { id, code, reason } => {
                self.clients.leave(id);
                self.sockets.close(id, code, &reason);
            }
            Order::Gone(id) => {
                self.clients.leave(id);
                self.sockets.forget(id);
            }
        }
    }

    fn join(&mut self, joining: Joining, missed: &[Arc<Frame>]) {
        let Joining {
            id,
            position,
            filter,
            outlet,
            reply,
        } = joining;
        let Some(mut client) = Client::new(id, position, outlet, &self.sockets) else {
            return; // its socket is gone
        };
        if reply.send(()).is_err() {
            return; // gone meanwhile
        }
        let now = self.around.clock.now();
        for frame in missed {
            if Judged::new(frame.text.as_str()).passes(&filter, now)
                && client.hand(frame, &mut self.sockets).is_none()
            {
                return client.cut(&mut self.sockets);
            }
        }
        client.position = client.position.max(self.position);
        self.clients.settle(filter, client);
    }

    fn refilter(&mut self, id: u64, filter: Arc<ActivityFilter>) {
        let Some(mut client) = self.clients.leave(id) else {
            return;
        };
        let seq = client.position.max(self.position);
        match client.hand(&filter_note(seq), &mut self.sockets) {
            Some(_) => self.clients.settle(filter, client),
            None => client.cut(&mut self.sockets),
        }
    }

    /// Writes to some of those that are due.
    fn write(&mut self) {
        if self.left == 0 {
            self.left = self.sockets.due();
            self.taken = 0;
            self.tell_crowd();
        }
        let most = self.left.min(STRETCH);
        self.left -= most;
        for id in self.sockets.write(most) {
            self.clients.leave(id);
        }
    }

    /// Ends those of whom no frame was taken for too long.
    fn cut_late(&mut self) {
        for id in self.sockets.late() {
            self.clients.leave(id);
            self.sockets.cut(id);
        }
    }

    fn close_all(&mut self) {
        self.sockets.close_all(AWAY, "the server is going down");
    }

    fn tell_crowd(&mut self) {
        let (all, crowded) = self.clients.crowd(&self.sockets);
        self.crowd.all.store(all, Ordering::Relaxed);
        self.crowd.crowded.store(crowded, Ordering::Relaxed);
    }
}
