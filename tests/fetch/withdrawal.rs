//! What is gone from the plan: withdrawn only when two harvests that cover it agree.

use chrono::TimeDelta;
use domain::Unreadable;

use super::{partial, told, whole};
use crate::harness::hub::{NOW, TestHub, on_both};
use crate::harness::records::{at, planned};

fn three() -> [domain::Record; 3] {
    [
        planned("1:1:1", "2026-11-21T05:00:00Z", "2026-11-21T06:30:00Z"),
        planned("1:2:1", "2026-11-21T07:00:00Z", "2026-11-21T08:00:00Z"),
        planned("1:3:1", "2026-11-21T09:00:00Z", "2026-11-21T10:00:00Z"),
    ]
}

async fn withdrawn(hub: &TestHub) -> Vec<String> {
    let told = told(hub).await.into_iter();
    told.filter(|(_, event)| event == "withdrawn")
        .map(|(obs_id, _)| obs_id)
        .collect()
}

#[tokio::test]
async fn what_two_whole_harvests_do_not_hold_is_withdrawn_once() {
    on_both(async |hub: TestHub| {
        let [running, next, last] = three();
        hub.take_in("jwst", &whole(&hub, &[running.clone(), next, last.clone()]))
            .await;
        hub.tick().await;
        let without = whole(&hub, &[running, last]);

        let first = hub.take_in("jwst", &without).await;
        assert_eq!((first.counts.withdrawn, first.doubtful), (0, true));
        assert_eq!(withdrawn(&hub).await, Vec::<String>::new());

        let second = hub.take_in("jwst", &without).await;
        assert_eq!((second.counts.withdrawn, second.doubtful), (1, false));

        let third = hub.take_in("jwst", &without).await;
        assert_eq!((third.counts.withdrawn, third.doubtful), (0, false));
        assert_eq!(withdrawn(&hub).await, ["1:2:1"]);
        let event = hub.events().await.pop().unwrap();
        assert_eq!(
            (&event["at"], &event["backfill"]),
            (&NOW.into(), &false.into())
        );
        let list = hub.json("/api/activities?status=withdrawn").await;
        assert_eq!(list["items"][0]["obs_id"], "1:2:1");
    })
    .await;
}

#[tokio::test]
async fn what_is_missing_once_and_comes_back_was_never_gone() {
    on_both(async |hub: TestHub| {
        let [running, next, last] = three();
        let all = whole(&hub, &[running.clone(), next, last.clone()]);
        let without = whole(&hub, &[running, last]);
        hub.take_in("jwst", &all).await;
        let before = told(&hub).await;

        for harvest in [&without, &all, &without, &all] {
            hub.take_in("jwst", harvest).await;
        }

        assert_eq!(told(&hub).await, before);
    })
    .await;
}

#[tokio::test]
async fn a_harvest_that_proves_nothing_withdraws_nothing() {
    let hub = TestHub::start().await;
    hub.take_in("jwst", &whole(&hub, &three())).await;

    for _ in 0..3 {
        let report = hub.take_in("jwst", &partial(&[])).await;
        assert_eq!((report.counts.withdrawn, report.doubtful), (0, false));
    }

    assert_eq!(withdrawn(&hub).await, Vec::<String>::new());
}

#[tokio::test]
async fn only_what_is_covered_and_ahead_is_withdrawn() {
    let hub = TestHub::start().await;
    hub.take_in("jwst", &whole(&hub, &three())).await;
    hub.tick().await;
    let mut harvest = whole(&hub, &[]);
    harvest.covers[0].to = at("2026-11-21T09:00:00Z");

    hub.take_in("jwst", &harvest).await;
    hub.take_in("jwst", &harvest).await;

    assert_eq!(withdrawn(&hub).await, ["1:2:1"]);
    hub.set_time(at("2026-11-21T09:00:00Z"));
    harvest.covers[0].to = at("2026-11-22T09:00:00Z");
    for _ in 0..2 {
        hub.take_in("jwst", &harvest).await;
    }
    assert_eq!(
        withdrawn(&hub).await,
        ["1:2:1"],
        "the other one begins this very moment"
    );
}

