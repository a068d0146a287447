//! The live feed of this process: one task that owns the order.
//!
//! It keeps its place in the log, learns of more by hints and once a second from the log itself,
//! and hands each frame to whoever's filter it passes. Joining and having caught up are one step
//! inside the task, so nobody misses or repeats an event between the past and the present.

mod frame;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use domain::filter::ActivityFilter;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::time::{Instant, MissedTickBehavior, interval, interval_at, sleep};
use tokio_util::sync::CancellationToken;

pub use self::frame::{Frame, passes};
pub(super) use self::frame::{Judged, RESTORED, filter_note, reset_note};
use self::frame::{keepalive_note, logged};
use super::event_log::{self, End, Line};
use super::hint;
use crate::hub::Hub;
use crate::realtime::Signal;
use crate::realtime::bus::State;

/// Seconds between two `keepalive` frames.
pub const KEEPALIVE: Duration = Duration::from_secs(25);
/// Frames a client may be behind before it is cut off.
pub const QUEUE: usize = 1024;
/// Frames kept to join from; older ones are read from the log.
const KEPT: usize = 2048;
/// Lines read from the log at once.
const PAGE: u64 = 250;
/// Frames waiting for a client that count as a crowd.
const CROWD: usize = QUEUE / 4;
/// Longest the feed goes easy on a client with much to take.
const EASY: Duration = Duration::from_secs(3);
/// Frames a client may be behind and still join from those kept: each is judged within the feed's
/// task, where everybody waits. Who is farther behind reads the log by itself.
const JOIN: i64 = 64;
/// Longest the feed goes easy on anybody within a minute.
const EASE_IN_ALL: Duration = Duration::from_secs(5);
/// Lines handed out before the feed looks how clients do.
const HANDFUL: usize = 64;

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
    clients: Arc<std::sync::atomic::AtomicI64>,
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
    clients: Arc<std::sync::atomic::AtomicI64>,
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
        let clients = Arc::new(std::sync::atomic::AtomicI64::new(0));
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
        self.clients.load(std::sync::atomic::Ordering::Relaxed)
    }

    pub(super) fn ask(&self, command: Command) {
        let _ = self.commands.send(command);
    }
}

struct Client {
    position: i64,
    outlet: Outlet,
    /// Since when it has had much to take.
    crowded: Option<Instant>,
}

/// How long the feed has gone easy on clients within this minute.
struct Ease {
    since: Instant,
    spent: Duration,
}

impl Ease {
    fn new() -> Ease {
        Ease {
            since: Instant::now(),
            spent: Duration::ZERO,
        }
    }

    fn lasts(&mut self) -> bool {
        if self.since.elapsed() > Duration::from_secs(60) {
            *self = Ease::new();
        }
        self.spent < EASE_IN_ALL
    }
}

/// Clients whose filters mean the same share its evaluation.
struct Group {
    filter: Arc<ActivityFilter>,
    clients: HashMap<u64, Client>,
}

struct Task {
    hub: Hub,
    log: Arc<str>,
    position: i64,
    kept: VecDeque<Frame>,
    groups: HashMap<String, Group>,
    /// The group each client is in.
    home: HashMap<u64, String>,
    next_id: u64,
    ease: Ease,
    start: Start,
}

/// Runs the feed until the hub shuts down.
///
/// # Errors
/// When the log cannot be read at the start.
pub async fn run(hub: Hub, start: Start) -> anyhow::Result<()> {
    let mut signals = hub.bus.subscribe(&hub.topic());
    let end = event_log::end(hub.db.read()).await?;
    let shutdown = hub.shutdown.clone();
    let without_bus = hub.bus.state() == State::Local && !hub.db.is_sqlite();
    let every = Duration::from_millis(if without_bus { 500 } else { 1000 });
    let mut look = interval(every);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut keepalive = interval_at(Instant::now() + start.keepalive, start.keepalive);
    keepalive.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut task = Task {
        hub,
        log: end.log.into(),
        position: end.seq,
        kept: VecDeque::new(),
        groups: HashMap::new(),
        home: HashMap::new(),
        next_id: 1,
        ease: Ease::new(),
        start,
    };
    task.move_to(end.seq);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            command = task.start.commands.recv() => match command {
                Some(command) => task.obey(command),
                None => return Ok(()),
            },
            signal = signals.recv() => match signal {
                Ok(Signal::Hint(bytes)) => task.hear(&bytes).await,
                Ok(Signal::Gap) | Err(broadcast::error::RecvError::Lagged(_)) => {
                    task.catch_up().await;
                }
                Err(broadcast::error::RecvError::Closed) => return Ok(()),
            },
            _ = look.tick() => task.catch_up().await,
            _ = keepalive.tick() => task.keepalive(),
        }
    }
}

