//! Who is told what.

use app::areas::activities::{Telling, apply, event_log, prune};
use app::areas::subscriptions::{self, match_all};
use chrono::TimeDelta;
use serde_json::json;

use super::person::{Person, failed, mails, run, subjects, tell, visit};
use crate::harness::eventually;
use crate::harness::hub::{Kind, TestHub, on_both};
use crate::harness::records::at;

const FROM: &str = "2026-11-21T06:10:00Z";
const TO: &str = "2026-11-21T07:10:00Z";

#[tokio::test]
async fn what_starts_is_told_once_however_often_it_is_matched() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub).await;
        let id = person.subscribes(&hub, json!({})).await;
        hub.apply("jwst", &[visit(31, FROM, TO)]).await;
        hub.set_time(at(FROM));
        hub.tick().await;

        tell(&hub).await;
        run(&hub, "update matcher_cursors set seq = 0", vec![]).await;
        tell(&hub).await;

        let subjects = subjects(&hub).await;
        assert_eq!(subjects.len(), 1, "{subjects:?}");
        assert!(subjects[0].contains("M-31"), "{subjects:?}");
        assert_eq!(person.states(&hub, &id).await, ["started sent"]);
        let why = &person.deliveries(&hub, &id).await[0]["why"];
        assert_eq!(why, "facility JWST");
    })
    .await;
}

#[tokio::test]
async fn only_those_whose_filter_and_events_fit_are_told() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub).await;
        let fits = json!({ "filter": { "target": ["M31", "M33"] }, "events": ["scheduled"] });
        let other = json!({ "filter": { "target": ["M33"] }, "events": ["scheduled"] });
        let later = json!({ "filter": { "target": ["M31"] }, "events": ["ended"] });
        let fits = person.subscribes(&hub, fits).await;
        let other = person.subscribes(&hub, other).await;
        let later = person.subscribes(&hub, later).await;

        hub.apply("jwst", &[visit(31, FROM, TO)]).await;
        tell(&hub).await;

        assert_eq!(person.states(&hub, &fits).await, ["scheduled sent"]);
        assert_eq!(person.deliveries(&hub, &fits).await[0]["why"], "target M31");
        assert!(person.states(&hub, &other).await.is_empty());
        assert!(person.states(&hub, &later).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_happened_before_a_subscription_or_while_it_was_paused_is_not_told() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub).await;
        hub.apply("jwst", &[visit(1, FROM, TO)]).await;
        let scheduled = json!({ "events": ["scheduled"] });
        let id = person.subscribes(&hub, scheduled).await;
        tell(&hub).await;
        assert!(person.states(&hub, &id).await.is_empty());

        person.changes(&hub, &id, json!({ "active": false })).await;
        hub.apply("jwst", &[visit(2, FROM, TO)]).await;
        person.changes(&hub, &id, json!({ "active": true })).await;
        hub.apply("jwst", &[visit(3, FROM, TO)]).await;
        tell(&hub).await;

        assert_eq!(person.states(&hub, &id).await, ["scheduled sent"]);
        assert!(subjects(&hub).await[0].contains("M-3"));
    })
    .await;
}

#[tokio::test]
async fn what_becomes_known_of_something_older_than_the_subscription_tells_nothing_late() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub).await;
        let mut visit = visit(1, FROM, TO);
        let target = visit.facts.target_name.take();
        hub.apply("jwst", std::slice::from_ref(&visit)).await;
        let of_target = json!({ "filter": { "target": ["M1"] }, "events": ["scheduled"] });
        let id = person.subscribes(&hub, of_target).await;
        visit.facts.target_name = target;
        hub.apply("jwst", &[visit]).await;
        tell(&hub).await;

        assert!(person.states(&hub, &id).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn neither_back_fill_nor_what_is_a_day_old_is_told() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub).await;
        let events = json!({ "events": ["scheduled", "started", "observed"] });
        let id = person.subscribes(&hub, events).await;
        let telling = Telling {
            source: "jwst",
            backfill: true,
            demo: false,
            lease: None,
        };
        apply(&hub.hub, telling, &[&visit(1, FROM, TO)])
            .await
            .unwrap();
        tell(&hub).await;
        assert!(person.states(&hub, &id).await.is_empty());

        hub.apply(
            "jwst",
            &[visit(2, "2026-11-21T09:00:00Z", "2026-11-25T09:00:00Z")],
        )
        .await;
        tell(&hub).await;
        hub.advance(TimeDelta::hours(28));
        hub.tick().await;
        tell(&hub).await;
        assert_eq!(person.states(&hub, &id).await, ["scheduled sent"]);
    })
    .await;
}

