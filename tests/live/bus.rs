//! Redis between processes: who hears whom, and what happens without it.

use super::{by, visits};
use crate::harness::eventually;
use crate::harness::hub::{Kind, TestHub, listen, tell};
use crate::harness::process::Serving;
use crate::harness::redis::Redis;
use crate::harness::socket::Socket;

#[tokio::test]
async fn two_logs_on_one_redis_never_hear_each_other() {
    let redis = Redis::start().await;
    let url = redis.url();
    let (one, two) = (
        TestHub::on(Kind::Postgres).await,
        TestHub::on(Kind::Postgres).await,
    );
    let (one_reads, one_writes) = (one.beside(Some(&url)).await, one.beside(Some(&url)).await);
    let (two_reads, two_writes) = (two.beside(Some(&url)).await, two.beside(Some(&url)).await);
    let mut at_one = Socket::open(listen(&one_reads).await, "").await;
    let mut at_two = Socket::open(listen(&two_reads).await, "").await;
    assert_ne!(one_reads.topic(), two_reads.topic());

    // Both logs begin at 1: whoever took the other's hint would take it for the next event.
    tell(&two_writes, "hst", &[by("HST", visits("2", 1).remove(0))]).await;
    assert_eq!(at_two.event().await["activity"]["facility_name"], "HST");
    tell(&one_writes, "jwst", &visits("1", 1)).await;

    let first = at_one.event().await;
    assert_eq!(
        (&first["seq"], &first["activity"]["facility_name"]),
        (&1.into(), &"JWST".into())
    );
    for hub in [one_reads, one_writes, two_reads, two_writes] {
        hub.shutdown.cancel();
    }
}

#[tokio::test]
async fn a_process_starts_without_redis_and_finds_it_when_it_comes() {
    let hub = TestHub::on(Kind::Postgres).await;
    let mut redis = Redis::start().await;
    redis.kill();

    let settings = hub.settings(Some(&redis));
    // Starting waits for `/readyz` to answer 200.
    let serving = Serving::start(&["serve"], &settings).await;
    let ready = serving.get("/readyz").await;
    assert_eq!(
        (ready.status, &ready.json()["bus"]),
        (200, &"degraded".into())
    );
    let mut socket = Socket::open(serving.port(), "").await;
    hub.apply("jwst", &visits("1", 1)).await;
    assert_eq!(socket.event().await["seq"], 1, "through the database");

    redis.start_again().await;

    eventually("the bus", async || {
        let ready = serving.get("/readyz").await.json();
        (ready["bus"] == "connected").then_some(())
    })
    .await;
    let other = hub.beside(Some(&redis.url())).await;
    tell(&other, "jwst", &visits("2", 1)).await;
    assert_eq!(socket.event().await["seq"], 2);
    other.shutdown.cancel();
}
