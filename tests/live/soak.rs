//! What `cargo xtask soak` does for an hour, for two minutes and with a tenth of its clients: the
//! debug binary playing its demo, some clients slow, some coming and going.

#[path = "../../bench/src/soak/crowd/mod.rs"]
#[expect(dead_code, reason = "shared with the bench, which also tells figures")]
mod crowd;

use std::sync::atomic::Ordering;
use std::time::Duration;

use app::areas::activities::event_log;
use app::hub::Hub;
use tokio::time::{Instant, interval, timeout};

use self::crowd::{Crowd, Ledger, growth, sample};
use super::{end_of_log, visits};
use crate::harness::eventually;
use crate::harness::hub::{Kind, TestHub, tell};
use crate::harness::process::{Serving, run};
use crate::harness::redis::Redis;
use crate::harness::scratch::Scratch;

const CLIENTS: usize = 500;
const LASTS: Duration = Duration::from_secs(120);
/// Between two events: twenty a second.
const BEAT: Duration = Duration::from_millis(50);
/// Between two looks at the server's memory.
const LOOK: u32 = 40;
/// Longest everybody may take to get what is left, on a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(240);
/// What memory may grow from the second quarter to the last: allocators take their time, and a leak
/// of a hundred bytes a delivery would be 57 MiB.
const MAY_GROW_MIB: f64 = 40.0;

/// The log, as far as anybody has come.
async fn ledger(hub: &Hub, furthest: usize) -> Ledger {
    let mut ledger = Ledger::default();
    while ledger.len() < furthest {
        let after = i64::try_from(ledger.len()).unwrap();
        let page = event_log::after(hub.db.read(), after, 5_000).await.unwrap();
        assert!(!page.is_empty(), "somebody is beyond the end of the log");
        for (line, seq) in page.iter().zip(after + 1..) {
            assert_eq!(line.seq, seq, "a hole in the log");
            ledger.add(&line.envelope);
        }
    }
    ledger
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_minutes_with_500_clients_lose_nothing_repeat_nothing_and_keep_nothing() {
    let (hub, redis) = (TestHub::on(Kind::Postgres).await, Redis::start().await);
    let writer = hub.beside(Some(&redis.url())).await;
    let (database, url) = (hub.database_url(), redis.url());
    let demo = ["demo", "--database", &database, "--redis", &url];
    let mut serving = Serving::start(&demo, &[("SECRET_KEY", "x".repeat(40))]).await;
    let process = serving.program().id();

    let mut crowd = Crowd::start(serving.port(), CLIENTS).unwrap();
    eventually("everybody to come", async || {
        (crowd.here() == CLIENTS).then_some(())
    })
    .await;
    // What the feed keeps is full before anything is measured.
    tell(&writer, "soak", &visits("warm", 2_300)).await;

    let begun = Instant::now();
    let (mut beat, mut samples) = (interval(BEAT), Vec::new());
    for number in 0.. {
        beat.tick().await;
        tell(&writer, "soak", &visits(&number.to_string(), 1)).await;
        if number % LOOK == 0 {
            samples.push(sample(process, begun.elapsed().as_secs_f64()).unwrap());
        }
        if begun.elapsed() > LASTS {
            break;
        }
    }
    crowd.hurry();
    let end = end_of_log(&writer).await;
    let everybody = timeout(PATIENCE, async {
        while crowd.slowest() < end {
            tokio::time::sleep(BEAT).await;
        }
    });
    let reached = everybody.await.is_ok();
    crowd.end().unwrap();

    let counts = crowd.counts();
    eprintln!("{end} events, {} read, {counts:?}", crowd.deliveries());
    let ledger = ledger(&writer, crowd.furthest()).await;
    assert_eq!(crowd.held_against(&ledger), (0, None));
    assert!(reached, "somebody is at {} of {end}", crowd.slowest());
    for (what, count) in [
        ("lost", &counts.lost),
        ("repeated", &counts.repeated),
        ("resets", &counts.resets),
        ("strange frames", &counts.strange),
    ] {
        assert_eq!(count.load(Ordering::Relaxed), 0, "{what}");
    }
    assert!(counts.back.load(Ordering::Relaxed) > 0, "nobody came back");
    let (second, last) = growth(&samples).unwrap();
    eprintln!("resident: {second} MiB in the second quarter, {last} MiB in the last");
    assert!(
        last < second + MAY_GROW_MIB,
        "grew from {second} to {last} MiB"
    );
    let ran = serving.stop().await;
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    writer.shutdown.cancel();
}

#[tokio::test]
async fn the_demo_refuses_a_database_in_which_something_is() {
    let hub = TestHub::on(Kind::Postgres).await;
    tell(&hub.hub, "soak", &visits("1", 1)).await;
    let (folder, database) = (Scratch::new(), hub.database_url());

    let ran = run(&["demo", "--database", &database], folder.path(), &[]).await;

    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("there are activities"),
        "{}",
        ran.stderr
    );
}
