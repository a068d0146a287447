//! `since`: what was missed, then what happens, without a seam.

use std::collections::BTreeSet;
use std::sync::Arc;

use app::areas::activities::event_log;
use app::areas::activities::prune;
use app::areas::activities::replay::{Replay, Resume};
use app::areas::activities::tail::Tail;
use app::areas::subscriptions::match_all;
use chrono::TimeDelta;
use domain::filter::ActivityFilter;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{by, end_of_log, execute, visits};
use crate::harness::hub::{Kind, TestHub, listen, on_both, tell};
use crate::harness::records::{at, planned};
use crate::harness::seqs;
use crate::harness::socket::Socket;

/// More than a page, and more than the feed keeps.
const MANY: usize = 5_000;

#[tokio::test]
async fn everything_missed_comes_first_and_then_what_happens() {
    on_both(async |hub: TestHub| {
        let port = hub.listen().await;
        hub.apply("jwst", &visits("1", 3)).await;

        let mut socket = Socket::open(port, "since=1").await;
        let replayed = socket.events(2).await;
        hub.apply("jwst", &visits("2", 1)).await;
        let live = socket.event().await;

        let log = hub.events().await;
        assert_eq!(replayed, log[1..3]);
        assert_eq!(live, log[3]);
    })
    .await;
}