#[tokio::test]
async fn a_first_harvest_of_many_old_rows_tells_nothing() {
    let hub = TestHub::start().await;
    let person = Person::new(&hub).await;
    let id = person
        .subscribes(
            &hub,
            json!({ "events": ["observed", "scheduled", "started"] }),
        )
        .await;
    let records: Vec<_> = (0..2_000)
        .map(|n| visit(n, "2026-10-01T00:00:00Z", "2026-10-01T01:00:00Z"))
        .collect();
    let telling = Telling {
        source: "jwst",
        backfill: true,
        demo: false,
        lease: None,
    };
    let records: Vec<_> = records.iter().collect();
    apply(&hub.hub, telling, &records).await.unwrap();
    hub.tick().await;

    tell(&hub).await;

    assert!(person.states(&hub, &id).await.is_empty());
    assert!(mails(&hub).await.is_empty());
}

#[tokio::test]
async fn coordinates_that_come_after_the_plan_bring_the_one_late_message() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub).await;
        let region =
            json!({ "filter": { "pos": ["CIRCLE 10.68 41.27 2"] }, "events": ["scheduled"] });
        let id = person.subscribes(&hub, region).await;
        let mut plan = visit(31, "2026-11-22T06:00:00Z", "2026-11-22T07:00:00Z");
        hub.apply("jwst", &[plan.clone()]).await;
        tell(&hub).await;
        assert!(mails(&hub).await.is_empty());

        plan.facts.s_ra = Some(10.6847);
        plan.facts.s_dec = Some(41.2688);
        hub.apply("jwst", &[plan.clone()]).await;
        tell(&hub).await;
        plan.facts.proposal_title = Some("The disk of Andromeda".to_owned());
        hub.apply("jwst", &[plan]).await;
        tell(&hub).await;

        let deliveries = person.deliveries(&hub, &id).await;
        assert_eq!(deliveries.len(), 1, "{deliveries:?}");
        assert_eq!(deliveries[0]["event"], "scheduled");
        assert_eq!(
            (&deliveries[0]["late"], &deliveries[0]["seq"]),
            (&json!(true), &json!(1))
        );
        let why = deliveries[0]["why"].as_str().unwrap();
        assert!(why.contains("from its centre"), "{why}");
        assert_eq!(mails(&hub).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn who_was_told_of_a_plan_is_told_when_it_moves_and_when_it_fails() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub).await;
        let id = person
            .subscribes(&hub, json!({ "events": ["scheduled"] }))
            .await;
        let unrelated = json!({ "events": ["started"] });
        let unrelated = person.subscribes(&hub, unrelated).await;
        hub.apply(
            "jwst",
            &[visit(31, "2026-11-22T06:00:00Z", "2026-11-22T07:00:00Z")],
        )
        .await;
        tell(&hub).await;

        let moved = visit(31, "2026-11-22T09:00:00Z", "2026-11-22T10:00:00Z");
        hub.apply("jwst", std::slice::from_ref(&moved)).await;
        tell(&hub).await;
        hub.apply("jwst", &[failed(&moved)]).await;
        tell(&hub).await;

        let subjects = subjects(&hub).await;
        assert_eq!(subjects.len(), 3, "{subjects:?}");
        assert!(!subjects[0].contains("Correction"), "{subjects:?}");
        assert!(
            subjects[1..].iter().all(|s| s.starts_with("Correction")),
            "{subjects:?}"
        );
        let states = person.states(&hub, &id).await;
        assert_eq!(states, ["scheduled sent", "changed sent", "aborted sent"]);
        assert!(person.states(&hub, &unrelated).await.is_empty());
        let sources: Vec<String> = mails(&hub).await.into_iter().map(|m| m.source).collect();
        let first = header(&sources[0], "Message-ID: ");
        assert!(header(&sources[1], "References: ").contains(&first));
    })
    .await;
}

fn header(source: &str, name: &str) -> String {
    let unfolded = source.replace("\r\n ", " ");
    let line = unfolded.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap_or_else(|| panic!("no {name} in {source}"))
        .to_owned()
}

