//! The clock: what is due is published in order, with true times, whoever has to do it.

use app::areas::activities::clock;
use app::config::Config;
use app::db::{Db, sql};
use app::start::{Ready, Role, assemble};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{Clock, Record};
use sea_orm::ConnectionTrait;
use serde_json::Value;
use tasks::Queue;

use crate::harness::eventually;
use crate::harness::hub::{Kind, TestHub, on_both, tell};
use crate::harness::process::Serving;
use crate::harness::records::{at, planned};
use crate::harness::scratch::Scratch;
use crate::harness::socket::Socket;

fn text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

/// A visit beside others: it neither waits for them nor ends them.
fn visit(obs_id: &str, from: DateTime<Utc>, to: DateTime<Utc>) -> Record {
    let mut record = planned(obs_id, &text(from), &text(to));
    record.on_track = false;
    record
}

fn time(value: &Value) -> DateTime<Utc> {
    at(value.as_str().unwrap())
}

/// What a visit's event says of when it was, beside what its plan says.
fn said_and_true(event: &Value) -> (DateTime<Utc>, DateTime<Utc>) {
    let planned = match event["event"].as_str() {
        Some("started") => &event["activity"]["t_min"],
        Some("ended") => &event["activity"]["t_max"],
        other => panic!("{other:?}"),
    };
    (time(&event["at"]), time(planned))
}

#[tokio::test]
async fn five_thousand_due_at_once_all_start_at_their_time() {
    on_both(async |hub: TestHub| {
        let (from, to) = (at("2026-11-21T06:10:00Z"), at("2026-11-21T07:00:00Z"));
        let plan: Vec<Record> = (1..=5_000)
            .map(|nth| visit(&format!("1:{nth}:1"), from, to))
            .collect();
        hub.apply("jwst", &plan).await;

        hub.set_time(from);
        assert_eq!(hub.tick().await, 5_000);
        hub.set_time(to);
        assert_eq!(hub.tick().await, 5_000);

        let log = hub.events().await;
        assert_eq!(log.len(), 15_000);
        for (nth, event) in log.iter().enumerate().skip(5_000) {
            let (word, moment) = match nth < 10_000 {
                true => ("started", from),
                false => ("ended", to),
            };
            assert_eq!(
                (&event["event"], time(&event["at"])),
                (&word.into(), moment)
            );
            assert_eq!(time(&event["logged"]), moment);
        }
    })
    .await;
}

#[tokio::test]
async fn what_was_missed_is_published_in_order_with_true_times() {
    on_both(async |hub: TestHub| {
        let begin = at("2026-11-21T06:10:00Z");
        // Out of order in the plan, short and long, far more than one batch.
        let plan: Vec<Record> = (0..2_000_i64)
            .map(|nth| {
                let from = begin + TimeDelta::seconds(nth * 7_919 % 2_000);
                let to = from + TimeDelta::seconds(1 + nth * 31 % 900);
                visit(&format!("1:{}:1", nth + 1), from, to)
            })
            .collect();
        hub.apply("jwst", &plan).await;

        let back = begin + TimeDelta::hours(5);
        hub.set_time(back);
        hub.tick().await;

        let log = hub.events().await;
        assert_eq!(log.len(), 6_000);
        let mut before = begin;
        for event in &log[2_000..] {
            let (said, meant) = said_and_true(event);
            assert_eq!(said, meant);
            assert!(said >= before, "{said} after {before}");
            assert_eq!(time(&event["logged"]), back);
            before = said;
        }
    })
    .await;
}

#[tokio::test]
async fn two_clocks_publish_nothing_twice() {
    let hub = TestHub::on(Kind::Postgres).await;
    let other = hub.beside(None).await;
    let from = at("2026-11-21T06:10:00Z");
    let plan: Vec<Record> = (1..=2_000)
        .map(|nth| visit(&format!("1:{nth}:1"), from, from + TimeDelta::minutes(5)))
        .collect();
    hub.apply("jwst", &plan).await;
    hub.set_time(from + TimeDelta::minutes(10));

    // As if both held the lease: the rows' own locks have to be enough.
    let play = async |hub| while clock::tick(hub, None).await.unwrap() > 0 {};
    tokio::join!(play(&hub.hub), play(&other));

    let log = hub.events().await;
    let count = |word: &str| log.iter().filter(|event| event["event"] == word).count();
    assert_eq!((count("started"), count("ended")), (2_000, 2_000));
    other.shutdown.cancel();
}

