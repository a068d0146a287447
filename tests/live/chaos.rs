//! Two processes, one database, one Redis, two writers, and everything that may go wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use app::areas::activities::event_log;
use app::hub::Hub;
use tokio::task::{JoinHandle, JoinSet};

use super::reader::{Came, Reader, digest};
use super::{end_of_log, visits};
use crate::harness::eventually;
use crate::harness::hub::{Kind, TestHub, tell};
use crate::harness::process::Serving;
use crate::harness::redis::Redis;

/// How long Redis is away.
const AWAY: Duration = Duration::from_secs(20);
/// Events everybody has to get before a part of the test counts as survived.
const SOME: i64 = 200;

/// A client that comes back whenever it is cut off.
struct Client {
    /// The last place it has.
    place: Arc<AtomicI64>,
    /// Answers every event it got: place and digest.
    task: JoinHandle<Vec<(i64, u64)>>,
}

/// Follows the log from its begin until `last` says where it ends. It connects to the ports in
/// turn, and leaves by itself after `leaves_after` events.
fn client(ports: Vec<u16>, log: String, last: Arc<AtomicI64>, leaves_after: usize) -> Client {
    let place = Arc::new(AtomicI64::new(0));
    let told = Arc::clone(&place);
    let task = tokio::spawn(async move {
        let mut got: Vec<(i64, u64)> = Vec::new();
        for port in ports.iter().cycle() {
            let since = got.last().map_or(0, |(seq, _)| *seq);
            if since >= last.load(Ordering::SeqCst) {
                break;
            }
            let query = format!("since={since}&log={log}");
            let Some(mut reader) = Reader::open(*port, &query).await else {
                tokio::task::yield_now().await;
                continue;
            };
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
    Client { place, task }
}

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

/// Waits until each of these clients has got some more events.
async fn everybody_goes_on(clients: &[&Client], what: &str) {
    let from: Vec<i64> = clients
        .iter()
        .map(|c| c.place.load(Ordering::SeqCst))
        .collect();
    eventually(what, async || {
        let mut both = clients.iter().zip(&from);
        both.all(|(client, from)| client.place.load(Ordering::SeqCst) >= from + SOME)
            .then_some(())
    })
    .await;
}

/// Every line of the log: place and digest.
async fn whole_log(hub: &Hub) -> Vec<(i64, u64)> {
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

async fn bus_of(serving: &Serving, state: &str) {
    eventually(&format!("a bus that is {state}"), async || {
        let ready = serving.get("/readyz").await;
        assert_eq!(ready.status, 200, "{}", ready.body);
        (ready.json()["bus"] == state).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_client_sees_every_event_once_and_in_order_whatever_dies() {
    let (hub, mut redis) = (TestHub::on(Kind::Postgres).await, Redis::start().await);
    let settings = hub.settings(Some(&redis));
    let mut one = Serving::start(&["serve"], &settings).await;
    let two = Serving::start(&["serve"], &settings).await;
    bus_of(&one, "connected").await;
    bus_of(&two, "connected").await;
    let (at_one, at_two) = (one.port(), two.port());

    let last = Arc::new(AtomicI64::new(i64::MAX));
    let log = hub.hub.log.clone();
    let new = |ports: Vec<u16>, leaves| client(ports, log.clone(), Arc::clone(&last), leaves);
    let of_one = [new(vec![at_one], usize::MAX), new(vec![at_one], usize::MAX)];
    let of_two = [new(vec![at_two], usize::MAX), new(vec![at_two], usize::MAX)];
    let roaming = [
        new(vec![at_one, at_two], 150),
        new(vec![at_two, at_one], 333),
    ];
    let all: Vec<&Client> = of_one.iter().chain(&of_two).chain(&roaming).collect();

    let stop = Arc::new(AtomicBool::new(false));
    let mut writers = JoinSet::new();
    let mut hubs = Vec::new();
    for source in ["jwst", "hst"] {
        let writer = hub.beside(Some(&redis.url())).await;
        writers.spawn(hammer(writer.clone(), source, Arc::clone(&stop)));
        hubs.push(writer);
    }
    everybody_goes_on(&all, "events").await;

    redis.kill();
    let away = tokio::time::Instant::now() + AWAY;
    bus_of(&one, "degraded").await;
    bus_of(&two, "degraded").await;
    everybody_goes_on(&all, "events without Redis").await;
    tokio::time::sleep_until(away).await;
    redis.start_again().await;
    bus_of(&one, "connected").await;
    bus_of(&two, "connected").await;
    everybody_goes_on(&all, "events with Redis again").await;

    one.kill();
    let left: Vec<&Client> = of_two.iter().chain(&roaming).collect();
    everybody_goes_on(&left, "events from the process that is left").await;
    one.start_again().await;
    everybody_goes_on(&all, "events from both processes again").await;

    stop.store(true, Ordering::SeqCst);
    writers.join_all().await;
    let end = end_of_log(&hub.hub).await;
    last.store(end, Ordering::SeqCst);
    // One more, so that whoever waits at the end looks up: its place is not in the comparison.
    let log = whole_log(&hub.hub).await;
    assert_eq!(i64::try_from(log.len()).unwrap(), end);
    tell(&hubs[0], "jwst", &visits("over", 1)).await;
    for client in of_one.into_iter().chain(of_two).chain(roaming) {
        let waited = tokio::time::timeout(crate::harness::PATIENCE, client.task).await;
        let mut got = waited.expect("the end in time").unwrap();
        got.retain(|(seq, _)| *seq <= end);
        assert!(got == log, "a client saw something else than the log says");
    }
    eprintln!("{end} events, every client saw each once and in order");
    for hub in hubs {
        hub.shutdown.cancel();
    }
}
