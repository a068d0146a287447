//! What sources say becomes rows and events.

use chrono::TimeDelta;
use domain::{Basis, Claim, Record, TMaxKind};
use serde_json::{Value, json};
use upstream::{Ask, Cassette, Upstream};

use crate::harness::cassette;
use crate::harness::hub::{TestHub, on_both};
use crate::harness::records::{at, happened, planned};
use crate::harness::seqs;

fn told(events: &[Value]) -> Vec<(&str, &str, &str)> {
    let text = |value: &'_ Value| value.as_str().unwrap().to_owned().leak() as &str;
    events
        .iter()
        .map(|e| {
            (
                text(&e["event"]),
                text(&e["activity"]["obs_id"]),
                text(&e["activity"]["status"]),
            )
        })
        .collect()
}

#[tokio::test]
async fn the_same_record_again_changes_nothing() {
    on_both(async |hub: TestHub| {
        let visit = planned("1:1:1", "2026-11-21T07:00:00Z", "2026-11-21T08:00:00Z");
        let first = hub.apply("jwst", std::slice::from_ref(&visit)).await;
        let again = hub.apply("jwst", &[visit]).await;
        assert_eq!((first.new, again.unchanged), (1, 1));
        assert_eq!(hub.events().await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn every_event_keeps_the_snapshot_as_it_stood() {
    on_both(async |hub: TestHub| {
        let visit = planned("1:1:1", "2026-11-21T07:00:00Z", "2026-11-21T08:00:00Z");
        let moved = planned("1:1:1", "2026-11-21T09:00:00Z", "2026-11-21T10:00:00Z");
        hub.apply("jwst", &[visit]).await;
        hub.apply("jwst", &[moved]).await;

        let events = hub.events().await;

        assert_eq!(
            told(&events),
            [
                ("scheduled", "1:1:1", "scheduled"),
                ("changed", "1:1:1", "scheduled")
            ]
        );
        assert_eq!(events[0]["activity"]["t_min"], "2026-11-21T07:00:00Z");
        assert_eq!(events[1]["activity"]["t_min"], "2026-11-21T09:00:00Z");
        assert_eq!(
            (&events[0]["activity"]["seq"], &events[1]["activity"]["seq"]),
            (&json!(1), &json!(2))
        );
        assert_eq!(events[1]["activity"]["revision"], 2);
    })
    .await;
}

/// Webb's visit of our cassette as a harvest tells of it at a time.
async fn told_by_harvest(now: &str, obs_id: &str) -> Record {
    let tape = cassette("jwst/one-week.json").to_string();
    let tape = Cassette::parse(tape.as_bytes()).unwrap();
    let ask = Ask {
        now: at(now),
        cursor: None,
        window: None,
    };
    let upstream = Upstream::playing(vec![tape], move || at("2025-08-06T12:00:00Z"));
    let connector = registry::find("jwst").unwrap();
    let harvest = connector.harvest(&upstream, &ask).await.unwrap();
    assert_eq!(harvest.notes, [""; 0]);
    let record = harvest.readable().find(|record| record.obs_id == obs_id);
    record.unwrap().clone()
}

#[tokio::test]
async fn a_visit_that_was_reported_as_executed_is_surer_once_its_data_arrive() {
    on_both(async |hub: TestHub| {
        let id = "9259:4:1";
        let show = async || hub.json("/api/activities?sort=seq").await["items"][0].take();
        hub.set_time(at("2025-08-04T09:00:00Z"));
        let plan = told_by_harvest("2025-08-04T09:00:00Z", id).await;
        hub.apply("jwst", std::slice::from_ref(&plan)).await;
        hub.set_time(at("2025-08-04T12:00:00Z"));
        hub.tick().await;
        assert_eq!(show().await["status"], "elapsed");

        let reported = told_by_harvest("2025-08-04T12:00:00Z", id).await;
        hub.apply("jwst", &[reported]).await;
        let was = show().await;
        assert_eq!(
            [&was["status"], &was["basis"], &was["t_min"], &was["t_max"]],
            [
                "performed",
                "reported",
                "2025-08-04T10:11:02Z",
                "2025-08-04T11:06:40Z"
            ]
        );

        // A harvest in whose turn it was not asked about holds the plan alone.
        hub.apply("jwst", &[plan]).await;
        assert_eq!(show().await, was);

        let mut data = happened(
            id,
            Basis::Archived,
            "2025-08-04T10:20:00Z",
            "2025-08-04T11:00:00Z",
        );
        data.facts.t_max_kind = Some(TMaxKind::LowerBound);
        data.facts.n_exposures = Some(4);
        hub.apply("jwst", &[data]).await;
        let is = show().await;
        assert_eq!(
            [&is["status"], &is["basis"], &is["t_min"], &is["t_max"]],
            [
                "performed",
                "archived",
                "2025-08-04T10:11:02Z",
                "2025-08-04T11:06:40Z"
            ]
        );
        assert_eq!(is["n_exposures"], 4);
        assert_eq!((&is["id"], &is["attempt"]), (&was["id"], &json!(1)));
    })
    .await;
}

#[tokio::test]
async fn a_visit_that_failed_by_report_is_aborted_and_its_repeat_is_another_attempt() {
    on_both(async |hub: TestHub| {
        let id = "7890:16:1";
        hub.set_time(at("2025-08-05T18:00:00Z"));
        let plan = told_by_harvest("2025-08-05T18:00:00Z", id).await;
        hub.apply("jwst", std::slice::from_ref(&plan)).await;
        hub.set_time(at("2025-08-06T12:00:00Z"));
        hub.tick().await;
        let failed = told_by_harvest("2025-08-06T12:00:00Z", id).await;
        assert_eq!(failed.claim, Claim::Failed);
        let repeat = planned(id, "2025-08-09T01:00:00Z", "2025-08-09T02:00:00Z");
        hub.apply("jwst", &[failed.clone(), repeat.clone()]).await;
        hub.apply("jwst", &[failed, repeat]).await;

        let events = hub.events().await;

        assert_eq!(
            told(&events),
            [
                ("scheduled", id, "scheduled"),
                ("started", id, "in_progress"),
                ("ended", id, "elapsed"),
                ("aborted", id, "aborted"),
                ("scheduled", id, "scheduled"),
            ]
        );
        assert_eq!(events[3]["activity"]["basis"], "reported");
        assert_eq!(events[4]["activity"]["attempt"], 2);
        assert_eq!(
            events[4]["activity"]["repeat_of"],
            events[3]["activity"]["id"]
        );
    })
    .await;
}

#[tokio::test]
async fn a_parallel_knows_its_prime_and_never_ends_it() {
    on_both(async |hub: TestHub| {
        let prime = planned("1:1:1", "2026-11-21T06:10:00Z", "2026-11-21T07:00:00Z");
        let mut beside = planned("2:1:1", "2026-11-21T06:10:00Z", "2026-11-21T07:00:00Z");
        beside.on_track = false;
        beside.parallel_of = Some("1:1:1".to_owned());
        hub.apply("jwst", &[prime, beside]).await;
        hub.advance(TimeDelta::minutes(20));
        hub.tick().await;

        let list = hub
            .json("/api/activities?status=in_progress&sort=seq")
            .await;

        let items = list["items"].as_array().unwrap();
        assert_eq!(items.len(), 2);
        assert_eq!(items[1]["parallel_of"], items[0]["id"]);
    })
    .await;
}

#[tokio::test]
async fn a_repeated_visit_is_a_new_attempt_and_the_archive_finds_the_right_one() {
    on_both(async |hub: TestHub| {
        hub.apply(
            "jwst",
            &[planned(
                "1:1:1",
                "2026-11-21T06:10:00Z",
                "2026-11-21T07:00:00Z",
            )],
        )
        .await;
        hub.advance(TimeDelta::hours(2));
        hub.tick().await;
        hub.apply(
            "jwst",
            &[planned(
                "1:1:1",
                "2026-11-22T06:10:00Z",
                "2026-11-22T07:00:00Z",
            )],
        )
        .await;
        let data = happened(
            "1:1:1",
            Basis::Archived,
            "2026-11-21T06:12:00Z",
            "2026-11-21T06:58:00Z",
        );
        hub.apply("jwst", &[data]).await;

        let list = hub.json("/api/activities?sort=t_min").await;

        let attempts: Vec<_> = list["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|a| {
                (
                    a["attempt"].clone(),
                    a["status"].clone(),
                    a["repeat_of"].is_null(),
                )
            })
            .collect();
        assert_eq!(
            attempts,
            [
                (json!(1), json!("performed"), true),
                (json!(2), json!("scheduled"), false)
            ]
        );
    })
    .await;
}

fn block(exposures: u32, from: &str, to: &str) -> Record {
    let mut record = happened("ESO-VLT-U1:7:2026-11-20", Basis::Archived, from, to);
    record.facts.facility_name = "ESO-VLT-U1".to_owned();
    record.facts.n_exposures = Some(exposures);
    record
}

#[tokio::test]
async fn a_growing_block_progresses_and_ends_when_the_archive_is_silent() {
    on_both(async |hub: TestHub| {
        hub.apply(
            "eso",
            &[block(1, "2026-11-21T05:40:00Z", "2026-11-21T05:50:00Z")],
        )
        .await;
        hub.apply(
            "eso",
            &[block(2, "2026-11-21T05:40:00Z", "2026-11-21T05:59:00Z")],
        )
        .await;
        hub.advance(TimeDelta::minutes(29));
        assert_eq!(hub.tick().await, 0);
        hub.advance(TimeDelta::minutes(2));
        assert_eq!(hub.tick().await, 1);

        let events = hub.events().await;
        let kinds: Vec<_> = events
            .iter()
            .map(|e| e["event"].as_str().unwrap())
            .collect();
        assert_eq!(kinds, ["observed", "progress", "ended"]);
        assert_eq!(events[2]["at"], "2026-11-21T05:59:00Z");
        assert_eq!(events[2]["activity"]["status"], "performed");
    })
    .await;
}

#[tokio::test]
async fn the_next_block_on_a_telescope_ends_the_one_before_at_once() {
    on_both(async |hub: TestHub| {
        hub.apply(
            "eso",
            &[block(1, "2026-11-21T05:00:00Z", "2026-11-21T05:50:00Z")],
        )
        .await;
        let mut next = block(1, "2026-11-21T05:51:00Z", "2026-11-21T05:55:00Z");
        next.obs_id = "ESO-VLT-U1:8:2026-11-20".to_owned();
        hub.apply("eso", &[next]).await;
        hub.tick().await;

        let events = hub.events().await;
        let last = events.last().unwrap();
        assert_eq!(
            (&last["event"], &last["at"]),
            (&json!("ended"), &json!("2026-11-21T05:50:00Z"))
        );
        assert_eq!(last["activity"]["obs_id"], "ESO-VLT-U1:7:2026-11-20");
    })
    .await;
}

#[tokio::test]
async fn a_withheld_value_goes_from_rows_events_and_raw_records() {
    on_both(async |hub: TestHub| {
        let mut visit = planned("1:1:1", "2026-11-21T07:00:00Z", "2026-11-21T08:00:00Z");
        visit.facts.target_name = Some("SECRET-TARGET".to_owned());
        visit.raw = "row with SECRET-TARGET".to_owned();
        hub.apply("jwst", std::slice::from_ref(&visit)).await;
        visit.withheld = vec!["target_name".to_owned()];
        visit.raw = "row".to_owned();
        hub.apply("jwst", &[visit]).await;

        let events = hub.events().await;
        assert_eq!(events.last().unwrap()["event"], "redacted");
        let id = events[0]["activity"]["id"].as_str().unwrap();
        let raw = hub.json(&format!("/api/activities/{id}/raw")).await;
        let found = hub.json("/api/activities?target=SECRET-TARGET").await;
        let everything = format!("{events:?} {raw} {}", hub.json("/api/activities").await);
        assert!(!everything.contains("SECRET"), "{everything}");
        assert_eq!(found["items"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn what_was_over_for_long_when_first_seen_is_backfill() {
    on_both(async |hub: TestHub| {
        let old = happened(
            "1:1:1",
            Basis::Archived,
            "2026-11-18T06:00:00Z",
            "2026-11-18T07:00:00Z",
        );
        let fresh = happened(
            "1:1:2",
            Basis::Archived,
            "2026-11-20T06:00:00Z",
            "2026-11-20T07:00:00Z",
        );
        hub.apply("jwst", &[old, fresh]).await;
        hub.tick().await;

        let events = hub.events().await;
        let of = |obs_id: &str| -> Vec<bool> {
            events
                .iter()
                .filter(|e| e["activity"]["obs_id"] == obs_id)
                .map(|e| e["backfill"].as_bool().unwrap())
                .collect()
        };
        assert!(of("1:1:1").into_iter().all(|backfill| backfill));
        assert!(!of("1:1:2").is_empty() && of("1:1:2").into_iter().all(|backfill| !backfill));
    })
    .await;
}

#[tokio::test]
async fn unicode_and_quotes_survive_the_way_through() {
    on_both(async |hub: TestHub| {
        let mut visit = planned("1:1:1", "2026-11-21T07:00:00Z", "2026-11-21T08:00:00Z");
        visit.facts.target_name = Some("η Car \"x\" \\ ' <b>".to_owned());
        hub.apply("jwst", std::slice::from_ref(&visit)).await;
        let list = hub.json("/api/activities?target=%CE%97%20CAR*").await;
        assert_eq!(
            list["items"][0]["target_name"],
            json!(visit.facts.target_name)
        );
    })
    .await;
}

#[tokio::test]
async fn a_first_harvest_of_two_thousand_is_one_log_without_holes() {
    on_both(async |hub: TestHub| {
        let start = at("2026-11-22T00:00:00Z");
        let records: Vec<Record> = (0..2000)
            .map(|n| {
                let mut record = planned(
                    &format!("{n}:1:1"),
                    "2026-11-22T00:00:00Z",
                    "2026-11-22T00:10:00Z",
                );
                record.facts.t_min = Some(start + TimeDelta::minutes(n));
                record.facts.t_max = Some(start + TimeDelta::minutes(n + 1));
                record
            })
            .collect();
        assert_eq!(hub.apply("jwst", &records).await.new, 2000);
        let seqs = seqs(&hub.events().await);
        assert_eq!(seqs, (1..=2000).collect::<Vec<_>>());
    })
    .await;
}

#[tokio::test]
async fn facts_alone_do_not_make_an_activity() {
    on_both(async |hub: TestHub| {
        let mut facts = planned("1:1:1", "2026-11-21T07:00:00Z", "2026-11-21T08:00:00Z");
        facts.claim = Claim::Described;
        hub.apply("jwst", &[facts]).await;
        assert_eq!(hub.events().await, Vec::<Value>::new());
    })
    .await;
}

#[tokio::test]
async fn two_plans_of_one_visit_settle_and_the_same_again_is_no_event() {
    on_both(async |hub: TestHub| {
        for starts in [
            ["2026-11-22T06:00:00Z", "2026-11-29T06:00:00Z"],
            ["2026-11-21T03:00:00Z", "2026-11-28T06:00:00Z"],
        ] {
            let obs_id = format!("{}:1:1", &starts[0][8..10]);
            let plans = starts.map(|start| {
                let end = (at(start) + TimeDelta::minutes(50)).to_rfc3339();
                planned(&obs_id, start, &end)
            });
            hub.apply("hst", &plans).await;
            let after_one = hub.events().await.len();
            hub.apply("hst", &plans).await;
            let counts = hub.apply("hst", &plans).await;
            assert_eq!(
                (hub.events().await.len(), counts.doubted),
                (after_one, 0),
                "{starts:?}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_parallel_told_of_before_its_prime_finds_it() {
    on_both(async |hub: TestHub| {
        let prime = planned("2:1:1", "2026-11-21T06:10:00Z", "2026-11-21T07:00:00Z");
        let mut beside = planned("1:1:1", "2026-11-21T06:10:00Z", "2026-11-21T07:00:00Z");
        beside.on_track = false;
        beside.parallel_of = Some("2:1:1".to_owned());
        hub.apply("jwst", std::slice::from_ref(&beside)).await;
        hub.apply("jwst", &[beside, prime]).await;
        let again = hub.json("/api/activities?sort=seq").await;
        let of = |obs_id: &str| {
            let items = again["items"].as_array().unwrap();
            items
                .iter()
                .find(|a| a["obs_id"] == obs_id)
                .unwrap()
                .clone()
        };
        assert_eq!(of("1:1:1")["parallel_of"], of("2:1:1")["id"]);
    })
    .await;
}
