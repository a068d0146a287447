//! Looking back before subscribing.

use app::areas::activities::{Telling, apply};
use app::areas::subscriptions::preview::look_back;
use chrono::TimeDelta;
use domain::{Basis, Claim, Record};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::owner::Person;
use crate::harness::hub::{TestHub, on_both};
use crate::harness::records::{happened, planned};

const PATH: &str = "/api/subscriptions/preview";

/// A visit of an hour that begins in a quarter of one.
fn soon(hub: &TestHub, obs_id: &str) -> Record {
    let now = hub.hub.clock.now();
    let text = |minutes| (now + TimeDelta::minutes(minutes)).to_rfc3339();
    let mut record = planned(obs_id, &text(15), &text(75));
    record.on_track = false;
    record
}

fn towards(mut record: Record, target: &str, ra: f64, dec: f64) -> Record {
    record.facts.target_name = Some(target.to_owned());
    (record.facts.s_ra, record.facts.s_dec) = (Some(ra), Some(dec));
    record
}

/// Lets three quarters of an hour go by, and the clock tell what has started.
async fn wait(hub: &TestHub) {
    hub.advance(TimeDelta::minutes(45));
    hub.tick().await;
}

/// What a visitor is answered. Panics unless it is 200.
async fn preview(hub: &TestHub, json: Value) -> Value {
    let answer = Person::visitor(hub).post(PATH, json).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

#[tokio::test]
async fn a_visitor_sees_what_a_subscription_would_have_brought() {
    on_both(async |hub: TestHub| {
        for day in 0..3 {
            let visits = [
                towards(soon(&hub, &format!("{day}:1:1")), "M-31", 10.68, 41.27),
                towards(soon(&hub, &format!("{day}:2:1")), "M-33", 23.46, 30.66),
            ];
            hub.apply("jwst", &visits).await;
            wait(&hub).await;
            hub.advance(TimeDelta::hours(23));
        }
        for filter in [
            json!({ "target": "M31" }),
            json!({ "pos": "CIRCLE 10.7 41.3 1" }),
            json!({ "text": "m31", "class": "space" }),
            json!({ "facility": "JWST", "target": "M 31" }),
            json!({ "target": "M31", "status": "in_progress" }),
        ] {
            let seen = preview(&hub, json!({ "filter": filter })).await;
            assert_eq!(
                (&seen["count"], &seen["partial"]),
                (&json!(3), &json!(false)),
                "{filter}"
            );
            let items = seen["items"].as_array().unwrap().iter();
            let items: Vec<&Value> = items.map(|item| &item["obs_id"]).collect();
            assert_eq!(items, ["2:1:1", "1:1:1", "0:1:1"], "{filter}");
            assert_eq!(seen["items"][0]["status"], "in_progress");
            assert_eq!(seen["hint"], json!(null));
        }
        let all = preview(&hub, json!({ "filter": { "facility": "JWST" } })).await;
        assert_eq!(all["count"], 6);
        let days = all["per_day"].as_array().unwrap().iter();
        let days: Vec<Value> = days.map(|day| json!([day["date"], day["count"]])).collect();
        assert_eq!(
            days,
            [
                json!(["2026-11-21", 2]),
                json!(["2026-11-22", 2]),
                json!(["2026-11-23", 2]),
                json!(["2026-11-24", 0]),
            ]
        );
        // Six in the three days since the first was heard of, less three quarters of an hour.
        assert_eq!(all["mails_per_day"], 2.02);
    })
    .await;
}

#[tokio::test]
async fn only_chosen_events_count_and_those_of_a_group_once() {
    on_both(async |hub: TestHub| {
        let visits: Vec<Record> = (1..=3)
            .map(|n| {
                let mut visit = soon(&hub, &format!("{n}:1:1"));
                visit.facts.group_id = Some("00035000007".to_owned());
                visit
            })
            .collect();
        hub.apply("jwst", &visits).await;
        wait(&hub).await;
        let count = async |events: Value, once_per: &str| {
            let ask = json!({ "filter": {}, "events": events, "once_per": once_per });
            preview(&hub, ask).await["count"].clone()
        };
        assert_eq!(count(json!(["started"]), "activity").await, 3);
        assert_eq!(count(json!(["started"]), "group").await, 1);
        assert_eq!(count(json!(["scheduled", "started"]), "group").await, 2);
        assert_eq!(count(json!(["observed"]), "group").await, 0);
    })
    .await;
}

#[tokio::test]
async fn what_is_never_told_is_not_counted() {
    on_both(async |hub: TestHub| {
        let telling = Telling {
            source: "jwst",
            backfill: true,
            demo: false,
            lease: None,
        };
        let old = happened(
            "1:1:1",
            Basis::Reported,
            "2026-11-21T01:00:00Z",
            "2026-11-21T02:00:00Z",
        );
        apply(&hub.hub, telling, &[&old]).await.unwrap();
        let late = happened(
            "2:1:1",
            Basis::Reported,
            "2026-11-20T01:00:00Z",
            "2026-11-20T02:00:00Z",
        );
        let fresh = happened(
            "3:1:1",
            Basis::Reported,
            "2026-11-21T01:00:00Z",
            "2026-11-21T02:00:00Z",
        );
        hub.apply("jwst", &[late, fresh]).await;
        let seen = preview(&hub, json!({ "filter": {}, "events": ["observed"] })).await;
        assert_eq!(
            (&seen["count"], &seen["items"][0]["obs_id"]),
            (&json!(1), &json!("3:1:1"))
        );
    })
    .await;
}

#[tokio::test]
async fn coordinates_that_come_later_count_once_and_so_does_each_correction() {
    on_both(async |hub: TestHub| {
        let visit = soon(&hub, "1:1:1");
        hub.apply("jwst", std::slice::from_ref(&visit)).await;
        let found = towards(visit, "M-31", 10.68, 41.27);
        hub.apply("jwst", std::slice::from_ref(&found)).await;
        let ask = json!({ "filter": { "pos": "CIRCLE 10.7 41.3 1" }, "events": ["scheduled"] });
        assert_eq!(preview(&hub, ask.clone()).await["count"], 1);
        let failed = Record {
            claim: Claim::Failed,
            ..found
        };
        hub.apply("jwst", &[failed]).await;
        assert_eq!(preview(&hub, ask).await["count"], 2);
    })
    .await;
}

#[tokio::test]
async fn days_bound_how_far_it_looks_back() {
    on_both(async |hub: TestHub| {
        hub.apply("jwst", &[soon(&hub, "1:1:1")]).await;
        wait(&hub).await;
        hub.advance(TimeDelta::days(3));
        hub.apply("jwst", &[soon(&hub, "2:1:1")]).await;
        wait(&hub).await;
        for (days, count) in [(2, 1), (4, 2), (30, 2)] {
            let seen = preview(&hub, json!({ "filter": {}, "days": days })).await;
            assert_eq!(seen["count"], count, "{days} days");
        }
    })
    .await;
}

#[tokio::test]
async fn a_circle_that_finds_nothing_is_widened_to_the_nearest() {
    on_both(async |hub: TestHub| {
        let visits = [
            towards(soon(&hub, "1:1:1"), "here", 10.0, 0.0),
            towards(soon(&hub, "2:1:1"), "there", 14.0, 0.0),
        ];
        hub.apply("jwst", &visits).await;
        wait(&hub).await;
        let seen = preview(&hub, json!({ "filter": { "pos": "CIRCLE 5.5 0 1" } })).await;
        let hint = &seen["hint"];
        assert_eq!(
            (&seen["count"], &hint["kind"]),
            (&json!(0), &json!("wider"))
        );
        assert_eq!((&hint["key"], &hint["count"]), (&json!("pos"), &json!(1)));
        let pos = hint["filter"]["pos"][0].as_str().unwrap();
        let radius: f64 = pos.rsplit(' ').next().unwrap().parse().unwrap();
        assert!((4.5..4.7).contains(&radius), "{pos}");
        let wider = preview(&hub, json!({ "filter": hint["filter"] })).await;
        assert_eq!(wider["count"], 1);
    })
    .await;
}

#[tokio::test]
async fn a_filter_that_finds_nothing_hears_of_events_and_keys_that_would() {
    on_both(async |hub: TestHub| {
        hub.apply("jwst", &[towards(soon(&hub, "1:1:1"), "M-31", 10.7, 41.3)])
            .await;
        let seen = preview(&hub, json!({ "filter": { "target": "M31" } })).await;
        let hint = &seen["hint"];
        assert_eq!(
            hint["events"],
            json!(["started", "observed", "scheduled"]),
            "{hint}"
        );
        assert!(
            hint["text"].as_str().unwrap().contains("with `scheduled`"),
            "{hint}"
        );

        let ask =
            json!({ "filter": { "target": "M31", "class": "ground" }, "events": ["scheduled"] });
        let hint = preview(&hub, ask).await["hint"].clone();
        assert_eq!(
            (&hint["key"], &hint["count"]),
            (&json!("class"), &json!(1)),
            "{hint}"
        );
        assert_eq!(hint["filter"], json!({ "target": ["M31"] }));

        let ask = json!({ "filter": { "target": "NGC 1" }, "events": ["scheduled"] });
        assert_eq!(preview(&hub, ask).await["hint"], json!(null));
    })
    .await;
}

#[tokio::test]
async fn too_many_a_day_is_said() {
    let hub = TestHub::start().await;
    let visits: Vec<Record> = (0..30).map(|n| soon(&hub, &format!("{n}:1:1"))).collect();
    hub.apply("jwst", &visits).await;
    wait(&hub).await;
    let seen = preview(&hub, json!({ "filter": {} })).await;
    assert_eq!(
        (&seen["mails_per_day"], &seen["count"]),
        (&json!(30.0), &json!(30))
    );
    assert_eq!(seen["hint"]["kind"], "narrower");
    assert!(
        seen["hint"]["text"]
            .as_str()
            .unwrap()
            .starts_with("about 30 mails a day")
    );
    assert_eq!(seen["items"].as_array().unwrap().len(), 10);
}

#[tokio::test]
async fn when_there_is_no_time_the_answer_says_so() {
    on_both(async |hub: TestHub| {
        hub.apply("jwst", &[soon(&hub, "1:1:1")]).await;
        wait(&hub).await;
        for filter in [json!({}), json!({ "target": "M31" })] {
            let late = Instant::now();
            let seen = look_back(&hub.hub, None, json!({ "filter": filter }), late).await;
            let seen = json!(seen.unwrap());
            assert_eq!(
                (&seen["partial"], &seen["count"]),
                (&json!(true), &json!(0))
            );
            assert_eq!(seen["since"], json!(hub.hub.clock.now()));
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_with_a_preview_is_named() {
    let hub = TestHub::start().await;
    for (ask, field) in [
        (json!({}), "filter"),
        (json!({ "filter": {}, "days": 31 }), "days"),
        (json!({ "filter": {}, "event": ["started"] }), "event"),
        (json!({ "filter": {}, "events": ["enriched"] }), "events[0]"),
        (json!({ "filter": { "targt": "M31" } }), "filter.targt"),
        (
            json!({ "filter": { "visible_from": "0199a5a0-0000-7000-8000-000000000001" } }),
            "filter.visible_from",
        ),
    ] {
        let answer = Person::visitor(&hub).post(PATH, ask.clone()).await;
        assert_eq!(
            (answer.status, &answer.json()["field"]),
            (400, &json!(field)),
            "{ask}"
        );
    }
}

#[tokio::test]
async fn a_fresh_hub_has_nothing_to_show() {
    on_both(async |hub: TestHub| {
        let seen = preview(&hub, json!({ "filter": {} })).await;
        assert_eq!(
            (
                &seen["count"],
                &seen["items"],
                &seen["mails_per_day"],
                &seen["hint"]
            ),
            (&json!(0), &json!([]), &json!(0.0), &json!(null))
        );
        assert_eq!(seen["per_day"].as_array().unwrap().len(), 31);
    })
    .await;
}
