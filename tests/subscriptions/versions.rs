//! The log of changes that matchers follow.

use app::areas::subscriptions::{self, versions};
use app::db::sql;
use app::realtime::Signal;
use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

use super::owner::{Person, id_of, path_of, row};
use crate::harness::hub::{TestHub, on_both};
use crate::harness::records::planned;

async fn version(hub: &TestHub) -> i64 {
    versions::newest_version(hub.hub.db.read()).await.unwrap()
}

async fn changes(hub: &TestHub, since: i64) -> versions::Changes {
    let (db, names) = (hub.hub.db.read(), hub.hub.catalogue.as_ref());
    versions::changed_since(db, names, since, None)
        .await
        .unwrap()
}

#[tokio::test]
async fn each_change_takes_the_next_version_and_a_removal_leaves_a_tombstone() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub, "astronomer@example.org").await;
        let before = version(&hub).await;
        let made = person.subscribe(json!({ "name": "x", "filter": {} })).await;
        assert_eq!(row(&hub, id_of(&made)).await.version, before + 1);
        person.edit(&made["id"], json!({ "active": false })).await;
        let seen = changes(&hub, before).await;
        assert_eq!((seen.upto, seen.more), (before + 2, false));
        assert_eq!(seen.changed.len(), 1);
        assert!(!seen.changed[0].active && seen.gone.is_empty());

        let answer = person.send("DELETE", &path_of(&made["id"]), None).await;
        assert_eq!((answer.status, answer.body.as_str()), (204, ""));
        let seen = changes(&hub, before + 2).await;
        assert_eq!((seen.upto, seen.gone), (before + 3, vec![id_of(&made)]));
        assert!(seen.changed.is_empty());
        assert_eq!(person.get(&path_of(&made["id"])).await.status, 404);
        assert_eq!(changes(&hub, before + 3).await.upto, before + 3);
    })
    .await;
}

#[tokio::test]
async fn what_was_refused_takes_no_version() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub, "astronomer@example.org").await;
        let before = version(&hub).await;
        person
            .post("/api/subscriptions", json!({ "name": "x" }))
            .await;
        let nobodys = format!("/api/subscriptions/{}", Uuid::now_v7());
        assert_eq!(
            person.patch(&nobodys, json!({ "name": "y" })).await.status,
            404
        );
        assert_eq!(person.send("DELETE", &nobodys, None).await.status, 404);
        assert_eq!(version(&hub).await, before);
    })
    .await;
}

#[tokio::test]
async fn only_what_decides_over_matches_begins_at_the_logs_end_anew() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub, "astronomer@example.org").await;
        let made = person
            .subscribe(json!({ "name": "x", "filter": { "facility": "JWST" } }))
            .await;
        let id = id_of(&made);
        assert_eq!(row(&hub, id).await.active_from_seq, 0);
        let mut end = 0;
        for (change, begins_anew) in [
            (json!({ "name": "y" }), false),
            (
                json!({ "channels": [{ "type": "email", "when": "hourly" }] }),
                false,
            ),
            (json!({ "filter": { "facility": ["JWST"] } }), false),
            (json!({ "filter": { "facility": ["HST"] } }), true),
            (json!({ "events": ["ended"] }), true),
            (json!({ "active": false }), false),
            (json!({ "active": true }), true),
            (json!({ "active": true }), false),
        ] {
            let started = row(&hub, id).await.active_from_seq;
            end += 1;
            let plan = planned(
                &format!("{end}:1:1"),
                "2026-11-22T06:00:00Z",
                "2026-11-22T07:00:00Z",
            );
            hub.apply("jwst", &[plan]).await;
            person.edit(&made["id"], change.clone()).await;
            let expected = if begins_anew { end } else { started };
            assert_eq!(row(&hub, id).await.active_from_seq, expected, "{change}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_change_is_told_on_the_bus() {
    let hub = TestHub::start().await;
    let person = Person::new(&hub, "astronomer@example.org").await;
    let mut changes = hub.hub.bus.subscribe(&subscriptions::topic(&hub.hub));
    let made = person.subscribe(json!({ "name": "x", "filter": {} })).await;
    person.edit(&made["id"], json!({ "name": "y" })).await;
    person.send("DELETE", &path_of(&made["id"]), None).await;
    for expected in ["1", "2", "3"] {
        let Signal::Hint(hint) = changes.try_recv().unwrap() else {
            panic!("a gap");
        };
        assert_eq!(hint, expected.as_bytes());
    }
}

#[tokio::test]
async fn an_account_that_goes_leaves_tombstones_of_its_subscriptions() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub, "astronomer@example.org").await;
        let other = Person::new(&hub, "observer@example.org").await;
        let mut made = Vec::new();
        for name in ["one", "two"] {
            let one = person
                .subscribe(json!({ "name": name, "filter": {} }))
                .await;
            made.push(id_of(&one));
        }
        other
            .subscribe(json!({ "name": "three", "filter": {} }))
            .await;
        let before = version(&hub).await;

        let write = hub.hub.db.begin().await.unwrap();
        let now = hub.hub.clock.now();
        let last = subscriptions::bury_all_of(write.tx(), person.account, now)
            .await
            .unwrap();
        write.commit().await.unwrap();

        let mut gone = changes(&hub, before).await.gone;
        gone.sort_unstable();
        assert_eq!((last, gone), (before + 2, made));
        assert_eq!(changes(&hub, 0).await.changed.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn changes_made_at_once_get_a_version_each() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub, "astronomer@example.org").await;
        let made = person.subscribe(json!({ "name": "x", "filter": {} })).await;
        let before = version(&hub).await;
        let changes = (0..8).map(|n| person.edit(&made["id"], json!({ "name": n.to_string() })));
        futures_util::future::join_all(changes).await;
        assert_eq!(version(&hub).await, before + 8);
        assert_eq!(row(&hub, id_of(&made)).await.version, before + 8);
    })
    .await;
}

#[tokio::test]
async fn what_changes_while_changes_are_read_is_among_them() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub, "astronomer@example.org").await;
        let made = person.subscribe(json!({ "name": "x", "filter": {} })).await;
        let before = version(&hub).await;
        // The reader has seen the counter; then somebody changes the subscription.
        person.edit(&made["id"], json!({ "name": "y" })).await;
        let write = hub.hub.db.begin().await.unwrap();
        let text = "update subscription_counter set version = $1 where id = 1";
        let question = sql(write.tx(), text, vec![before.into()]);
        write.tx().execute_raw(question).await.unwrap();
        write.commit().await.unwrap();

        let seen = changes(&hub, before - 1).await;
        assert_eq!(seen.changed[0].name, "y");
        assert_eq!(seen.upto, before + 1);
    })
    .await;
}
