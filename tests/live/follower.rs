//! A client that comes back whenever it is cut off, and what it has to have seen in the end.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use app::areas::activities::event_log;
use app::hub::Hub;
use tokio::task::JoinHandle;

use super::reader::{Came, Reader, digest};
use crate::harness::{PATIENCE, eventually};

/// How soon a client that nobody answers tries again, as a browser would.
const AGAIN: Duration = Duration::from_millis(50);

/// A client that comes back whenever it is cut off.
pub(crate) struct Follower {
    /// The last place it has.
    place: Arc<AtomicI64>,
    /// How often it was let in.
    opened: Arc<AtomicUsize>,
    /// Answers every event it got: place and digest.
    task: JoinHandle<Vec<(i64, u64)>>,
}

impl Follower {
    /// Follows the log from its begin until `last` says where it ends. It connects to the ports in
    /// turn, and leaves by itself after `leaves_after` events.
    pub(crate) fn start(
        ports: Vec<u16>,
        log: String,
        last: Arc<AtomicI64>,
        leaves_after: usize,
    ) -> Follower {
        let (place, opened) = (Arc::new(AtomicI64::new(0)), Arc::new(AtomicUsize::new(0)));
        let (told, let_in) = (Arc::clone(&place), Arc::clone(&opened));
        let task = tokio::spawn(async move {
            let mut got: Vec<(i64, u64)> = Vec::new();
            for port in ports.iter().cycle() {
                let since = got.last().map_or(0, |(seq, _)| *seq);
                if since >= last.load(Ordering::SeqCst) {
                    break;
                }
                let query = format!("since={since}&log={log}");
                let Some(mut reader) = Reader::open(*port, &query).await else {
                    tokio::time::sleep(AGAIN).await;
                    continue;
                };
                let_in.fetch_add(1, Ordering::SeqCst);
                let leaves_at = got.len().saturating_add(leaves_after);
                while got.len() < leaves_at {
                    match reader.next().await {
                        Came::Event(seq, digest) => {
                            got.push((seq, digest));
                            told.store(seq, Ordering::SeqCst);
                        }
                        Came::Note(reset) => assert!(!reset, "reset after {:?}", got.last()),
                        Came::End(..) => break,
                    }
                    if told.load(Ordering::SeqCst) >= last.load(Ordering::SeqCst) {
                        return got;
                    }
                }
            }
            got
        });
        Follower {
            place,
            opened,
            task,
        }
    }

    /// The last place it has.
    pub(crate) fn place(&self) -> i64 {
        self.place.load(Ordering::SeqCst)
    }

    /// How often it was let in so far.
    pub(crate) fn opened(&self) -> usize {
        self.opened.load(Ordering::SeqCst)
    }

    /// What it got up to `end`, once it has come that far.
    pub(crate) async fn up_to(self, end: i64) -> Vec<(i64, u64)> {
        let waited = tokio::time::timeout(PATIENCE, self.task).await;
        let mut got = waited.expect("the end in time").unwrap();
        got.retain(|(seq, _)| *seq <= end);
        got
    }
}

/// Waits until each of these clients has got so many more events.
pub(crate) async fn everybody_goes_on(clients: &[&Follower], some: i64, what: &str) {
    let from: Vec<i64> = clients.iter().map(|client| client.place()).collect();
    eventually(what, async || {
        let mut both = clients.iter().zip(&from);
        both.all(|(client, from)| client.place() >= from + some)
            .then_some(())
    })
    .await;
}

/// Every line of the log: place and digest.
pub(crate) async fn whole_log(hub: &Hub) -> Vec<(i64, u64)> {
    let mut lines = Vec::new();
    loop {
        let after = lines.last().map_or(0, |(seq, _)| *seq);
        let page = event_log::after(hub.db.read(), after, 5_000).await.unwrap();
        if page.is_empty() {
            return lines;
        }
        lines.extend(page.iter().map(|line| (line.seq, digest(&line.envelope))));
    }
}
