//! One client's way through the log: the past in pages, then the present, without a seam.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use domain::filter::ActivityFilter;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::event_log::{self, json_time};
use super::feed::{
    Command, Frame, Judged, KEEPALIVE, Outlet, Place, QUEUE, RESTORED, filter_note, reset_note,
};
use crate::hub::Hub;

/// Events a client may be behind and still resume.
const FARTHEST: i64 = 100_000;
/// Why there is no resuming from a place that is too old.
const PRUNED: &str = "events that old are no longer kept";
/// Lines read from the log at once.
const PAGE: u64 = 250;
/// Wait before a replay that was held up tries again.
const HELD_UP: Duration = Duration::from_millis(100);
/// Frames taken from the queue at once.
const BATCH: usize = 64;

/// Where a client wants to go on from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resume {
    /// The last place it has seen.
    pub since: Option<i64>,
    /// The log it has seen it in.
    pub log: Option<String>,
}

/// A client's tail of the log.
pub struct Tail {
    hub: Hub,
    filter: Arc<ActivityFilter>,
    log: Arc<str>,
    /// All that passes up to here was handed out.
    position: i64,
    way: Way,
    /// Notes that go out before anything else.
    notes: VecDeque<Frame>,
}

enum Way {
    /// Reading the log.
    Past,
    /// Asked the feed to join.
    Joining {
        reply: oneshot::Receiver<u64>,
        queue: mpsc::Receiver<Frame>,
        cut: CancellationToken,
    },
    /// Following the feed.
    Live {
        id: u64,
        queue: mpsc::Receiver<Frame>,
        cut: CancellationToken,
    },
}

/// The client was too slow for its queue.
#[derive(Debug)]
pub struct TooSlow;