impl Task {
    /// Takes a hint: delivers what follows, reads the gap, ignores the old.
    async fn hear(&mut self, bytes: &[u8]) {
        let Some(hint) = hint::decode(bytes).filter(|hint| hint.seq > self.position) else {
            return;
        };
        let fits = hint
            .lines
            .first()
            .is_some_and(|line| line.seq <= self.position + 1);
        if !fits {
            return self.catch_up().await;
        }
        for line in hint.lines {
            if line.seq == self.position + 1 {
                self.deliver(line);
            }
        }
        self.go_easy().await;
    }

    /// Reads whatever the log has and we have not.
    async fn catch_up(&mut self) {
        if let Err(error) = self.read_on().await {
            tracing::warn!(
                error = format!("{error:#}"),
                "The feed cannot read the log: {error:#}"
            );
        }
    }

    async fn read_on(&mut self) -> anyhow::Result<()> {
        let end = event_log::end(self.hub.db.read()).await?;
        if *end.log != *self.log || end.seq < self.position {
            self.begin_anew(&end);
        }
        while self.position < end.seq {
            let lines = event_log::after(self.hub.db.read(), self.position, PAGE).await?;
            if lines.is_empty() {
                return Ok(());
            }
            for (nth, line) in (1..).zip(lines) {
                self.deliver(line);
                if nth % HANDFUL == 0 {
                    self.go_easy().await;
                }
            }
            self.go_easy().await;
        }
        Ok(())
    }

    /// The log is not the one it was: nobody's place in it means anything.
    fn begin_anew(&mut self, end: &End) {
        tracing::warn!(
            log = end.log,
            seq = end.seq,
            "The log is another than before: was a backup restored?"
        );
        self.kept.clear();
        self.log = end.log.as_str().into();
        self.move_to(end.seq);
        let frame = reset_note(&end.log, end.seq, RESTORED);
        let mut slow = Vec::new();
        for group in self.groups.values_mut() {
            for (id, client) in &mut group.clients {
                client.position = end.seq;
                if !client.hand(frame.clone()) {
                    slow.push(*id);
                }
            }
        }
        for id in slow {
            self.cut_off(id);
        }
    }

    /// Waits while many clients have much to take: then it is not they who are slow, but the log
    /// that is fast, and going on would cut them all off. A single slow one is never waited for,
    /// none for longer than [`EASY`], and all together for no longer than [`EASE_IN_ALL`] a minute:
    /// whoever comes back again and again without reading holds nobody up.
    async fn go_easy(&mut self) {
        loop {
            let (mut all, mut crowded) = (0, 0);
            for client in self
                .groups
                .values_mut()
                .flat_map(|g| g.clients.values_mut())
            {
                all += 1;
                crowded += usize::from(client.is_crowded());
            }
            if crowded * 16 <= all || (crowded == 1 && all > 1) || !self.ease.lasts() {
                return;
            }
            let began = Instant::now();
            sleep(Duration::from_millis(2)).await;
            self.ease.spent += began.elapsed();
        }
    }

    fn deliver(&mut self, line: Line) {
        if let Some(logged) = logged(&line.envelope) {
            let lag = (self.hub.clock.now() - logged).as_seconds_f64().max(0.0);
            metrics::histogram!("starboard_delivery_lag_seconds").record(lag);
        }
        if line.envelope.contains("\"event\":\"redacted\"") {
            // Frames kept from before may hold what is withheld now; the log no longer does.
            self.kept.clear();
        }
        let frame = Frame::event(line);
        let mut judged = Judged::new(&frame);
        let mut slow = Vec::new();
        for group in self.groups.values_mut() {
            if !judged.passes(&group.filter, self.hub.clock.now()) {
                continue;
            }
            for (id, client) in &mut group.clients {
                if client.position < frame.seq && !client.hand(frame.clone()) {
                    slow.push(*id);
                }
            }
        }
        self.move_to(frame.seq);
        self.kept.push_back(frame);
        if self.kept.len() > KEPT {
            self.kept.pop_front();
        }
        for id in slow {
            self.cut_off(id);
        }
    }

