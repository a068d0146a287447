//! `keepalive`: a place to resume from, even when nothing passes the filter.

use std::time::Duration;

use app::areas::activities::feed;
use app::db::Db;
use app::hub::Hub;
use app::start::{Ready, assemble};

use super::{by, visits};
use crate::harness::hub::{TestHub, listen, tell};
use crate::harness::socket::Socket;

/// A hub on the same database, whose `keepalive` comes every 20 ms.
async fn lively(hub: &TestHub) -> Hub {
    let db = Db::connect(&hub.database_url()).await.unwrap();
    let parts = &hub.hub;
    let (config, queue) = (parts.config.clone(), parts.queue.clone());
    let ready = assemble(config, parts.role, parts.clock.clone(), db, queue).await;
    let Ready { hub, feed, .. } = ready.unwrap();
    let feed = feed.keepalive_every(Duration::from_millis(20));
    tokio::spawn(feed::run(hub.clone(), feed));
    hub.feed.reached(0).await;
    hub
}

#[tokio::test]
async fn all_that_passes_up_to_a_keepalive_was_sent_before_it() {
    let quiet = TestHub::start().await;
    let hub = lively(&quiet).await;
    let port = listen(&hub).await;
    let mut socket = Socket::open(port, "facility=HST").await;
    let other = tokio::spawn({
        let hub = hub.clone();
        async move {
            for programme in 0..40 {
                tell(&hub, "jwst", &visits(&format!("{programme}"), 5)).await;
                let hst = by("HST", visits(&format!("{programme}"), 1).remove(0));
                tell(&hub, "hst", &[hst]).await;
            }
        }
    });

    let (mut passed, mut places) = (Vec::new(), Vec::new());
    while places.last() != Some(&240) {
        let frame = socket.frame().await;
        let seq = frame["seq"].as_i64().unwrap();
        match frame["type"].as_str() {
            Some("keepalive") => places.push(seq),
            _ => {
                assert!(places.last() <= Some(&seq), "{seq} after {places:?}");
                assert!(places.last() != Some(&seq), "{seq} is not after itself");
                passed.push(seq);
            }
        }
    }

    other.await.unwrap();
    let expected: Vec<i64> = (1..=40).map(|nth| nth * 6).collect();
    assert_eq!(passed, expected);
    assert!(places.is_sorted());
    hub.shutdown.cancel();
}

#[tokio::test]
async fn the_place_of_a_keepalive_can_be_resumed_from() {
    let quiet = TestHub::start().await;
    let hub = lively(&quiet).await;
    let port = listen(&hub).await;
    let mut socket = Socket::open(port, "facility=HST").await;
    tell(&hub, "jwst", &visits("1", 3)).await;
    loop {
        let frame = socket.frame().await;
        assert_eq!(frame["type"], "keepalive", "{frame}");
        if frame["seq"] == 3 {
            break;
        }
    }
    drop(socket);
    tell(&hub, "hst", &[by("HST", visits("2", 1).remove(0))]).await;

    let mut again = Socket::open(port, "facility=HST&since=3").await;

    assert_eq!(again.event().await["seq"], 4);
    hub.shutdown.cancel();
}