#[tokio::test]
async fn another_process_takes_over_when_the_clocks_holder_is_killed() {
    let hub = TestHub::on(Kind::Postgres).await;
    let settings = hub.settings(None);
    let holder = async || {
        let db = hub.hub.db.read();
        let text = "select holder from leases where name = 'clock' and until > clock_timestamp()";
        let row = db.query_one_raw(sql(db, text, vec![])).await.unwrap()?;
        Some(row.try_get::<String>("", "holder").unwrap())
    };
    let mut one = Serving::start(&["serve"], &settings).await;
    let first = eventually("a holder", holder).await;
    let two = Serving::start(&["serve"], &settings).await;
    let mut socket = Socket::open(two.port(), "event=started").await;

    let now = Utc::now();
    hub.set_time(now);
    let due = now + TimeDelta::milliseconds(1_500);
    hub.apply("jwst", &[visit("1:1:1", due, due + TimeDelta::hours(1))])
        .await;
    assert_eq!(holder().await.as_ref(), Some(&first));
    one.kill();
    let killed = Utc::now();

    let event = socket.event().await;
    let late = (time(&event["logged"]) - killed).num_milliseconds();
    eprintln!("published {late} ms after the kill");
    assert_eq!(said_and_true(&event).0, said_and_true(&event).1);
    assert_ne!(holder().await, Some(first));
    // A lease of four seconds and a look every second, and a busy machine's share.
    assert!(late < 15_000, "{late} ms after the kill");
}

#[tokio::test]
async fn what_was_missed_while_down_comes_in_order_after_a_restart() {
    let folder = Scratch::new();
    let url = folder.sqlite_url("starboard.db");
    let settings = [
        ("DATABASE_URL", url.clone()),
        ("STARBOARD_SOURCES", ",".to_owned()),
    ];
    let mut serving = Serving::start(&["serve"], &settings).await;
    let stopped = serving.stop().await;
    assert_eq!(stopped.code, Some(0), "{stopped:?}");

    // An hour ago the hub knew of a plan; then it was down.
    let then = Utc::now() - TimeDelta::hours(1);
    let minutes = |count| then + TimeDelta::minutes(count);
    let plan = [
        visit("1:1:1", minutes(30), minutes(50)),
        visit("1:2:1", minutes(10), minutes(20)),
        visit("1:3:1", minutes(15), minutes(600)),
        visit("1:4:1", minutes(600), minutes(660)),
    ];
    let config = Config::read(|name| (name == "DATABASE_URL").then(|| url.clone())).unwrap();
    let db = Db::connect(&url).await.unwrap();
    let queue = Queue::temporary().await.unwrap();
    let clock = Clock::fixed(then);
    let ready = assemble(config, Role::All, clock, db, queue).await;
    let Ready { hub, .. } = ready.unwrap();
    tell(&hub, "jwst", &plan).await;
    hub.shutdown.cancel();
    hub.db.clone().close().await;

    serving.start_again().await;

    let mut socket = Socket::open(serving.port(), "since=4").await;
    let mut events = Vec::new();
    for event in socket.events(5).await {
        let (said, meant) = said_and_true(&event);
        assert_eq!(said, meant);
        events.push((
            event["event"].as_str().unwrap().to_owned(),
            event["activity"]["obs_id"].as_str().unwrap().to_owned(),
        ));
    }
    let event = |word: &str, obs_id: &str| (word.to_owned(), obs_id.to_owned());
    assert_eq!(
        events,
        [
            event("started", "1:2:1"),
            event("started", "1:3:1"),
            event("ended", "1:2:1"),
            event("started", "1:1:1"),
            event("ended", "1:1:1"),
        ]
    );
}
