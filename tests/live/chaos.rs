//! Two processes, one database, one Redis, two writers, and everything that may go wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use app::hub::Hub;
use tokio::task::JoinSet;

use super::follower::{Follower, everybody_goes_on, whole_log};
use super::{end_of_log, visits};
use crate::harness::hub::{Kind, TestHub, tell};
use crate::harness::process::Serving;
use crate::harness::redis::Redis;

/// How long Redis is away.
const AWAY: Duration = Duration::from_secs(20);
/// Events everybody has to get before a part of the test counts as survived.
const SOME: i64 = 200;

/// Writes until told to stop, a few events a transaction; some of them about what it wrote before.
async fn hammer(hub: Hub, source: &'static str, stop: Arc<AtomicBool>) {
    let mut round = 0_usize;
    while !stop.load(Ordering::SeqCst) {
        round += 1;
        let mut records = visits(&format!("{source}{round}"), 1 + round % 3);
        if round.is_multiple_of(2) {
            let mut known = visits(&format!("{source}{}", round - 1), 1);
            known[0].facts.target_name = Some(format!("M-{}", round % 110));
            records.append(&mut known);
        }
        tell(&hub, source, &records).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_client_sees_every_event_once_and_in_order_whatever_dies() {
    let (hub, mut redis) = (TestHub::on(Kind::Postgres).await, Redis::start().await);
    let settings = hub.settings(Some(&redis));
    let mut one = Serving::start(&["serve"], &settings).await;
    let two = Serving::start(&["serve"], &settings).await;
    one.has_bus("connected").await;
    two.has_bus("connected").await;
    let (at_one, at_two) = (one.port(), two.port());

    let last = Arc::new(AtomicI64::new(i64::MAX));
    let log = hub.hub.log.clone();
    let new =
        |ports: Vec<u16>, leaves| Follower::start(ports, log.clone(), Arc::clone(&last), leaves);
    let of_one = [new(vec![at_one], usize::MAX), new(vec![at_one], usize::MAX)];
    let of_two = [new(vec![at_two], usize::MAX), new(vec![at_two], usize::MAX)];
    let roaming = [
        new(vec![at_one, at_two], 150),
        new(vec![at_two, at_one], 333),
    ];
    let all: Vec<&Follower> = of_one.iter().chain(&of_two).chain(&roaming).collect();

    let stop = Arc::new(AtomicBool::new(false));
    let mut writers = JoinSet::new();
    let mut hubs = Vec::new();
    for source in ["jwst", "hst"] {
        let writer = hub.beside(Some(&redis.url())).await;
        writers.spawn(hammer(writer.clone(), source, Arc::clone(&stop)));
        hubs.push(writer);
    }
    everybody_goes_on(&all, SOME, "events").await;

    redis.kill();
    let away = tokio::time::Instant::now() + AWAY;
    one.has_bus("degraded").await;
    two.has_bus("degraded").await;
    everybody_goes_on(&all, SOME, "events without Redis").await;
    tokio::time::sleep_until(away).await;
    redis.start_again().await;
    one.has_bus("connected").await;
    two.has_bus("connected").await;
    everybody_goes_on(&all, SOME, "events with Redis again").await;

    one.kill();
    let left: Vec<&Follower> = of_two.iter().chain(&roaming).collect();
    everybody_goes_on(&left, SOME, "events from the process that is left").await;
    one.start_again().await;
    everybody_goes_on(&all, SOME, "events from both processes again").await;

    stop.store(true, Ordering::SeqCst);
    writers.join_all().await;
    let end = end_of_log(&hub.hub).await;
    last.store(end, Ordering::SeqCst);
    // One more, so that whoever waits at the end looks up: its place is not in the comparison.
    let log = whole_log(&hub.hub).await;
    assert_eq!(i64::try_from(log.len()).unwrap(), end);
    tell(&hubs[0], "jwst", &visits("over", 1)).await;
    for client in of_one.into_iter().chain(of_two).chain(roaming) {
        let got = client.up_to(end).await;
        assert!(got == log, "a client saw something else than the log says");
    }
    eprintln!("{end} events, every client saw each once and in order");
    for hub in hubs {
        hub.shutdown.cancel();
    }
}