#[tokio::test]
async fn of_a_group_one_is_told_or_each_as_the_subscription_says() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub).await;
        let of = |once: &str| json!({ "events": ["scheduled"], "once_per": once });
        let group = person.subscribes(&hub, of("group")).await;
        let each = person.subscribes(&hub, of("activity")).await;
        let visits: Vec<_> = (1..=3)
            .map(|n| {
                let mut visit = visit(n, FROM, TO);
                visit.facts.group_id = Some("00035000007".to_owned());
                visit
            })
            .collect();

        hub.apply("jwst", &visits).await;
        tell(&hub).await;

        assert_eq!(person.states(&hub, &group).await.len(), 1);
        assert_eq!(person.states(&hub, &each).await.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn a_site_that_moves_takes_the_subscriptions_that_name_it_along() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub).await;
        let site = json!({ "name": "Terrace", "lat": 89.0, "lon": 0.0 });
        let made = person.asks(&hub, "POST", "/api/me/sites", site).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let site = made.json()["id"].as_str().unwrap().to_owned();
        let filter = json!({ "visible_from": [site], "min_alt": ["30"] });
        let id = person
            .subscribes(&hub, json!({ "filter": filter, "events": ["scheduled"] }))
            .await;
        let south = |n| {
            let mut visit = visit(n, FROM, TO);
            (visit.facts.s_ra, visit.facts.s_dec) = (Some(10.0), Some(-80.0));
            visit
        };
        let cancel = hub.hub.shutdown.child_token();
        let running = tokio::spawn(subscriptions::run(hub.hub.clone(), cancel.clone()));
        hub.apply("jwst", &[south(1)]).await;
        let end = end_of_log(&hub).await;
        eventually("the matcher", async || {
            let place = event_log::smallest_cursor(hub.hub.db.read()).await.unwrap();
            (place == Some(end)).then_some(())
        })
        .await;
        assert!(person.states(&hub, &id).await.is_empty());

        let path = format!("/api/me/sites/{site}");
        let moved = person
            .asks(&hub, "PATCH", &path, json!({ "lat": -89.0 }))
            .await;
        assert_eq!(moved.status, 200, "{}", moved.body);

        let mut n = 1;
        eventually("a match from the new place", async || {
            n += 1;
            hub.apply("jwst", &[south(n)]).await;
            (!person.states(&hub, &id).await.is_empty()).then_some(())
        })
        .await;
        cancel.cancel();
        running.await.unwrap();
    })
    .await;
}

async fn end_of_log(hub: &TestHub) -> i64 {
    event_log::end(hub.hub.db.read()).await.unwrap().seq
}

#[tokio::test]
async fn pruning_waits_for_what_has_not_been_matched() {
    on_both(async |hub: TestHub| {
        hub.apply("jwst", &[visit(1, FROM, TO)]).await;
        match_all(&hub.hub).await.unwrap();
        hub.apply("jwst", &[visit(2, FROM, TO)]).await;
        hub.advance(TimeDelta::days(40));
        let before = hub.hub.clock.now() - TimeDelta::days(30);

        prune(&hub.hub, before).await.unwrap();
        let end = event_log::end(hub.hub.db.read()).await.unwrap();
        assert_eq!((end.seq, end.pruned_to), (2, 1));

        match_all(&hub.hub).await.unwrap();
        prune(&hub.hub, before).await.unwrap();
        let end = event_log::end(hub.hub.db.read()).await.unwrap();
        assert_eq!(end.pruned_to, 2);
    })
    .await;
}

#[tokio::test]
async fn a_second_matcher_does_not_repeat_the_first() {
    let hub = TestHub::on(Kind::Postgres).await;
    let other = hub.beside(None).await;
    let person = Person::new(&hub).await;
    let id = person
        .subscribes(&hub, json!({ "events": ["scheduled"] }))
        .await;
    for n in 0..20 {
        hub.apply("jwst", &[visit(n, FROM, TO)]).await;
        let (one, two) = tokio::join!(match_all(&hub.hub), match_all(&other));
        one.unwrap();
        two.unwrap();
    }
    match_all(&hub.hub).await.unwrap();

    tell(&hub).await;

    assert_eq!(person.states(&hub, &id).await.len(), 20);
    assert_eq!(mails(&hub).await.len(), 20);
    other.shutdown.cancel();
}

#[tokio::test]
async fn readers_that_hold_every_connection_do_not_hold_up_what_is_told() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub).await;
        let id = person.subscribes(&hub, json!({})).await;
        hub.apply("jwst", &[visit(31, FROM, TO)]).await;
        hub.set_time(at(FROM));

        let held = hub.hold_every_reader().await;
        hub.tick().await;
        tell(&hub).await;
        drop(held);

        assert_eq!(person.states(&hub, &id).await, ["started sent"]);
    })
    .await;
}
