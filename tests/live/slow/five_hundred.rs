//! Five hundred clients of the real binary, and eight that do not read.

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
/// Clients that never read: several, so that what each costs stands out of what an allocator does.
const IDLE: usize = 8;
/// Bytes of an event, about.
const SIZE: usize = 3_000;
/// Events of each phase: what fills kernel buffers and the queue of one who does not read, and
/// then some.
const PHASE: usize = 1_600;
/// Phases after which memory has settled, if ever.
const MOST_PHASES: usize = 6;
/// What one of them may cost.
const MAY_GROW_KIB: usize = 2 * 1024;

const LIVE: &str = "starboard_live_connections ";
const CUT_OFF: &str = "starboard_clients_cut_off_total ";

async fn metric(serving: &Serving, name: &str) -> usize {
    let page = http::get(&serving.url("/metrics")).await.unwrap().body;
    let mut lines = page.lines();
    lines
        .find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
        .unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_that_do_not_read_are_cut_off_and_cost_the_500_others_nothing() {
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
    let mut idle = Vec::new();
    for _ in 0..IDLE {
        idle.push(Reader::open(serving.port(), "").await.unwrap());
    }
    let connected = async |count: usize| (metric(&serving, LIVE).await == count).then_some(());
    eventually("all are there", async || connected(CLIENTS + IDLE).await).await;
    let with = phase("with").await;

    eventually("those to be cut off", async || connected(CLIENTS).await).await;
    eventually("each is counted", async || {
        (metric(&serving, CUT_OFF).await >= IDLE).then_some(())
    })
    .await;
    drop(idle);
    let end = end_of_log(&writer).await;
    assert_eq!(metric(&serving, CUT_OFF).await, IDLE, "counted once each");
    let mut serving = serving;
    serving.stop().await;
    let reached = clients.join_all().await;
    assert_eq!(reached, vec![end; CLIENTS]);
    let grew = with.saturating_sub(without) / IDLE;
    eprintln!("resident: {without} KiB without, {with} KiB with {IDLE} that do not read");
    assert!(
        grew < MAY_GROW_KIB,
        "each that does not read costs {grew} KiB"
    );
    writer.shutdown.cancel();
}
