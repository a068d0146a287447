//! The task itself: its place in the log, the last frames, and what it does when.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::sync::broadcast;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, interval_at};

use super::ease::Ease;
use super::frame::{keepalive_note, logged};
use super::writer::{Handle, Order, Surroundings, Writer};
use super::{Frame, Join, Place, RESTORED, Start, reset_note};
use crate::areas::activities::event_log::{self, End, Line};
use crate::areas::activities::hint;
use crate::hub::Hub;
use crate::realtime::Signal;
use crate::realtime::bus::State;

/// Frames kept to join from; older ones are read from the log.
const KEPT: usize = 2048;
/// Lines read from the log at once.
const PAGE: u64 = 250;
/// Frames a client may be behind and still join from those kept: each is judged within its writer,
/// where others wait. Who is farther behind reads the log by itself.
const JOIN: i64 = 64;
/// Lines handed out before the feed looks how clients do.
const HANDFUL: usize = 64;

struct Task {
    hub: Hub,
    log: Arc<str>,
    position: i64,
    kept: VecDeque<Arc<Frame>>,
    writers: Arc<[Handle]>,
    ease: Ease,
    start: Start,
}

/// Runs the feed until the hub shuts down.
///
/// # Errors
/// When the log cannot be read at the start.
pub async fn run(hub: Hub, mut start: Start) -> anyhow::Result<()> {
    let mut signals = hub.bus.subscribe(&hub.topic());
    let end = event_log::end(hub.db.own()).await?;
    let shutdown = hub.shutdown.clone();
    let without_bus = hub.bus.state() == State::Local && !hub.db.is_sqlite();
    let every = Duration::from_millis(if without_bus { 500 } else { 1000 });
    let mut look = interval(every);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut keepalive = interval_at(Instant::now() + start.keepalive, start.keepalive);
    keepalive.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let around = Surroundings {
        clock: hub.clock.clone(),
        shutdown: shutdown.clone(),
        connections: hub.connections.clone(),
        count: Arc::clone(&start.clients),
    };
    let writers = Arc::clone(&hub.feed.writers);
    let mut tasks = JoinSet::new();
    for (handle, orders) in writers.iter().zip(start.orders.drain(..)) {
        tasks.spawn(Writer::new(handle, orders, around.clone(), end.seq).run());
    }
    let mut task = Task {
        hub,
        log: end.log.into(),
        position: end.seq,
        kept: VecDeque::new(),
        writers,
        ease: Ease::new(),
        start,
    };
    task.move_to(end.seq);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => {
                // Writers end with the last connection, which says good-bye first.
                tasks.detach_all();
                return Ok(());
            }
            Some(ended) = tasks.join_next() => {
                return ended.context("a writer of the feed ended");
            }
            join = task.start.joins.recv() => match join {
                Some(join) => task.join(join),
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
                self.deliver(&line).await;
            }
        }
        self.ease.wait_for(&self.writers).await;
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
                self.deliver(&line).await;
                if nth % HANDFUL == 0 {
                    self.ease.wait_for(&self.writers).await;
                }
            }
            self.ease.wait_for(&self.writers).await;
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
        let reset = reset_note(&end.log, end.seq, RESTORED);
        for writer in self.writers.iter() {
            writer.order(Order::Reset(Arc::clone(&reset)));
        }
    }

    async fn deliver(&mut self, line: &Line) {
        if let Some(logged) = logged(&line.envelope) {
            let lag = (self.hub.clock.now() - logged).as_seconds_f64().max(0.0);
            metrics::histogram!("starboard_delivery_lag_seconds").record(lag);
        }
        if line.envelope.contains("\"event\":\"redacted\"") {
            // Frames kept from before may hold what is withheld now; the log no longer does.
            self.kept.clear();
        }
        let frame = Frame::event(line);
        for writer in self.writers.iter() {
            writer.event(Arc::clone(&frame)).await;
        }
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
        self.hub.feed.past.forget();
        let frame = keepalive_note(self.position, self.hub.clock.now());
        for writer in self.writers.iter() {
            writer.order(Order::Note(Arc::clone(&frame)));
        }
    }

    fn join(&self, join: Join) {
        let Join { log, client } = join;
        let missed = self.position - client.position;
        let oldest = self
            .kept
            .front()
            .map_or(self.position + 1, |frame| frame.seq);
        let too_far = missed > 0 && (client.position + 1 < oldest || missed > JOIN);
        if log != self.log || too_far {
            return; // dropping its `reply` says: read on from the log
        }
        let missed = self.kept.iter();
        let missed = missed.filter(|frame| frame.seq > client.position);
        let missed = missed.map(Arc::clone).collect();
        let writer = self.hub.feed.writer(client.id);
        writer.order(Order::Join { client, missed });
    }
}
