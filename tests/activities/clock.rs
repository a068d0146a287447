//! What only a plan tells of starts and ends at the planned times.

use chrono::TimeDelta;
use domain::Record;
use serde_json::Value;

use crate::harness::hub::{TestHub, on_both};
use crate::harness::records::{at, planned};

fn line(event: &Value) -> (String, String, String) {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (
        text(&event["event"]),
        text(&event["activity"]["obs_id"]),
        text(&event["at"]),
    )
}

fn lines(expected: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
    expected
        .iter()
        .map(|(a, b, c)| ((*a).into(), (*b).into(), format!("2026-11-21T{c}Z")))
        .collect()
}

#[tokio::test]
async fn the_next_prime_on_the_track_ends_the_one_that_runs() {
    on_both(async |hub: TestHub| {
        hub.apply(
            "jwst",
            &[
                planned("1:1:1", "2026-11-21T06:10:00Z", "2026-11-21T09:00:00Z"),
                planned("2:1:1", "2026-11-21T06:40:00Z", "2026-11-21T07:00:00Z"),
            ],
        )
        .await;
        for _ in 0..4 {
            hub.advance(TimeDelta::minutes(20));
            hub.tick().await;
        }

        let events = hub.events().await;
        let by_clock: Vec<_> = events[2..].iter().map(line).collect();
        assert_eq!(
            by_clock,
            lines(&[
                ("started", "1:1:1", "06:10:00"),
                ("ended", "1:1:1", "06:40:00"),
                ("started", "2:1:1", "06:40:00"),
                ("ended", "2:1:1", "07:00:00"),
            ])
        );
        // The published end stays: the plan said so, whatever came between.
        assert_eq!(events[3]["activity"]["t_max"], "2026-11-21T09:00:00Z");
        assert_eq!(events[3]["activity"]["status"], "elapsed");
    })
    .await;
}

#[tokio::test]
async fn what_was_missed_is_published_in_order_with_its_true_times() {
    on_both(async |hub: TestHub| {
        hub.apply(
            "jwst",
            &[
                planned("1:1:1", "2026-11-21T06:10:00Z", "2026-11-21T06:30:00Z"),
                planned("2:1:1", "2026-11-21T06:20:00Z", "2026-11-21T06:50:00Z"),
            ],
        )
        .await;
        hub.advance(TimeDelta::hours(5));
        hub.tick().await;

        let by_clock: Vec<_> = hub.events().await[2..].iter().map(line).collect();
        assert_eq!(
            by_clock,
            lines(&[
                ("started", "1:1:1", "06:10:00"),
                ("ended", "1:1:1", "06:20:00"),
                ("started", "2:1:1", "06:20:00"),
                ("ended", "2:1:1", "06:50:00"),
            ])
        );
    })
    .await;
}

#[tokio::test]
async fn what_began_before_we_knew_of_it_is_backfill_and_its_end_is_not() {
    on_both(async |hub: TestHub| {
        let telling = app::areas::activities::Telling {
            source: "jwst",
            backfill: true,
            demo: false,
            lease: None,
        };
        let visit = planned("1:1:1", "2026-11-21T05:00:00Z", "2026-11-21T07:00:00Z");
        app::areas::activities::apply(&hub.hub, telling, &[&visit])
            .await
            .unwrap();
        hub.tick().await;
        hub.advance(TimeDelta::hours(2));
        hub.tick().await;

        let events = hub.events().await;
        let told: Vec<_> = events
            .iter()
            .map(|e| {
                (
                    e["event"].as_str().unwrap(),
                    e["backfill"].as_bool().unwrap(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [("scheduled", true), ("started", true), ("ended", false)]
        );
    })
    .await;
}

#[tokio::test]
async fn more_than_a_batch_due_at_once_keeps_the_order_of_time() {
    on_both(async |hub: TestHub| {
        let start = at("2026-11-21T06:30:00Z");
        let records: Vec<Record> = (0..1300)
            .map(|n| {
                let mut record = planned(
                    &format!("{n}:1:1"),
                    "2026-11-21T07:00:00Z",
                    "2026-11-21T07:10:00Z",
                );
                record.on_track = false;
                // Every second one starts in the same instant.
                record.facts.t_min = Some(start + TimeDelta::seconds(n / 2));
                record.facts.t_max = Some(start + TimeDelta::seconds(n / 2 + 90));
                record
            })
            .collect();
        hub.apply("jwst", &records).await;
        hub.advance(TimeDelta::hours(3));
        hub.tick().await;

        let events = hub.events().await;
        let times: Vec<_> = events[1300..]
            .iter()
            .map(|e| e["at"].as_str().unwrap())
            .collect();
        assert_eq!(times.len(), 2600);
        assert!(times.is_sorted(), "in the order of their times");
    })
    .await;
}

#[tokio::test]
async fn a_prime_learnt_of_late_does_not_end_the_one_that_began_after_it() {
    on_both(async |hub: TestHub| {
        hub.apply(
            "jwst",
            &[planned(
                "1:1:1",
                "2026-11-21T06:10:00Z",
                "2026-11-21T09:00:00Z",
            )],
        )
        .await;
        hub.advance(TimeDelta::minutes(20));
        hub.tick().await;
        let late = [
            planned("2:1:1", "2026-11-21T05:00:00Z", "2026-11-21T08:00:00Z"),
            planned("3:1:1", "2026-11-21T05:30:00Z", "2026-11-21T05:40:00Z"),
        ];
        hub.apply("jwst", &late).await;
        hub.tick().await;

        let list = hub.json("/api/activities?status=in_progress").await;
        let running: Vec<_> = list["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|a| a["obs_id"].clone())
            .collect();
        assert_eq!(running, ["1:1:1"]);
        let of_late: Vec<_> = hub
            .events()
            .await
            .iter()
            .map(line)
            .filter(|(event, obs_id, _)| event != "scheduled" && obs_id != "1:1:1")
            .collect();
        assert_eq!(
            of_late,
            lines(&[
                ("started", "2:1:1", "05:00:00"),
                ("ended", "2:1:1", "05:30:00"),
                ("started", "3:1:1", "05:30:00"),
                ("ended", "3:1:1", "05:40:00"),
            ])
        );
    })
    .await;
}

#[tokio::test]
async fn readers_that_hold_every_connection_do_not_hold_up_the_clock() {
    on_both(async |hub: TestHub| {
        hub.apply(
            "jwst",
            &[planned(
                "1:1:1",
                "2026-11-21T06:10:00Z",
                "2026-11-21T06:30:00Z",
            )],
        )
        .await;
        let held = hub.hold_every_reader().await;
        hub.advance(TimeDelta::minutes(15));
        hub.tick().await;
        drop(held);

        assert_eq!(line(&hub.events().await[1]).0, "started");
    })
    .await;
}
