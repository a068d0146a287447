//! The frames of the live protocol, one by one.

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

use super::{by, visits};
use crate::harness::PATIENCE;
use crate::harness::hub::{NOW, TestHub};
use crate::harness::records::{at, planned};
use crate::harness::seqs;
use crate::harness::socket::{Got, Socket};

#[tokio::test]
async fn the_first_frame_names_log_place_and_time() {
    let hub = TestHub::start().await;
    hub.apply("jwst", &visits("1", 2)).await;
    hub.hub.feed.reached(2).await;
    let port = hub.listen().await;
    let log = hub.json("/readyz").await["log"].clone();

    let new = Socket::open(port, "").await.open;
    let resumed = Socket::open(port, "since=1").await.open;

    assert_eq!(
        new,
        json!({"type": "open", "log": log, "seq": 2, "since": 2, "time": NOW, "keepalive_s": 25})
    );
    assert_eq!(
        resumed,
        json!({"type": "open", "log": log, "seq": 2, "since": 1, "time": NOW, "keepalive_s": 25})
    );
}

#[tokio::test]
async fn an_event_passes_once_and_in_order() {
    let hub = TestHub::start().await;
    let mut socket = Socket::open(hub.listen().await, "").await;

    for programme in ["1", "2", "3"] {
        hub.apply("jwst", &visits(programme, 2)).await;
    }

    assert_eq!(socket.events(6).await, hub.events().await);
}

#[tokio::test]
async fn a_filter_in_the_query_lets_through_what_it_names() {
    let hub = TestHub::start().await;
    let mut socket = Socket::open(hub.listen().await, "facility=HST&event=scheduled").await;
    let hst = by("HST", visits("2", 1).remove(0));

    hub.apply("jwst", &visits("1", 2)).await;
    hub.apply("hst", &[hst]).await;

    let event = socket.event().await;
    assert_eq!(
        (&event["seq"], &event["activity"]["facility_name"]),
        (&3.into(), &"HST".into())
    );
}