    fn move_to(&mut self, seq: i64) {
        self.position = seq;
        let log = Arc::clone(&self.log);
        self.start.place.send_replace(Place { log, seq });
    }

    fn keepalive(&mut self) {
        let frame = keepalive_note(self.position, self.hub.clock.now());
        let mut slow = Vec::new();
        for group in self.groups.values_mut() {
            for (id, client) in &mut group.clients {
                // One that waits for a later place than ours has nothing confirmed yet.
                if client.position <= frame.seq && !client.hand(frame.clone()) {
                    slow.push(*id);
                }
            }
        }
        for id in slow {
            self.cut_off(id);
        }
    }

    fn cut_off(&mut self, id: u64) {
        if let Some(client) = self.leave(id) {
            client.outlet.cut.cancel();
            if client.outlet.queue.is_closed() {
                return; // gone by itself
            }
            count_cut_off();
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Join {
                log,
                position,
                filter,
                outlet,
                reply,
            } => {
                // Dropping `reply` says: read on from the log.
                if log == self.log {
                    self.join(position, filter, outlet, reply);
                }
            }
            Command::Refilter { id, filter } => self.refilter(id, filter),
            Command::Leave { id } => drop(self.leave(id)),
        }
    }

    fn join(
        &mut self,
        position: i64,
        filter: Arc<ActivityFilter>,
        outlet: Outlet,
        reply: oneshot::Sender<u64>,
    ) {
        let missed = self.position - position;
        let oldest = self
            .kept
            .front()
            .map_or(self.position + 1, |frame| frame.seq);
        let room = JOIN;
        if missed > 0 && (position + 1 < oldest || missed > room) {
            return; // dropping `reply` says: read on from the log
        }
        let mut client = Client {
            position,
            outlet,
            crowded: None,
        };
        let now = self.hub.clock.now();
        for frame in self.kept.iter().filter(|frame| frame.seq > position) {
            if Judged::new(frame).passes(&filter, now) && !client.hand(frame.clone()) {
                return;
            }
        }
        client.position = client.position.max(self.position);
        let id = self.next_id;
        self.next_id += 1;
        if reply.send(id).is_ok() {
            self.settle(id, filter, client);
        }
    }

    fn settle(&mut self, id: u64, filter: Arc<ActivityFilter>, client: Client) {
        let key = filter.canonical().to_owned();
        let group = self.groups.entry(key.clone()).or_insert_with(|| Group {
            filter,
            clients: HashMap::new(),
        });
        group.clients.insert(id, client);
        self.home.insert(id, key);
        self.start
            .clients
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }

    fn leave(&mut self, id: u64) -> Option<Client> {
        let key = self.home.remove(&id)?;
        let group = self.groups.get_mut(&key)?;
        let client = group.clients.remove(&id);
        if group.clients.is_empty() {
            self.groups.remove(&key);
        }
        self.start
            .clients
            .fetch_sub(1, std::sync::atomic::Ordering::Relaxed);
        client
    }

    fn refilter(&mut self, id: u64, filter: Arc<ActivityFilter>) {
        let Some(mut client) = self.leave(id) else {
            return;
        };
        let seq = client.position.max(self.position);
        if client.hand(filter_note(seq)) {
            self.settle(id, filter, client);
        } else {
            client.outlet.cut.cancel();
        }
    }
}

/// Counts a client that was cut off because it does not read.
pub(super) fn count_cut_off() {
    metrics::counter!("starboard_clients_cut_off_total").increment(1);
}

impl Client {
    /// Whether it has had much to take, but not for so long that it must be slow.
    fn is_crowded(&mut self) -> bool {
        if QUEUE - self.outlet.queue.capacity() <= CROWD {
            self.crowded = None;
            return false;
        }
        self.crowded.get_or_insert_with(Instant::now).elapsed() < EASY
    }

    /// Queues a frame; false when there is no room, or nobody, for it.
    fn hand(&mut self, frame: Frame) -> bool {
        self.position = self.position.max(frame.seq);
        self.outlet.queue.try_send(frame).is_ok()
    }
}
