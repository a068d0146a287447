//! `starboard watch`: every event once, whatever happens to the line.

use std::process::Stdio;

use domain::{Basis, Record};
use serde_json::json;

use super::script::{Scene, Script, event, keepalive, open};
use super::watching::Watching;
use super::{server, starboard};
use crate::harness::eventually;
use crate::harness::hub::TestHub;
use crate::harness::leash::Leashed;
use crate::harness::process::{Program, STARBOARD, Serving, command};
use crate::harness::records::happened;
use crate::harness::scratch::Scratch;

/// So many things that happened long ago, from this number on: an event each.
fn long_ago(from: u32, count: u32) -> Vec<Record> {
    let one = |n: u32| {
        let (from, to) = ("2026-11-01T00:00:00Z", "2026-11-01T01:00:00Z");
        happened(&format!("1:1:{n}"), Basis::Reported, from, to)
    };
    (from..from + count).map(one).collect()
}

#[tokio::test]
async fn a_restarted_server_costs_no_event_and_repeats_none() {
    let hub = TestHub::start().await;
    let settings = [
        ("DATABASE_URL", hub.database_url()),
        ("STARBOARD_SOURCES", ",".to_owned()),
    ];
    assert_eq!(starboard(&["migrate"], &settings).await.code, Some(0));
    let mut serving = Serving::start(&["serve"], &settings).await;
    let watching = Watching::start(serving.port(), &["--since", "0"]);

    hub.apply("jwst", &long_ago(0, 20)).await;
    watching.reaches(20).await;
    assert_eq!(serving.stop().await.code, Some(0));
    hub.apply("jwst", &long_ago(20, 20)).await;
    serving.start_again().await;
    hub.apply("jwst", &long_ago(40, 20)).await;
    watching.reaches(60).await;
    serving.kill();
    hub.apply("jwst", &long_ago(60, 20)).await;
    serving.start_again().await;
    hub.apply("jwst", &long_ago(80, 20)).await;
    watching.reaches(100).await;

    assert_eq!(
        watching.events(),
        hub.events().await,
        "{}",
        watching.stderr()
    );
    assert_eq!(watching.interrupted().await.code, Some(0));
}

#[tokio::test]
async fn whatever_a_close_says_it_goes_on_behind_what_it_has_seen() {
    let mut script = Script::play(vec![
        Scene::Close(
            vec![open("a", 4), event(5), event(6)],
            1013,
            "too slow; reconnect with since=5",
        ),
        Scene::Close(
            vec![open("a", 9), event(6), event(7), keepalive(9)],
            1001,
            "going down",
        ),
        Scene::Drop(vec![open("a", 9)]),
        Scene::Stay(vec![open("a", 11), event(9), event(10), event(11)]),
    ])
    .await;
    let watching = Watching::start(script.port, &["facility=JWST"]);

    assert_eq!(script.asked().await, "facility=JWST");
    assert_eq!(script.asked().await, "facility=JWST&since=6&log=a");
    assert_eq!(script.asked().await, "facility=JWST&since=9&log=a");
    assert_eq!(script.asked().await, "facility=JWST&since=9&log=a");
    watching.reaches(11).await;

    assert_eq!(watching.seqs(), [5, 6, 7, 10, 11]);
    assert_eq!(watching.interrupted().await.code, Some(0));
}

#[tokio::test]
async fn a_reset_is_told_on_stderr_and_watched_on_from() {
    let reset =
        json!({ "type": "reset", "log": "b", "seq": 3, "reason": "that place is in another log" });
    let mut script = Script::play(vec![
        Scene::Drop(vec![open("a", 40), event(41)]),
        Scene::Drop(vec![open("b", 3), reset, event(4)]),
        Scene::Stay(vec![open("b", 5), event(5)]),
    ])
    .await;
    let watching = Watching::start(script.port, &[]);

    for asked in ["", "since=41&log=a", "since=4&log=b"] {
        assert_eq!(script.asked().await, asked);
    }
    watching.says("that place is in another log").await;
    watching.reaches(5).await;

    let expected = [event(41), event(4), event(5)];
    assert_eq!(watching.events(), expected);
    assert_eq!(watching.interrupted().await.code, Some(0));
}

#[tokio::test]
async fn silence_longer_than_two_keepalives_is_a_dead_line() {
    let silent = json!({ "type": "open", "log": "a", "seq": 7, "since": 7, "keepalive_s": 1 });
    let mut script = Script::play(vec![
        Scene::Stay(vec![silent]),
        Scene::Stay(vec![open("a", 8), event(8)]),
    ])
    .await;
    let watching = Watching::start(script.port, &[]);

    assert_eq!(script.asked().await, "");
    assert_eq!(script.asked().await, "since=7&log=a");
    watching.reaches(8).await;

    assert!(
        watching.stderr().contains("nothing was heard for 2 s"),
        "{}",
        watching.stderr()
    );
    assert_eq!(watching.interrupted().await.code, Some(0));
}

#[tokio::test]
async fn a_server_that_is_being_replaced_is_waited_for() {
    let mut script = Script::play(vec![
        Scene::Refuse("503 Service Unavailable", ""),
        Scene::Stay(vec![open("a", 1), event(2)]),
    ])
    .await;
    let watching = Watching::start(script.port, &[]);

    assert_eq!(
        (script.asked().await, script.asked().await),
        (String::new(), String::new())
    );
    watching.reaches(2).await;

    assert_eq!(watching.interrupted().await.code, Some(0));
}

#[tokio::test]
async fn a_refusal_that_will_not_go_away_ends_it() {
    let problem = r#"{"detail":"`facility` knows no \"JWTS\"; did you mean \"JWST\"?"}"#;
    let script = Script::play(vec![Scene::Refuse("400 Bad Request", problem)]).await;
    let watching = Watching::start(script.port, &["facility=JWTS"]);

    let ran = watching.ended().await;

    assert_eq!(ran.code, Some(1));
    assert!(
        ran.stderr.contains("did you mean \"JWST\"?"),
        "{}",
        ran.stderr
    );
}

#[tokio::test]
async fn a_reader_who_leaves_ends_it_in_peace() {
    let events: Vec<_> = std::iter::once(open("a", 0))
        .chain((1..=50).map(event))
        .collect();
    let script = Script::play(vec![Scene::Stay(events)]).await;
    let folder = Scratch::new();
    let mut command = command(STARBOARD, folder.path(), &server(script.port));
    command
        .args(["watch", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut watching = Leashed::spawn(&mut command);

    drop(watching.program().stdout.take());

    assert!(watching.wait().await.success());
}

#[tokio::test]
async fn without_json_an_event_is_a_line_in_words() {
    let hub = TestHub::start().await;
    hub.apply("jwst", &long_ago(1, 1)).await;
    let folder = Scratch::new();
    let server = server(hub.listen().await);
    let watching = Program::start(&["watch", "--since", "0"], folder.path(), &server);

    let line = eventually("a line", async || {
        watching.stdout.lines().into_iter().next()
    })
    .await;

    assert_eq!(
        line,
        "2026-11-01 00:00:00 JWST observed, reported: 1:1:1 [news only to us]"
    );
}

#[tokio::test]
async fn an_address_that_is_none_is_wrong_usage() {
    let output = starboard(&["watch", "--server", "localhost:8080"], &[]).await;
    assert_eq!(output.code, Some(2));
    assert!(
        output.stderr.contains("https://starboard.example.org"),
        "{}",
        output.stderr
    );
}