#[tokio::test]
async fn a_new_filter_is_answered_with_its_place_and_judges_what_follows() {
    let hub = TestHub::start().await;
    let mut socket = Socket::open(hub.listen().await, "facility=JWST").await;
    hub.apply("jwst", &visits("1", 1)).await;
    assert_eq!(socket.event().await["seq"], 1);

    socket
        .send(r#"{"type":"filter","filter":{"facility":["HST"]}}"#)
        .await;
    assert_eq!(socket.frame().await, json!({"type": "filter", "seq": 1}));

    hub.apply("jwst", &visits("2", 1)).await;
    hub.apply("hst", &[by("HST", visits("3", 1).remove(0))])
        .await;
    assert_eq!(socket.event().await["seq"], 3);
}

#[tokio::test]
async fn a_filter_frame_without_a_filter_lets_everything_through() {
    let hub = TestHub::start().await;
    let mut socket = Socket::open(hub.listen().await, "facility=HST").await;

    socket.send(r#"{"type":"filter"}"#).await;
    assert_eq!(socket.frame().await, json!({"type": "filter", "seq": 0}));

    hub.apply("jwst", &visits("1", 1)).await;
    assert_eq!(socket.event().await["seq"], 1);
}

#[tokio::test]
async fn a_frame_that_is_not_understood_is_answered_and_the_connection_lives_on() {
    let hub = TestHub::start().await;
    let mut socket = Socket::open(hub.listen().await, "facility=JWST").await;

    for (frame, named) in [
        ("hello", "not JSON"),
        ("[]", "type"),
        (r#"{"type":"subscribe"}"#, "type"),
        (
            r#"{"type":"filter","filter":{"telescope":["HST"]}}"#,
            "telescope",
        ),
        (r#"{"type":"filter","filter":[]}"#, "filter"),
    ] {
        socket.send(frame).await;
        let answer = socket.frame().await;
        assert_eq!(answer["type"], "error", "{frame}: {answer}");
        let problem = answer["problem"].to_string();
        assert!(problem.contains(named), "{frame}: {answer}");
    }

    // The filter of before still holds.
    hub.apply("hst", &[by("HST", visits("1", 1).remove(0))])
        .await;
    hub.apply("jwst", &visits("2", 1)).await;
    assert_eq!(socket.event().await["seq"], 2);
}

#[tokio::test]
async fn a_frame_of_16_kib_is_read_and_a_larger_one_closes_with_1009() {
    let hub = TestHub::start().await;
    let port = hub.listen().await;
    for (size, closes) in [(16 << 10, false), ((16 << 10) + 1, true), (300 << 10, true)] {
        let mut socket = Socket::open(port, "").await;

        socket.send("x".repeat(size)).await;

        let answer = socket.next().await;
        match closes {
            false => assert!(matches!(answer, Got::Frame(_)), "{size}: {answer:?}"),
            true => assert!(matches!(answer, Got::End(1009, _)), "{size}: {answer:?}"),
        }
    }
}

#[tokio::test]
async fn too_many_frames_close_with_1008() {
    let hub = TestHub::start().await;
    let mut socket = Socket::open(hub.listen().await, "").await;

    for _ in 0..40 {
        socket.send(r#"{"type":"filter","filter":{}}"#).await;
    }

    assert_eq!(socket.end().await.0, 1008);
}

/// The code a connection is closed with once these bytes came, behind its handshake.
async fn code_after(port: u16, bytes: &[u8]) -> u16 {
    let url = format!("ws://127.0.0.1:{port}/api/activities/live");
    let (mut stream, _) = connect_async(url).await.unwrap();
    stream.get_mut().write_all(bytes).await.unwrap();
    let closed = timeout(PATIENCE, async {
        loop {
            if let Message::Close(frame) = stream.next().await.unwrap().unwrap() {
                return frame.unwrap();
            }
        }
    });
    closed.await.expect("an end in time").code.into()
}

/// A frame as clients send it, whose mask changes nothing.
fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let length = 0x80 | u8::try_from(payload.len()).unwrap();
    [&[first, length, 0, 0, 0, 0], payload].concat()
}

#[tokio::test]
async fn a_binary_frame_closes_with_1003() {
    let hub = TestHub::start().await;
    let port = hub.listen().await;

    assert_eq!(code_after(port, &masked(0x82, &[1, 2, 3])).await, 1003);
}

#[tokio::test]
async fn what_is_no_frame_of_rfc_6455_closes_with_1002() {
    let hub = TestHub::start().await;
    let port = hub.listen().await;
    for (what, bytes) in [
        ("a text without a mask", vec![0x81, 2, b'h', b'i']),
        ("a bit that is reserved", masked(0xc1, b"hi")),
        ("a kind that is reserved", masked(0x83, b"hi")),
        ("more of nothing", masked(0x80, b"hi")),
        ("a ping in parts", masked(0x09, b"hi")),
        (
            "a ping of 126 bytes",
            [&[0x89, 0xfe, 0, 126], &[0; 130][..]].concat(),
        ),
        ("a request", b"GET / HTTP/1.1\r\n\r\n".to_vec()),
    ] {
        assert_eq!(code_after(port, &bytes).await, 1002, "{what}");
    }
}

#[tokio::test]
async fn a_text_that_is_not_utf_8_closes_with_1007() {
    let hub = TestHub::start().await;
    let port = hub.listen().await;
    for (what, bytes) in [
        ("a byte there is not", masked(0x81, &[0xff])),
        ("a character that ends early", masked(0x81, &[0xc3])),
        (
            "the same in parts",
            [masked(0x01, &[0xc3]), masked(0x80, &[0x28])].concat(),
        ),
    ] {
        assert_eq!(code_after(port, &bytes).await, 1007, "{what}");
    }
}

#[tokio::test]
async fn going_down_closes_every_connection_with_1001() {
    let hub = TestHub::start().await;
    let port = hub.listen().await;
    let mut sockets = Vec::new();
    for _ in 0..20 {
        sockets.push(Socket::open(port, "").await);
    }
    hub.apply("jwst", &visits("1", 1)).await;

    hub.hub.shutdown.cancel();

    for mut socket in sockets {
        assert_eq!(socket.end().await.0, 1001);
    }
}

#[tokio::test]
async fn a_query_that_is_not_understood_is_refused_before_the_upgrade() {
    let hub = TestHub::start().await;
    let port = hub.listen().await;
    for query in [
        "telescope=HST",
        "since=yesterday",
        "since=-1",
        "at=whenever",
    ] {
        let url = format!("ws://127.0.0.1:{port}/api/activities/live?{query}");

        let refused = connect_async(url).await.unwrap_err();

        let tokio_tungstenite::tungstenite::Error::Http(answer) = refused else {
            panic!("{query}: {refused}");
        };
        assert_eq!(answer.status(), 400, "{query}");
    }
}

#[tokio::test]
async fn the_filter_is_evaluated_on_the_snapshot_of_the_event() {
    let hub = TestHub::start().await;
    let mut socket = Socket::open(hub.listen().await, "target=M31").await;
    let mut visit = planned("1:1:1", "2026-11-22T06:00:00Z", "2026-11-22T07:00:00Z");

    for target in ["M-31", "M-33", "M 31"] {
        visit.facts.target_name = Some(target.to_owned());
        hub.apply("jwst", std::slice::from_ref(&visit)).await;
    }

    let events = socket.events(2).await;
    assert_eq!(seqs(&events), [1, 3]);
    assert_eq!(events[0]["activity"]["target_name"], "M-31");
    assert_eq!(events[1]["activity"]["target_name"], "M 31");
}

#[tokio::test]
async fn the_time_of_an_event_is_that_of_the_world() {
    let hub = TestHub::start().await;
    let mut socket = Socket::open(hub.listen().await, "event=started").await;
    let visit = planned("1:1:1", "2026-11-21T06:10:00Z", "2026-11-21T07:00:00Z");
    hub.apply("jwst", &[visit]).await;

    hub.set_time(at("2026-11-21T06:12:30Z"));
    hub.tick().await;

    let event = socket.event().await;
    assert_eq!(
        (&event["at"], &event["logged"]),
        (
            &"2026-11-21T06:10:00Z".into(),
            &"2026-11-21T06:12:30Z".into()
        )
    );
}

#[tokio::test]
async fn a_ping_is_answered_and_so_is_an_end() {
    let hub = TestHub::start().await;
    let url = format!("ws://127.0.0.1:{}/api/activities/live", hub.listen().await);
    let mut stream = connect_async(url).await.unwrap().0;
    let _open = stream.next().await;

    stream
        .send(Message::Ping("are you there".into()))
        .await
        .unwrap();
    let pong = timeout(PATIENCE, stream.next()).await.unwrap();
    assert_eq!(
        pong.unwrap().unwrap(),
        Message::Pong("are you there".into())
    );

    stream.send(Message::Close(None)).await.unwrap();
    let end = timeout(PATIENCE, stream.next()).await.unwrap();
    assert!(matches!(end, Some(Ok(Message::Close(_)))), "{end:?}");
}
