//! Five hundred clients of the real binary, and one that does not read.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tokio::task::JoinSet;

use super::super::end_of_log;
use super::super::reader::{Came, Reader};
use super::big;
use crate::harness::hub::{Kind, TestHub, tell};
use crate::harness::process::Serving;
use crate::harness::redis::Redis;
use crate::harness::{eventually, http};

const CLIENTS: usize = 500;
/// Bytes of an event, about.
const SIZE: usize = 3_000;
/// Events of each phase: what fills kernel buffers and the queue of one who does not read, and
/// then some.
const PHASE: usize = 1_600;
/// Phases after which memory has settled, if ever.
const MOST_PHASES: usize = 6;
/// What the one may cost.
const MAY_GROW_KIB: u64 = 2 * 1024;

async fn metric(serving: &Serving, name: &str) -> f64 {
    let page = http::get(&serving.url("/metrics")).await.unwrap().body;
    let mut lines = page.lines();
    lines
        .find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
        .unwrap_or(0.0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_501_that_does_not_read_is_cut_off_and_costs_the_others_nothing() {
    let (hub, redis) = (TestHub::on(Kind::Postgres).await, Redis::start().await);
    let writer = hub.beside(Some(&redis.url())).await;
    let settings = hub.settings(Some(&redis));
    let serving = Serving::start(&["serve"], &settings).await;

    // What the feed keeps is full before anything is measured.
    tell(&writer, "jwst", &big("warm", 2_300, SIZE)).await;
    let begin = end_of_log(&writer).await;
    let total = Arc::new(AtomicI64::new(0));
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let query = format!("since={begin}");
        let mut reader = Reader::open(serving.port(), &query).await.unwrap();
        let total = Arc::clone(&total);
        clients.spawn(async move {
            let mut last = begin;
            loop {
                match reader.next().await {
                    Came::Event(seq, _) => {
                        assert_eq!(seq, last + 1, "out of order");
                        last = seq;
                        total.fetch_add(1, Ordering::Relaxed);
                    }
                    Came::Note(reset) => assert!(!reset),
                    Came::End(1001, _) => return last,
                    Came::End(code, reason) => panic!("cut off with {code}: {reason}"),
                }
            }
        });
    }

    // Each batch waits until everybody has the one before; answers the most memory seen.
    let phase = async |name: &str| {
        let mut most = 0;
        for (batch, visits) in big(name, PHASE, SIZE).chunks(40).enumerate() {
            tell(&writer, "jwst", visits).await;
            let everybody = (end_of_log(&writer).await - begin) * i64::try_from(CLIENTS).unwrap();
            eventually(&format!("batch {batch} of {name}"), async || {
                (total.load(Ordering::Relaxed) >= everybody).then_some(())
            })
            .await;
            most = most.max(serving.program().resident_kib());
        }
        most
    };
    // An allocator takes a while to have what it needs.
    let mut without = phase("warmer").await;
    for settling in 1..=MOST_PHASES {
        let before = without;
        without = without.max(phase(&format!("without{settling}")).await);
        eprintln!("phase {settling}: {before} KiB, then {without} KiB");
        if without - before < MAY_GROW_KIB / 4 {
            break;
        }
    }
    let idle = Reader::open(serving.port(), "").await.unwrap();
    eventually("one more", async || {
        let live = metric(&serving, "starboard_live_connections ").await;
        (live > 500.0).then_some(())
    })
    .await;
    let with = phase("with").await;

    eventually("the one to be cut off", async || {
        let live = metric(&serving, "starboard_live_connections ").await;
        (live < 501.0).then_some(())
    })
    .await;
    assert!(metric(&serving, "starboard_clients_cut_off_total ").await >= 1.0);
    drop(idle);
    let end = end_of_log(&writer).await;
    let mut serving = serving;
    serving.stop().await;
    let reached = clients.join_all().await;
    assert_eq!(reached, vec![end; CLIENTS]);
    eprintln!("resident: {without} KiB without, {with} KiB with one that does not read");
    assert!(
        with < without + MAY_GROW_KIB,
        "grew from {without} KiB to {with} KiB"
    );
    writer.shutdown.cancel();
}
