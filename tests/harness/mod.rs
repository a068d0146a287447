//! What tests stand on: servers of their own, hubs of their own, clients, and the real binary.
//!
//! Everything started here listens on a free port of the loopback address, keeps its files in a
//! scratch folder, and is gone when the test process is, however that ends.

pub(crate) mod authority;
pub(crate) mod http;
pub(crate) mod hub;
pub(crate) mod leash;
pub(crate) mod names;
pub(crate) mod nginx;
pub(crate) mod postgres;
pub(crate) mod process;
pub(crate) mod procfile;
pub(crate) mod programs;
pub(crate) mod records;
pub(crate) mod redis;
pub(crate) mod samples;
pub(crate) mod scratch;
pub(crate) mod smtp;
pub(crate) mod socket;

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

/// Longest wait for anything that a test expects to happen. Generous: machines are busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A port of the loopback address nobody listens on, and none that was handed out before.
pub(crate) fn free_port() -> u16 {
    static HANDED_OUT: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    let mut handed_out = HANDED_OUT.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        if handed_out.insert(port) {
            return port;
        }
    }
}

/// The seed of this run: `STARBOARD_SEED`, else always the same one, so that a run that passed
/// passes again. Printed, so that a failure under another seed can be had again.
pub(crate) fn seed() -> u64 {
    let set = std::env::var("STARBOARD_SEED").ok();
    let seed = match set.filter(|set| !set.is_empty()) {
        Some(set) => set.parse().expect("STARBOARD_SEED takes a whole number"),
        None => 20_261_121,
    };
    println!("STARBOARD_SEED={seed}");
    seed
}

/// A cassette of this repository.
pub(crate) fn cassette(path: &str) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/cassettes");
    serde_json::from_slice(&std::fs::read(file.join(path)).unwrap()).unwrap()
}

/// The places of events, or of other frames, in the log.
pub(crate) fn seqs(frames: &[Value]) -> Vec<i64> {
    frames
        .iter()
        .map(|frame| frame["seq"].as_i64().unwrap())
        .collect()
}

/// Asks `done` again and again until it answers something. Panics after [`PATIENCE`], naming what
/// was waited for.
pub(crate) async fn eventually<T>(what: &str, mut done: impl AsyncFnMut() -> Option<T>) -> T {
    let asked = async {
        loop {
            if let Some(answer) = done().await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let answer = tokio::time::timeout(PATIENCE, asked).await;
    answer.unwrap_or_else(|_| panic!("waited {PATIENCE:?} for {what}"))
}