impl Tail {
    /// Begins at `resume`, or now. The first frame is `open`; a `reset` follows when the place asked
    /// for cannot be resumed.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn begin(
        hub: Hub,
        filter: Arc<ActivityFilter>,
        resume: Resume,
    ) -> anyhow::Result<Tail> {
        let Some(since) = resume.since else {
            let Place { log, seq } = hub.feed.place();
            let position = seq.max(0);
            let open = open(&hub, &log, position, position);
            return Ok(Tail {
                hub,
                filter,
                log,
                position,
                way: Way::Past,
                notes: [open].into(),
            });
        };
        let end = event_log::end(hub.db.read()).await?;
        let reason = if resume.log.as_ref().is_some_and(|log| *log != end.log) {
            Some("that place is in another log")
        } else if since > end.seq {
            Some("that place is beyond the end of the log")
        } else if since < end.pruned_to {
            Some(PRUNED)
        } else if end.seq - since > FARTHEST {
            Some("more than 100,000 events have happened since")
        } else {
            None
        };
        let mut notes = VecDeque::from([open(&hub, &end.log, end.seq, since)]);
        let position = if reason.is_some() { end.seq } else { since };
        if let Some(reason) = reason {
            notes.push_back(reset_note(&end.log, end.seq, reason));
        }
        Ok(Tail {
            hub,
            filter,
            log: end.log.into(),
            position,
            way: Way::Past,
            notes,
        })
    }

    /// All that passes the filter up to here was handed out.
    #[must_use]
    pub fn position(&self) -> i64 {
        self.position
    }

    /// Judges what follows by another filter; a `filter` frame says from where.
    pub fn refilter(&mut self, filter: ActivityFilter) {
        self.filter = Arc::new(filter);
        match &self.way {
            Way::Live { id, .. } => {
                self.hub.feed.ask(Command::Refilter {
                    id: *id,
                    filter: Arc::clone(&self.filter),
                });
            }
            _ => {
                // Not joined yet, or perhaps: what the feed may have queued by the old filter is
                // dropped with its queue and judged anew.
                self.way = Way::Past;
                self.notes.push_back(filter_note(self.position));
            }
        }
    }

    /// The next frames, at least one. May be dropped while waiting; nothing is lost.
    ///
    /// # Errors
    /// [`TooSlow`] when the client was cut off.
    pub async fn next(&mut self) -> Result<Vec<Frame>, TooSlow> {
        loop {
            if !self.notes.is_empty() {
                return Ok(self.notes.drain(..).collect());
            }
            match &mut self.way {
                Way::Live { queue, cut, .. } => {
                    let mut frames = Vec::new();
                    let taken = queue.recv_many(&mut frames, BATCH).await;
                    if taken == 0 || cut.is_cancelled() {
                        return Err(TooSlow);
                    }
                    if let Some(last) = frames.last() {
                        self.position = last.seq;
                    }
                    return Ok(frames);
                }
                Way::Joining { reply, .. } => {
                    let answer = reply.await;
                    let way = std::mem::replace(&mut self.way, Way::Past);
                    match (answer, way) {
                        (Ok(id), Way::Joining { queue, cut, .. }) => {
                            self.way = Way::Live { id, queue, cut };
                        }
                        _ => {
                            let frames = self.read_page().await;
                            if !frames.is_empty() {
                                return Ok(frames);
                            }
                        }
                    }
                }
                Way::Past => self.ask_to_join(),
            }
        }
    }

    fn ask_to_join(&mut self) {
        let (sender, queue) = mpsc::channel(QUEUE);
        let (answer, reply) = oneshot::channel();
        let cut = CancellationToken::new();
        self.hub.feed.ask(Command::Join {
            log: Arc::clone(&self.log),
            position: self.position,
            filter: Arc::clone(&self.filter),
            outlet: Outlet {
                queue: sender,
                cut: cut.clone(),
            },
            reply: answer,
        });
        self.way = Way::Joining { reply, queue, cut };
    }

    /// Reads a page of the past and moves on behind it.
    async fn read_page(&mut self) -> Vec<Frame> {
        match self.page().await {
            Ok(frames) => frames,
            Err(error) => {
                tracing::warn!(
                    error = format!("{error:#}"),
                    "A replay was held up: {error:#}"
                );
                tokio::time::sleep(HELD_UP).await;
                Vec::new()
            }
        }
    }

    async fn page(&mut self) -> anyhow::Result<Vec<Frame>> {
        let lines = event_log::after(self.hub.db.read(), self.position, PAGE).await?;
        // Read behind the lines: if it is still our log, they are of it.
        let end = event_log::end(self.hub.db.read()).await?;
        let last = lines.last().map_or(self.position, |line| line.seq);
        let count = i64::try_from(lines.len())?;
        let reason = if *end.log != *self.log || end.seq < self.position {
            Some(RESTORED)
        } else if last - self.position != count {
            // The log has no holes but those that pruning leaves.
            Some(PRUNED)
        } else {
            None
        };
        if let Some(reason) = reason {
            self.log = end.log.into();
            self.position = end.seq;
            return Ok(vec![reset_note(&self.log, end.seq, reason)]);
        }
        if lines.is_empty() {
            // The feed has what the log has not: it is about to find out that the log was replaced.
            tokio::time::sleep(HELD_UP).await;
        }
        let now = self.hub.clock.now();
        let frames = lines
            .into_iter()
            .map(Frame::event)
            .filter(|frame| Judged::new(frame).passes(&self.filter, now))
            .collect();
        self.position = last;
        Ok(frames)
    }

    /// Resolves when this client is cut off; never while it still reads the past.
    pub fn cut(&self) -> Option<CancellationToken> {
        match &self.way {
            Way::Live { cut, .. } => Some(cut.clone()),
            _ => None,
        }
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        if let Way::Live { id, .. } = &self.way {
            self.hub.feed.ask(Command::Leave { id: *id });
        }
    }
}

/// Tells the log's end; its place is `since`, as nothing after it was sent yet.
fn open(hub: &Hub, log: &str, seq: i64, since: i64) -> Frame {
    Frame::note(
        since,
        &serde_json::json!({
            "type": "open", "log": log, "seq": seq, "since": since,
            "time": json_time(hub.clock.now()), "keepalive_s": KEEPALIVE.as_secs(),
        }),
    )
}