#[tokio::test]
async fn a_long_replay_has_no_seam_while_two_writers_append() {
    on_both(async |hub: TestHub| {
        let port = hub.listen().await;
        hub.apply("jwst", &visits("1", MANY)).await;
        let other = match hub.kind {
            Kind::Sqlite => hub.hub.clone(),
            Kind::Postgres => hub.beside(None).await,
        };
        let writing = async |hub, source| {
            for visit in visits("2", 400) {
                tell(hub, source, &[visit]).await;
            }
        };
        let all = i64::try_from(MANY).unwrap() + 800;

        let mut sockets = Vec::new();
        for since in [0, 1, 2_499, 2_500, 4_990] {
            sockets.push((since, Socket::open(port, &format!("since={since}")).await));
        }
        // All at once: whoever does not read is cut off.
        let reading = join_all(sockets.iter_mut().map(async |(since, socket)| {
            let events = socket.events_up_to(all).await;
            let expected: Vec<i64> = (*since + 1..=all).collect();
            assert!(seqs(&events) == expected, "a gap or repeat after {since}");
        }));
        tokio::join!(reading, writing(&hub.hub, "jwst"), writing(&other, "hst"));
        if hub.kind == Kind::Postgres {
            other.shutdown.cancel();
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_replayed_is_the_snapshot_and_not_the_row_of_today() {
    let hub = TestHub::start().await;
    let mut visit = planned("1:1:1", "2026-11-22T06:00:00Z", "2026-11-22T07:00:00Z");
    visit.facts.target_name = Some("M-31".to_owned());
    let mut socket = Socket::open(hub.listen().await, "").await;
    hub.apply("jwst", std::slice::from_ref(&visit)).await;
    visit.facts.t_min = Some(at("2026-11-22T05:00:00Z"));
    visit.facts.target_name = Some("M-33".to_owned());
    hub.apply("jwst", &[visit]).await;
    let end = end_of_log(&hub.hub).await;
    let live = socket.events_up_to(end).await;

    let mut late = Socket::open(hub.listen().await, "since=0").await;

    let replayed = late.events_up_to(end).await;
    assert_eq!(replayed, live);
    assert_eq!(replayed[0]["activity"]["target_name"], "M-31");
    assert_eq!(replayed[0]["activity"]["t_min"], "2026-11-22T06:00:00Z");
}

#[tokio::test]
async fn however_many_wait_for_an_event_of_the_past_it_is_in_memory_once() {
    let hub = TestHub::start().await;
    hub.apply("jwst", &visits("1", 400)).await;
    hub.hub.feed.reached(400).await;

    let mut waiting = Vec::new();
    for since in [0, 0, 50, 50, 120] {
        let filter = ActivityFilter::default().into();
        let resume = Resume {
            since: Some(since),
            log: None,
        };
        let replay = Replay::begin(hub.hub.clone(), filter, resume).await;
        let mut tail = Tail::new(replay.unwrap());
        assert_eq!(tail.next().await.unwrap().len(), 1, "`open`");
        waiting.extend(tail.next().await.unwrap());
    }

    assert_eq!(waiting.len(), 500);
    let frames: BTreeSet<_> = waiting.iter().map(Arc::as_ptr).collect();
    assert_eq!(frames.len(), 220, "those of 1 to 220");
}

#[tokio::test]
async fn a_replay_is_filtered_by_what_the_events_were() {
    let hub = TestHub::start().await;
    hub.apply("jwst", &visits("1", 600)).await;
    hub.apply("hst", &[by("HST", visits("2", 1).remove(0))])
        .await;
    hub.apply("jwst", &visits("3", 600)).await;

    let mut socket = Socket::open(hub.listen().await, "since=0&facility=HST").await;
    hub.apply("hst", &[by("HST", visits("4", 1).remove(0))])
        .await;

    assert_eq!(seqs(&socket.events(2).await), [601, 1202]);
}

#[tokio::test]
async fn a_filter_given_during_a_replay_judges_what_follows_its_place() {
    let hub = TestHub::start().await;
    for programme in 0..20 {
        let jwst = visits(&format!("{programme}"), 100);
        let hst: Vec<_> = jwst.iter().map(|v| by("HST", v.clone())).collect();
        hub.apply("jwst", &jwst).await;
        hub.apply("hst", &hst).await;
    }
    let mut socket = Socket::open(hub.listen().await, "since=0&facility=JWST").await;
    let before = socket.event().await;
    assert_eq!(before["seq"], 1);

    socket
        .send(r#"{"type":"filter","filter":{"facility":["HST"]}}"#)
        .await;

    let mut got = vec![before];
    let place = loop {
        let frame = socket.frame().await;
        match frame["type"].as_str() {
            Some("filter") => break frame["seq"].as_i64().unwrap(),
            _ => got.push(frame),
        }
    };
    got.extend(socket.events_up_to(4_000).await);
    let wanted = |event: &&Value| {
        let facility = match event["seq"].as_i64() <= Some(place) {
            true => "JWST",
            false => "HST",
        };
        event["activity"]["facility_name"] == facility
    };
    let log = hub.events().await;
    let expected: Vec<Value> = log.iter().filter(wanted).cloned().collect();
    assert_eq!(seqs(&got), seqs(&expected), "filter at {place}");
}

#[tokio::test]
async fn a_place_older_than_what_is_kept_is_reset_and_goes_on() {
    on_both(async |hub: TestHub| {
        let port = hub.listen().await;
        let mut visit = planned("1:1:1", "2126-01-01T00:00:00Z", "2126-01-01T01:00:00Z");
        for hour in ["02", "03", "04"] {
            hub.apply("jwst", std::slice::from_ref(&visit)).await;
            visit.facts.t_max = Some(at(&format!("2126-01-01T{hour}:00:00Z")));
        }
        let before = hub.hub.clock.now() + TimeDelta::days(31);
        hub.set_time(before);
        match_all(&hub.hub).await.unwrap();
        prune(&hub.hub, before - TimeDelta::days(30)).await.unwrap();
        let end = event_log::end(hub.hub.db.read()).await.unwrap();
        assert_eq!((end.seq, end.pruned_to), (3, 3));

        let mut socket = Socket::open(port, "since=2").await;
        let reset = socket.frame().await;
        hub.apply("jwst", &visits("2", 1)).await;

        assert_eq!(
            reset,
            json!({"type": "reset", "log": end.log, "seq": 3, "reason": reset["reason"]})
        );
        assert_eq!(socket.event().await["seq"], 4);

        // The end itself is a place to resume from, pruned or not.
        let mut socket = Socket::open(port, "since=3").await;
        assert_eq!(socket.event().await["seq"], 4);
    })
    .await;
}

#[tokio::test]
async fn a_place_beyond_the_end_is_reset_and_goes_on() {
    let hub = TestHub::start().await;
    hub.apply("jwst", &visits("1", 2)).await;

    let mut socket = Socket::open(hub.listen().await, "since=3").await;
    let reset = socket.frame().await;
    hub.apply("jwst", &visits("2", 1)).await;

    assert_eq!(
        (&reset["type"], &reset["seq"]),
        (&"reset".into(), &2.into())
    );
    assert_eq!(socket.event().await["seq"], 3);
}

#[tokio::test]
async fn a_place_in_another_log_is_reset_and_goes_on() {
    let hub = TestHub::start().await;
    hub.apply("jwst", &visits("1", 2)).await;
    let port = hub.listen().await;

    let mut socket = Socket::open(port, "since=1&log=another").await;
    let reset = socket.frame().await;
    hub.apply("jwst", &visits("2", 1)).await;

    assert_eq!(
        (&reset["type"], &reset["seq"]),
        (&"reset".into(), &2.into())
    );
    assert_eq!(reset["log"], socket.open["log"]);
    assert_eq!(socket.event().await["seq"], 3);

    let log = socket.open["log"].as_str().unwrap();
    let mut socket = Socket::open(port, &format!("since=1&log={log}")).await;
    assert_eq!(socket.event().await["seq"], 2);
}

#[tokio::test]
async fn more_than_a_hundred_thousand_events_behind_is_reset_and_goes_on() {
    on_both(async |hub: TestHub| {
        let statement = "update event_counter set seq = 100001, pruned_to = 0 where id = 1";
        execute(&hub.hub, statement, vec![]).await;

        let mut socket = Socket::open(hub.listen().await, "since=0").await;
        let reset = socket.frame().await;
        hub.apply("jwst", &visits("1", 1)).await;

        assert_eq!(
            (&reset["type"], &reset["seq"]),
            (&"reset".into(), &100_001.into())
        );
        assert_eq!(socket.event().await["seq"], 100_002);
    })
    .await;
}

#[tokio::test]
async fn a_place_this_process_has_not_reached_yet_waits_for_it() {
    let hub = TestHub::on(Kind::Postgres).await;
    let other = hub.beside(None).await;
    let port = listen(&other).await;

    // The other process, without a bus, learns of these only by and by.
    hub.apply("jwst", &visits("1", 3)).await;
    let mut sockets = Vec::new();
    for since in 0..=3 {
        sockets.push(Socket::open(port, &format!("since={since}")).await);
    }
    hub.apply("jwst", &visits("2", 1)).await;

    for (since, mut socket) in (0..).zip(sockets) {
        let expected: Vec<i64> = (since + 1..=4).collect();
        assert_eq!(seqs(&socket.events_up_to(4).await), expected);
    }
    other.shutdown.cancel();
}

#[tokio::test]
async fn what_is_pruned_during_a_replay_is_a_reset_and_no_silent_gap() {
    let hub = TestHub::start().await;
    let mut visit = planned("2:1:1", "2126-01-01T00:00:00Z", "2126-01-01T01:00:00Z");
    hub.apply("jwst", &visits("1", 1)).await;
    for hour in ["02", "03", "04"] {
        hub.apply("jwst", std::slice::from_ref(&visit)).await;
        visit.facts.t_max = Some(at(&format!("2126-01-01T{hour}:00:00Z")));
    }
    // More than may be joined without reading the log.
    hub.apply("jwst", &visits("3", 3_000)).await;
    let filter = ActivityFilter::default().into();
    let resume = Resume {
        since: Some(0),
        log: None,
    };
    let replay = Replay::begin(hub.hub.clone(), filter, resume).await;
    let mut tail = Tail::new(replay.unwrap());
    assert_eq!(tail.next().await.unwrap().len(), 1, "`open`");

    hub.advance(TimeDelta::days(31));
    match_all(&hub.hub).await.unwrap();
    prune(&hub.hub, hub.hub.clock.now() - TimeDelta::days(30))
        .await
        .unwrap();

    let frames = tail.next().await.unwrap();
    assert_eq!(frames.len(), 1);
    let reset: Value = serde_json::from_str(frames[0].text.as_str()).unwrap();
    assert_eq!(
        (&reset["type"], &reset["seq"]),
        (&"reset".into(), &3_004.into())
    );
}
