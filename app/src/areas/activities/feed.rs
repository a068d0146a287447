//! The live feed of this process: one task that owns the order.
//!
//! It keeps its place in the log, learns of more by hints and once a second from the log itself,
//! and hands each frame to whoever's filter it passes. Joining and having caught up are one step
//! inside the task, so nobody misses or repeats an event between the past and the present.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use chrono::{DateTime, Utc};
use domain::Envelope;
use domain::filter::ActivityFilter;
use domain::keys::Keys;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use super::event_log::{self, Line, json_time};
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
const PAGE: u64 = 500;

/// Something a client is sent.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Its place in the log; for a note, the place all before was sent up to.
    pub seq: i64,
    /// An event, or a note (`keepalive`, `filter`).
    pub is_event: bool,
    /// The JSON, encoded once however many get it.
    pub text: Utf8Bytes,
}

impl Frame {
    fn event(line: Line) -> Frame {
        Frame {
            seq: line.seq,
            is_event: true,
            text: line.envelope.into(),
        }
    }

    /// A frame that is not an event.
    #[must_use]
    pub fn note(seq: i64, json: &serde_json::Value) -> Frame {
        Frame {
            seq,
            is_event: false,
            text: json.to_string().into(),
        }
    }
}

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
    /// position is too old: read on from the log.
    Join {
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
    position: watch::Receiver<i64>,
    clients: Arc<std::sync::atomic::AtomicI64>,
}

/// What the task starts from.
pub struct Start {
    commands: mpsc::UnboundedReceiver<Command>,
    position: watch::Sender<i64>,
    clients: Arc<std::sync::atomic::AtomicI64>,
}

impl Feed {
    /// A feed whose task has not begun.
    #[must_use]
    pub fn new() -> (Feed, Start) {
        let (commands, waiting) = mpsc::unbounded_channel();
        let (tell, position) = watch::channel(-1);
        let clients = Arc::new(std::sync::atomic::AtomicI64::new(0));
        let start = Start {
            commands: waiting,
            position: tell,
            clients: Arc::clone(&clients),
        };
        (
            Feed {
                commands,
                position,
                clients,
            },
            start,
        )
    }

    /// Up to where frames were handed out; below zero until the task has begun.
    #[must_use]
    pub fn position(&self) -> i64 {
        *self.position.borrow()
    }

    /// Waits until the feed has handed out everything up to `seq`.
    pub async fn reached(&self, seq: i64) {
        let _ = self
            .position
            .clone()
            .wait_for(|position| *position >= seq)
            .await;
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
}

/// Clients whose filters mean the same share its evaluation.
struct Group {
    filter: Arc<ActivityFilter>,
    clients: HashMap<u64, Client>,
}

struct Task {
    hub: Hub,
    position: i64,
    kept: VecDeque<Frame>,
    groups: HashMap<String, Group>,
    /// The group each client is in.
    home: HashMap<u64, String>,
    next_id: u64,
    start: Start,
}

/// Runs the feed until the hub shuts down.
///
/// # Errors
/// When the log cannot be read at the start.
pub async fn run(hub: Hub, start: Start) -> anyhow::Result<()> {
    let mut signals = hub.bus.subscribe(&hub.topic());
    let position = event_log::end(hub.db.read()).await?.seq;
    let _ = start.position.send(position);
    let shutdown = hub.shutdown.clone();
    let without_bus = hub.bus.state() == State::Local && !hub.db.is_sqlite();
    let every = Duration::from_millis(if without_bus { 500 } else { 1000 });
    let mut look = tokio::time::interval(every);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut keepalive = tokio::time::interval(KEEPALIVE);
    let mut task = Task {
        hub,
        position,
        kept: VecDeque::new(),
        groups: HashMap::new(),
        home: HashMap::new(),
        next_id: 1,
        start,
    };
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
        if end.seq < self.position {
            tracing::warn!(
                seq = end.seq,
                "The log is shorter than it was: was a backup restored?"
            );
            self.kept.clear();
            self.move_to(end.seq);
        }
        while self.position < end.seq {
            let lines = event_log::after(self.hub.db.read(), self.position, PAGE).await?;
            let Some(last) = lines.last().map(|line| line.seq) else {
                return Ok(());
            };
            for line in lines {
                self.deliver(line);
            }
            tracing::trace!(seq = last, "The feed read on from the log");
        }
        Ok(())
    }

    fn deliver(&mut self, line: Line) {
        if let Some(logged) = logged(&line.envelope) {
            let lag = (self.hub.clock.now() - logged).as_seconds_f64().max(0.0);
            metrics::histogram!("starboard_delivery_lag_seconds").record(lag);
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
        self.start.position.send_replace(seq);
    }

    fn keepalive(&mut self) {
        let frame = Frame::note(
            self.position,
            &serde_json::json!({
                "type": "keepalive", "seq": self.position, "time": json_time(self.hub.clock.now()),
            }),
        );
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
            metrics::counter!("starboard_clients_cut_off_total").increment(1);
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Join {
                position,
                filter,
                outlet,
                reply,
            } => {
                self.join(position, filter, outlet, reply);
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
        let room = i64::try_from(QUEUE / 2).unwrap_or(0);
        if missed > 0 && (position + 1 < oldest || missed > room) {
            return; // dropping `reply` says: read on from the log
        }
        let mut client = Client { position, outlet };
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

/// The answer to a new filter: what follows `seq` is judged by it.
pub(super) fn filter_note(seq: i64) -> Frame {
    Frame::note(seq, &serde_json::json!({ "type": "filter", "seq": seq }))
}

impl Client {
    /// Queues a frame; false when there is no room, or nobody, for it.
    fn hand(&mut self, frame: Frame) -> bool {
        self.position = self.position.max(frame.seq);
        self.outlet.queue.try_send(frame).is_ok()
    }
}

/// When an envelope was written.
fn logged(envelope: &str) -> Option<DateTime<Utc>> {
    let (_, rest) = envelope.split_once("\"logged\":\"")?;
    rest.split_once('"')?.0.parse().ok()
}

/// Whether an envelope passes a filter.
#[must_use]
pub fn passes(envelope: &str, filter: &ActivityFilter, now: DateTime<Utc>) -> bool {
    let frame = Frame {
        seq: 0,
        is_event: true,
        text: envelope.into(),
    };
    Judged::new(&frame).passes(filter, now)
}

/// A frame and, once a filter asks for it, what is in it.
pub(super) struct Judged<'a> {
    frame: &'a Frame,
    read: Option<Option<(Envelope, Keys)>>,
}

impl<'a> Judged<'a> {
    pub(super) fn new(frame: &'a Frame) -> Self {
        Judged { frame, read: None }
    }

    pub(super) fn passes(&mut self, filter: &ActivityFilter, now: DateTime<Utc>) -> bool {
        if filter.is_empty() {
            return true;
        }
        let read = self.read.get_or_insert_with(|| {
            let envelope: Envelope = serde_json::from_str(&self.frame.text).ok()?;
            let keys = Keys::of(&envelope.activity);
            Some((envelope, keys))
        });
        read.as_ref().is_some_and(|(envelope, keys)| {
            filter.matches(&envelope.activity, keys, Some(envelope.event), now)
        })
    }
}
