//! One client's way through the log: the past in pages, then the present, without a seam.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use domain::filter::ActivityFilter;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::event_log;
use super::feed::{
    Frame, Join, Joining, Judged, Outlet, Place, QUEUE, RESTORED, filter_note, open_note,
    reset_note,
};
use crate::hub::Hub;

/// Events a client may be behind and still resume.
const FARTHEST: i64 = 100_000;
/// Why there is no resuming from a place that is too old.
const PRUNED: &str = "events that old are no longer kept";
/// Lines read from the log at once: each of thousands who come back at once may hold two pages.
const PAGE: u64 = 100;
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
    notes: VecDeque<Arc<Frame>>,
    /// The socket a writer follows the feed for, once this has caught up.
    socket: Option<u64>,
}

enum Way {
    /// Reading the log.
    Past,
    /// Asked the feed to join.
    Joining(oneshot::Receiver<()>, Live),
    /// Following the feed.
    Live(Live),
}

/// How the feed is followed.
enum Live {
    /// By a queue of our own.
    Queue {
        id: u64,
        queue: mpsc::Receiver<Arc<Frame>>,
        cut: CancellationToken,
    },
    /// By the socket's writer.
    Socket(u64),
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
                socket: None,
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
            socket: None,
        })
    }

    /// Lets the writer of this socket follow the feed from where this has caught up.
    #[must_use]
    pub(super) fn of_socket(self, id: u64) -> Tail {
        let mut tail = self;
        tail.socket = Some(id);
        tail
    }

    /// Whether everything further comes from the feed.
    #[must_use]
    pub fn is_live(&self) -> bool {
        matches!(self.way, Way::Live(_))
    }

    /// Judges what follows by another filter; a `filter` frame says from where.
    pub async fn refilter(&mut self, filter: Arc<ActivityFilter>) {
        self.filter = filter;
        if let Way::Joining(reply, _) = &mut self.way {
            // What it asked for may be on its way already.
            let joined = reply.await.is_ok();
            self.way = match std::mem::replace(&mut self.way, Way::Past) {
                Way::Joining(_, live) if joined => Way::Live(live),
                _ => Way::Past,
            };
        }
        match &self.way {
            Way::Live(Live::Queue { id, .. } | Live::Socket(id)) => {
                self.hub.feed.refilter(*id, Arc::clone(&self.filter));
            }
            _ => self.notes.push_back(filter_note(self.position)),
        }
    }

    /// The next frames, at least one; none once a socket's writer follows the feed. May be dropped
    /// while waiting; nothing is lost.
    ///
    /// # Errors
    /// [`TooSlow`] when the client was cut off.
    pub async fn next(&mut self) -> Result<Vec<Arc<Frame>>, TooSlow> {
        loop {
            if !self.notes.is_empty() {
                return Ok(self.notes.drain(..).collect());
            }
            match &mut self.way {
                Way::Live(Live::Socket(_)) => return Ok(Vec::new()),
                Way::Live(Live::Queue { queue, cut, .. }) => {
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
                Way::Joining(reply, _) => {
                    let answer = reply.await;
                    let way = std::mem::replace(&mut self.way, Way::Past);
                    match (answer, way) {
                        (Ok(()), Way::Joining(_, live)) => self.way = Way::Live(live),
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
        let (answer, reply) = oneshot::channel();
        let (id, outlet, live) = match self.socket {
            Some(id) => (id, Outlet::Socket, Live::Socket(id)),
            None => {
                let id = self.hub.feed.fresh_id();
                let (sender, queue) = mpsc::channel(QUEUE);
                let cut = CancellationToken::new();
                let outlet = Outlet::Queue {
                    queue: sender,
                    cut: cut.clone(),
                };
                (id, outlet, Live::Queue { id, queue, cut })
            }
        };
        self.hub.feed.join(Join {
            log: Arc::clone(&self.log),
            client: Joining {
                id,
                position: self.position,
                filter: Arc::clone(&self.filter),
                outlet,
                reply: answer,
            },
        });
        self.way = Way::Joining(reply, live);
    }

    /// Reads a page of the past and moves on behind it.
    async fn read_page(&mut self) -> Vec<Arc<Frame>> {
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

    async fn page(&mut self) -> anyhow::Result<Vec<Arc<Frame>>> {
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
        let passing = lines.iter();
        let passing = passing.filter(|line| Judged::new(&line.envelope).passes(&self.filter, now));
        let frames = passing.map(Frame::event).collect();
        self.position = last;
        Ok(frames)
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        if let Way::Live(Live::Queue { id, .. }) = &self.way {
            self.hub.feed.leave(*id);
        }
    }
}

/// Tells the log's end; its place is `since`, as nothing after it was sent yet.
fn open(hub: &Hub, log: &str, seq: i64, since: i64) -> Arc<Frame> {
    open_note(log, seq, since, hub.clock.now())
}
