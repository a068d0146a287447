//! Many clients of the live feed at little cost, each of which can be held against the log.
//!
//! They run on a thread of their own and keep a place and two sums each. Shared with the tests,
//! which have the same crowd, smaller, before a debug binary.

mod client;
mod frames;
mod latency;
mod ledger;
mod line;
pub(crate) mod process;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;

use anyhow::Context;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use self::client::{Client, Manner, manner};
pub(crate) use self::latency::Latencies;
pub(crate) use self::ledger::Ledger;
use self::ledger::Seen;
pub(crate) use self::process::{growth, sample};

/// Connections being opened at the same time.
const DOORS: usize = 64;

/// What happened, of all clients together.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Connections that came to be.
    pub(crate) opened: AtomicU64,
    /// Of them, those that asked for what came since.
    pub(crate) back: AtomicU64,
    /// Connections that did not come to be.
    pub(crate) refused: AtomicU64,
    /// Told to be too slow, and where to go on.
    pub(crate) cut_off: AtomicU64,
    /// Ended without a word, or with another one.
    pub(crate) broken: AtomicU64,
    /// Of both, those who read as fast as they could.
    pub(crate) sent_away: AtomicU64,
    /// Events that were not sent to a client that asks for all.
    pub(crate) lost: AtomicU64,
    /// Events at or before a client's place.
    pub(crate) repeated: AtomicU64,
    /// Told to begin anew.
    pub(crate) resets: AtomicU64,
    /// Frames nobody understood.
    pub(crate) strange: AtomicU64,
}

impl Counts {
    fn lose(&self, events: i64) {
        let events = u64::try_from(events).unwrap_or_default();
        self.lost.fetch_add(events, Ordering::Relaxed);
    }
}

/// What clients share.
pub(crate) struct Shared {
    address: SocketAddr,
    counts: Counts,
    doors: Semaphore,
    log: OnceLock<String>,
    /// Set near the end: from then on nobody is slow or leaves.
    hurry: AtomicBool,
    latencies: Mutex<Latencies>,
}

impl Shared {
    fn log(&self) -> &str {
        self.log.get().map_or("", String::as_str)
    }

    fn learn(&self, log: &[u8]) {
        self.log
            .get_or_init(|| String::from_utf8_lossy(log).into_owned());
    }

    fn took(&self, micros: u64) {
        let mut latencies = self
            .latencies
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        latencies.add(micros);
    }
}

/// Many clients of one server.
pub(crate) struct Crowd {
    shared: Arc<Shared>,
    seen: Vec<Arc<Seen>>,
    stop: CancellationToken,
    thread: Option<JoinHandle<()>>,
}

impl Crowd {
    /// So many clients of the server on this port, who begin to come.
    pub(crate) fn start(port: u16, clients: usize) -> anyhow::Result<Crowd> {
        let shared = Arc::new(Shared {
            address: (Ipv4Addr::LOCALHOST, port).into(),
            counts: Counts::default(),
            doors: Semaphore::new(DOORS),
            log: OnceLock::new(),
            hurry: AtomicBool::new(false),
            latencies: Mutex::default(),
        });
        let seen: Vec<_> = (0..clients)
            .map(|number| {
                let filter = match manner(number) {
                    Manner::Asks(filter) => Some(filter),
                    _ => None,
                };
                Arc::new(Seen::new(filter))
            })
            .collect();
        let all: Vec<_> = (0..clients)
            .zip(&seen)
            .map(|(number, seen)| Client {
                number,
                manner: manner(number),
                seen: Arc::clone(seen),
                shared: Arc::clone(&shared),
            })
            .collect();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let thread = std::thread::Builder::new().name("crowd".to_owned());
        let thread = thread.spawn(move || {
            runtime.block_on(async {
                let mut running = JoinSet::new();
                for client in all {
                    running.spawn(client.run());
                }
                stopped.cancelled().await;
                running.shutdown().await;
            });
        })?;
        Ok(Crowd {
            shared,
            seen,
            stop,
            thread: Some(thread),
        })
    }

    /// What happened so far.
    pub(crate) fn counts(&self) -> &Counts {
        &self.shared.counts
    }

    /// How many have come.
    pub(crate) fn here(&self) -> usize {
        self.seen.iter().filter(|seen| seen.place() >= 0).count()
    }

    /// Events that were read.
    pub(crate) fn deliveries(&self) -> u64 {
        self.seen.iter().map(|seen| seen.count()).sum()
    }

    /// The place that everybody has reached.
    pub(crate) fn slowest(&self) -> i64 {
        self.seen.iter().map(|seen| seen.place()).min().unwrap_or(0)
    }

    /// How long events took some of those who watch, since the last time this was asked.
    pub(crate) fn latencies(&self) -> Latencies {
        let latencies = self.shared.latencies.lock();
        std::mem::take(&mut *latencies.unwrap_or_else(PoisonError::into_inner))
    }

    /// From now on nobody is slow, and nobody leaves.
    pub(crate) fn hurry(&self) {
        self.shared.hurry.store(true, Ordering::Relaxed);
    }

    /// Sends everybody home.
    pub(crate) fn end(&mut self) -> anyhow::Result<()> {
        self.stop.cancel();
        match self.thread.take().map(JoinHandle::join) {
            Some(Err(_)) => Err(anyhow::anyhow!("a client panicked")),
            _ => Ok(()),
        }
    }

    /// The furthest place of anybody: up to there a [`Ledger`] has to go.
    pub(crate) fn furthest(&self) -> usize {
        let places = self.seen.iter().map(|seen| seen.place());
        usize::try_from(places.max().unwrap_or(0)).unwrap_or(0)
    }

    /// Clients that saw something else than the log says, and the first such, in words. To be asked
    /// after the end.
    pub(crate) fn held_against(&self, ledger: &Ledger) -> (usize, Option<String>) {
        let mut wrong = self.seen.iter().enumerate().filter_map(|(number, seen)| {
            let (should, did) = ledger.differs(seen)?;
            let manner = manner(number);
            let place = seen.place();
            Some(format!(
                "client {number} ({manner:?}) saw {did} of {should} events up to {place}"
            ))
        });
        let first = wrong.next();
        (usize::from(first.is_some()) + wrong.count(), first)
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

/// A file of `/proc` about a process.
fn about(process: u32, file: &str) -> anyhow::Result<String> {
    let path = format!("/proc/{process}/{file}");
    std::fs::read_to_string(&path).with_context(|| format!("reading {path}"))
}