#[tokio::test]
async fn a_harvest_whose_stretches_overlap_does_not_agree_with_itself() {
    let hub = TestHub::start().await;
    hub.take_in("jwst", &whole(&hub, &three())).await;
    let mut twice = whole(&hub, &[]);
    twice.covers.push(twice.covers[0]);

    let report = hub.take_in("jwst", &twice).await;

    assert_eq!((report.counts.withdrawn, report.doubtful), (0, true));
    assert_eq!(withdrawn(&hub).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_row_that_cannot_be_read_twice_is_gone_and_comes_back_when_it_can() {
    let hub = TestHub::start().await;
    let all = whole(&hub, &three());
    hub.take_in("jwst", &all).await;
    let mut damaged = all.clone();
    damaged.records[1] = Err(Unreadable {
        row: 2,
        reason: "t_min: not a time".to_owned(),
        raw: "1:2:1".to_owned(),
    });

    hub.take_in("jwst", &damaged).await;
    assert_eq!(withdrawn(&hub).await, Vec::<String>::new());
    hub.take_in("jwst", &damaged).await;
    assert_eq!(withdrawn(&hub).await, ["1:2:1"]);
    hub.take_in("jwst", &all).await;

    let told = told(&hub).await;
    assert_eq!(
        told.last().unwrap(),
        &("1:2:1".to_owned(), "scheduled".to_owned())
    );
    let again = hub
        .json("/api/activities?status=scheduled&sort=t_min")
        .await;
    assert_eq!(again["items"][0]["attempt"], 1);
}

#[tokio::test]
async fn a_running_visit_that_the_plan_moves_ahead_is_withdrawn_when_a_second_harvest_agrees() {
    on_both(async |hub: TestHub| {
        let [running, next, last] = three();
        hub.take_in("jwst", &whole(&hub, &[running, next.clone(), last.clone()]))
            .await;
        hub.tick().await;
        let moved = planned("1:1:1", "2026-11-21T11:00:00Z", "2026-11-21T12:30:00Z");
        let elsewhere = whole(&hub, &[moved, next, last]);

        let first = hub.take_in("jwst", &elsewhere).await;
        assert_eq!((first.counts.changed, first.doubtful), (0, true));
        assert_eq!(withdrawn(&hub).await, Vec::<String>::new());

        let second = hub.take_in("jwst", &elsewhere).await;
        assert_eq!((second.counts.changed, second.doubtful), (1, false));
        let events = hub.events().await;
        let [was, is] = &events[events.len() - 2..] else {
            panic!("{events:?}");
        };
        assert_eq!(
            (&was["event"], &is["event"]),
            (&"withdrawn".into(), &"scheduled".into())
        );
        assert_eq!(
            (&was["activity"]["attempt"], &is["activity"]["attempt"]),
            (&1.into(), &2.into())
        );
        assert_eq!(is["activity"]["repeat_of"], was["activity"]["id"]);
        assert_eq!(hub.take_in("jwst", &elsewhere).await.counts.changed, 0);
    })
    .await;
}

#[tokio::test]
async fn a_visit_that_one_harvest_puts_into_the_past_stays_where_it_is() {
    let hub = TestHub::start().await;
    let [running, next, last] = three();
    let all = whole(&hub, &[running.clone(), next, last.clone()]);
    hub.take_in("jwst", &all).await;
    hub.tick().await;
    let before = told(&hub).await;
    let past = planned("1:2:1", "2025-11-21T07:00:00Z", "2026-11-21T08:00:00Z");
    let damaged = whole(&hub, &[running, past, last]);

    assert!(hub.take_in("jwst", &damaged).await.doubtful);
    hub.tick().await;
    hub.take_in("jwst", &all).await;
    assert_eq!(told(&hub).await, before);

    hub.take_in("jwst", &damaged).await;
    hub.take_in("jwst", &damaged).await;
    let told = told(&hub).await;
    assert_eq!(
        told.last().unwrap(),
        &("1:2:1".to_owned(), "changed".to_owned())
    );
}

#[tokio::test]
async fn an_attempt_that_only_damage_made_goes_again() {
    let hub = TestHub::start().await;
    let [running, next, last] = three();
    let all = whole(&hub, &[running, next.clone(), last.clone()]);
    hub.take_in("jwst", &all).await;
    hub.advance(TimeDelta::minutes(45));
    hub.tick().await;
    let elsewhere = planned("1:1:1", "2026-11-21T15:00:00Z", "2026-11-21T16:30:00Z");
    let damaged = whole(&hub, &[elsewhere, next, last]);
    assert_eq!(hub.take_in("jwst", &damaged).await.counts.changed, 1);

    assert!(hub.take_in("jwst", &all).await.doubtful);
    assert_eq!(hub.take_in("jwst", &all).await.counts.withdrawn, 1);

    let gone = hub.events().await.pop().unwrap();
    assert_eq!(
        (&gone["event"], &gone["activity"]["attempt"]),
        (&"withdrawn".into(), &2.into())
    );
}
