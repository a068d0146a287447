//! One client's way through the past: page by page, until the feed goes on from there without a
//! seam.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use domain::filter::ActivityFilter;
use tokio::sync::oneshot;

use super::event_log;
use super::feed::{
    Feed, Frame, Join, Joining, Judged, Outlet, Place, RESTORED, filter_note, open_note, reset_note,
};
use crate::hub::Hub;

/// Events a client may be behind and still resume.
const FARTHEST: i64 = 100_000;
/// Why there is no resuming from a place that is too old.
const PRUNED: &str = "events that old are no longer kept";
/// Lines read from the log at once.
const PAGE: u64 = 100;
/// Wait before a replay that was held up tries again.
const HELD_UP: Duration = Duration::from_millis(100);

/// Where a client wants to go on from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resume {
    /// The last place it has seen.
    pub since: Option<i64>,
    /// The log it has seen it in.
    pub log: Option<String>,
}

/// What a client missed, and its way to the present.
pub struct Replay {
    hub: Hub,
    filter: Arc<ActivityFilter>,
    log: Arc<str>,
    /// All that passes up to here was handed out.
    position: i64,
    way: Way,
    /// Notes that go out before anything else.
    notes: VecDeque<Arc<Frame>>,
}

enum Way {
    /// Reading the log.
    Past,
    /// Asked the feed to let the client join.
    Joining(oneshot::Receiver<()>),
    /// Everything further comes from the feed.
    Joined,
}

impl Replay {
    /// Begins at `resume`, or now. The first frame is `open`; a `reset` follows when the place asked
    /// for cannot be resumed.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn begin(
        hub: Hub,
        filter: Arc<ActivityFilter>,
        resume: Resume,
    ) -> anyhow::Result<Replay> {
        let Some(since) = resume.since else {
            let Place { log, seq } = hub.feed.place();
            let position = seq.max(0);
            let open = open(&hub, &log, position, position);
            return Ok(Replay {
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
        Ok(Replay {
            hub,
            filter,
            log: end.log.into(),
            position,
            way: Way::Past,
            notes,
        })
    }

    /// The next frames, at least one; none once the client has joined the feed, by what `live` made
    /// last: its id, and where its frames go. May be dropped while waiting; nothing is lost.
    pub(super) async fn next(
        &mut self,
        mut live: impl FnMut(&Feed) -> (u64, Outlet),
    ) -> Option<Vec<Arc<Frame>>> {
        loop {
            if !self.notes.is_empty() {
                return Some(self.notes.drain(..).collect());
            }
            match &mut self.way {
                Way::Past => {
                    let (id, outlet) = live(&self.hub.feed);
                    self.way = Way::Joining(self.ask_to_join(id, outlet));
                }
                Way::Joining(reply) => {
                    if reply.await.is_ok() {
                        self.way = Way::Joined;
                        continue;
                    }
                    self.way = Way::Past;
                    let frames = self.read_page().await;
                    if !frames.is_empty() {
                        return Some(frames);
                    }
                }
                Way::Joined => return None,
            }
        }
    }

    /// Judges what follows by another filter; a `filter` frame says from where. The id is that of
    /// the client, should it have joined.
    pub(super) async fn refilter(&mut self, id: u64, filter: Arc<ActivityFilter>) {
        self.filter = filter;
        if let Way::Joining(reply) = &mut self.way {
            // What it asked for may be on its way already.
            self.way = match reply.await {
                Ok(()) => Way::Joined,
                Err(_) => Way::Past,
            };
        }
        match self.way {
            Way::Joined => self.hub.feed.refilter(id, Arc::clone(&self.filter)),
            _ => self.notes.push_back(filter_note(self.position)),
        }
    }

    fn ask_to_join(&self, id: u64, outlet: Outlet) -> oneshot::Receiver<()> {
        let (answer, reply) = oneshot::channel();
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
        reply
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
        let (mut lines, end) = event_log::page(self.hub.db.read(), self.position, PAGE).await?;
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
        lines.retain(|line| Judged::new(&line.envelope).passes(&self.filter, now));
        self.position = last;
        Ok(self.hub.feed.missed(&lines))
    }
}

/// Tells the log's end; its place is `since`, as nothing after it was sent yet.
fn open(hub: &Hub, log: &str, seq: i64, since: i64) -> Arc<Frame> {
    open_note(log, seq, since, hub.clock.now())
}
