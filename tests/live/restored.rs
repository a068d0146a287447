//! A database that is put back to an earlier state under a running hub.

use app::areas::activities::replay::{Replay, Resume};
use app::areas::activities::tail::Tail;
use domain::filter::ActivityFilter;
use serde_json::{Value, json};

use super::{execute, visits};
use crate::harness::hub::TestHub;
use crate::harness::socket::Socket;

/// What restoring a backup comes to: fewer events, and by `admin` a new identity.
async fn restore(hub: &TestHub, seq: i64) {
    let statement = "delete from events where seq > $1";
    execute(&hub.hub, statement, vec![seq.into()]).await;
    let statement = "update event_counter set seq = $1, log = 'restored' where id = 1";
    execute(&hub.hub, statement, vec![seq.into()]).await;
}

#[tokio::test]
async fn whoever_listens_is_reset_and_misses_nothing_of_the_other_log() {
    let hub = TestHub::start().await;
    let port = hub.listen().await;
    let mut socket = Socket::open(port, "").await;
    hub.apply("jwst", &visits("1", 5)).await;
    socket.events(5).await;

    restore(&hub, 2).await;
    let reset = socket.frame().await;
    hub.apply("jwst", &visits("2", 2)).await;

    assert_eq!(
        reset,
        json!({"type": "reset", "log": "restored", "seq": 2, "reason": reset["reason"]})
    );
    assert_eq!(socket.event().await["seq"], 3);
    assert_eq!(socket.event().await["seq"], 4);
    assert_eq!(Socket::open(port, "").await.open["log"], "restored");
}

#[tokio::test]
async fn a_log_that_has_grown_past_the_old_place_is_another_log_all_the_same() {
    let hub = TestHub::start().await;
    let mut socket = Socket::open(hub.listen().await, "").await;
    hub.apply("jwst", &visits("1", 2)).await;
    socket.events(2).await;

    restore(&hub, 7).await;

    let reset = socket.frame().await;
    assert_eq!(
        (&reset["type"], &reset["log"], &reset["seq"]),
        (&"reset".into(), &"restored".into(), &7.into())
    );
}

#[tokio::test]
async fn whoever_replays_is_reset_too() {
    let hub = TestHub::start().await;
    hub.apply("jwst", &visits("1", 3_000)).await;
    let filter = ActivityFilter::default().into();
    let resume = Resume {
        since: Some(0),
        log: None,
    };
    let replay = Replay::begin(hub.hub.clone(), filter, resume).await;
    let mut tail = Tail::new(replay.unwrap());
    tail.next().await.unwrap();
    assert!(tail.next().await.unwrap().len() > 1, "a page");

    restore(&hub, 10).await;

    let frames = tail.next().await.unwrap();
    let reset: Value = serde_json::from_str(frames[0].text.as_str()).unwrap();
    assert_eq!(
        (&reset["type"], &reset["log"], &reset["seq"]),
        (&"reset".into(), &"restored".into(), &10.into())
    );
}
