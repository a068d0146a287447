//! The task itself: its place in the log, the last frames, and what it does when.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use domain::filter::ActivityFilter;
use tokio::sync::{broadcast, oneshot};
use tokio::time::{Instant, MissedTickBehavior, interval, interval_at};

use super::clients::{Client, Clients};
use super::ease::Ease;
use super::frame::{keepalive_note, logged};
use super::{Command, Frame, Judged, Outlet, Place, RESTORED, Start, filter_note, reset_note};
use crate::areas::activities::event_log::{self, End, Line};
use crate::areas::activities::hint;
use crate::hub::Hub;
use crate::realtime::Signal;
use crate::realtime::bus::State;

/// Frames kept to join from; older ones are read from the log.
const KEPT: usize = 2048;
/// Lines read from the log at once.
const PAGE: u64 = 250;
/// Frames a client may be behind and still join from those kept: each is judged within the feed's
/// task, where everybody waits. Who is farther behind reads the log by itself.
const JOIN: i64 = 64;
/// Lines handed out before the feed looks how clients do.
const HANDFUL: usize = 64;

struct Task {
    hub: Hub,
    log: Arc<str>,
    position: i64,
    kept: VecDeque<Frame>,
    clients: Clients,
    ease: Ease,
    start: Start,
}

/// Runs the feed until the hub shuts down.
///
/// # Errors
/// When the log cannot be read at the start.
pub async fn run(hub: Hub, start: Start) -> anyhow::Result<()> {
    let mut signals = hub.bus.subscribe(&hub.topic());
    let end = event_log::end(hub.db.own()).await?;
    let shutdown = hub.shutdown.clone();
    let without_bus = hub.bus.state() == State::Local && !hub.db.is_sqlite();
    let every = Duration::from_millis(if without_bus { 500 } else { 1000 });
    let mut look = interval(every);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut keepalive = interval_at(Instant::now() + start.keepalive, start.keepalive);
    keepalive.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let clients = Clients::new(Arc::clone(&start.clients));
    let mut task = Task {
        hub,
        log: end.log.into(),
        position: end.seq,
        kept: VecDeque::new(),
        clients,
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
        self.ease.wait_for(&mut self.clients).await;
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
        let end = event_log::end(self.hub.db.own()).await?;
        if *end.log != *self.log || end.seq < self.position {
            self.begin_anew(&end);
        }
        while self.position < end.seq {
            let lines = event_log::after(self.hub.db.own(), self.position, PAGE).await?;
            if lines.is_empty() {
                return Ok(());
            }
            for (nth, line) in (1..).zip(lines) {
                self.deliver(line);
                if nth % HANDFUL == 0 {
                    self.ease.wait_for(&mut self.clients).await;
                }
            }
            self.ease.wait_for(&mut self.clients).await;
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
        self.clients.reset(&reset_note(&end.log, end.seq, RESTORED));
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
        self.clients.hand_event(&frame, self.hub.clock.now());
        self.move_to(frame.seq);
        self.kept.push_back(frame);
        if self.kept.len() > KEPT {
            self.kept.pop_front();
        }
    }

    fn move_to(&mut self, seq: i64) {
        self.position = seq;
        let log = Arc::clone(&self.log);
        self.start.place.send_replace(Place { log, seq });
    }

    fn keepalive(&mut self) {
        let frame = keepalive_note(self.position, self.hub.clock.now());
        self.clients.hand_note(&frame);
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
            Command::Leave { id } => drop(self.clients.leave(id)),
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
        if missed > 0 && (position + 1 < oldest || missed > JOIN) {
            return; // dropping `reply` says: read on from the log
        }
        let mut client = Client::new(position, outlet);
        let now = self.hub.clock.now();
        for frame in self.kept.iter().filter(|frame| frame.seq > position) {
            if Judged::new(frame).passes(&filter, now) && !client.hand(frame.clone()) {
                return;
            }
        }
        client.position = client.position.max(self.position);
        let id = self.clients.fresh_id();
        if reply.send(id).is_ok() {
            self.clients.settle(id, filter, client);
        }
    }

    fn refilter(&mut self, id: u64, filter: Arc<ActivityFilter>) {
        let Some(mut client) = self.clients.leave(id) else {
            return;
        };
        let seq = client.position.max(self.position);
        if client.hand(filter_note(seq)) {
            self.clients.settle(id, filter, client);
        } else {
            client.outlet.cut.cancel();
        }
    }
}
