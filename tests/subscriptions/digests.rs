//! Many things in one mail, once an hour or once a night.

use serde_json::{Value, json};

use super::person::{Person, mails, subjects, tell, visit};
use crate::harness::hub::{TestHub, on_both};
use crate::harness::records::at;

const FROM: &str = "2026-12-22T06:00:00Z";
const TO: &str = "2026-12-22T07:00:00Z";

async fn subscribed(hub: &TestHub, person: &Person, channel: Value) -> String {
    let body = json!({ "events": ["scheduled"], "channels": [channel] });
    person.subscribes(hub, body).await
}

#[tokio::test]
async fn an_hourly_digest_comes_at_the_full_hour_with_all_that_was_told_before() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub).await;
        let hourly = json!({ "type": "email", "when": "hourly" });
        let id = subscribed(&hub, &person, hourly).await;
        hub.set_time(at("2026-11-21T06:20:00Z"));
        hub.apply("jwst", &[visit(1, FROM, TO), visit(2, FROM, TO)])
            .await;
        tell(&hub).await;
        hub.set_time(at("2026-11-21T06:59:59Z"));
        tell(&hub).await;
        assert!(mails(&hub).await.is_empty());

        hub.set_time(at("2026-11-21T07:00:00Z"));
        hub.apply("jwst", &[visit(3, FROM, TO)]).await;
        tell(&hub).await;
        tell(&hub).await;
        let first = subjects(&hub).await;
        assert_eq!(first.len(), 1, "{first:?}");
        assert!(first[0].contains("2 events"), "{first:?}");

        hub.set_time(at("2026-11-21T08:00:00Z"));
        tell(&hub).await;
        let both = subjects(&hub).await;
        assert_eq!(both.len(), 2, "{both:?}");
        assert!(both[1].contains("1 event"), "{both:?}");
        let states = person.states(&hub, &id).await;
        assert_eq!(states, ["scheduled sent"; 3]);
    })
    .await;
}

#[tokio::test]
async fn a_nightly_digest_comes_at_the_local_hour_of_its_reader_once_a_date() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub).await;
        person.lives_in(&hub, "America/Santiago").await;
        let nightly = json!({ "type": "email", "when": "nightly", "hour": 8 });
        subscribed(&hub, &person, nightly).await;
        hub.apply("jwst", &[visit(1, FROM, TO)]).await;
        tell(&hub).await;
        hub.set_time(at("2026-11-21T10:59:59Z"));
        tell(&hub).await;
        assert!(mails(&hub).await.is_empty());

        hub.set_time(at("2026-11-21T11:00:00Z"));
        tell(&hub).await;
        hub.apply("jwst", &[visit(2, FROM, TO)]).await;
        hub.set_time(at("2026-11-22T10:59:59Z"));
        tell(&hub).await;
        assert_eq!(mails(&hub).await.len(), 1);
        hub.set_time(at("2026-11-22T11:00:00Z"));
        tell(&hub).await;
        assert_eq!(mails(&hub).await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_local_hour_that_does_not_exist_or_comes_twice_brings_one_digest() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub).await;
        person.lives_in(&hub, "Europe/Berlin").await;
        let nightly = json!({ "type": "email", "when": "nightly", "hour": 2 });
        subscribed(&hub, &person, nightly).await;

        // At two it is three.
        hub.set_time(at("2027-03-28T00:30:00Z"));
        hub.apply(
            "jwst",
            &[visit(1, "2027-12-01T00:00:00Z", "2027-12-01T01:00:00Z")],
        )
        .await;
        tell(&hub).await;
        assert!(mails(&hub).await.is_empty());
        hub.set_time(at("2027-03-28T01:00:00Z"));
        tell(&hub).await;
        assert_eq!(mails(&hub).await.len(), 1);

        // At three it is two again.
        hub.set_time(at("2027-10-30T23:30:00Z"));
        hub.apply(
            "jwst",
            &[visit(2, "2027-12-01T00:00:00Z", "2027-12-01T01:00:00Z")],
        )
        .await;
        tell(&hub).await;
        hub.set_time(at("2027-10-31T00:00:00Z"));
        tell(&hub).await;
        assert_eq!(mails(&hub).await.len(), 2);
        hub.apply(
            "jwst",
            &[visit(3, "2027-12-01T00:00:00Z", "2027-12-01T01:00:00Z")],
        )
        .await;
        tell(&hub).await;
        hub.set_time(at("2027-10-31T01:00:00Z"));
        tell(&hub).await;
        assert_eq!(
            mails(&hub).await.len(),
            2,
            "the second two o'clock brings none"
        );
    })
    .await;
}

#[tokio::test]
async fn who_moves_gets_the_digest_by_the_new_clock() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub).await;
        let nightly = json!({ "type": "email", "when": "nightly", "hour": 8 });
        subscribed(&hub, &person, nightly).await;
        hub.apply("jwst", &[visit(1, FROM, TO)]).await;
        tell(&hub).await;
        person.lives_in(&hub, "America/Santiago").await;

        hub.set_time(at("2026-11-21T08:00:00Z"));
        tell(&hub).await;
        let early = mails(&hub).await.len();
        hub.set_time(at("2026-11-21T11:00:00Z"));
        tell(&hub).await;

        assert_eq!((early, mails(&hub).await.len()), (0, 1));
    })
    .await;
}

#[tokio::test]
async fn a_digest_of_a_channel_that_was_left_is_dropped() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub).await;
        let hourly = json!({ "type": "email", "when": "hourly" });
        let id = subscribed(&hub, &person, hourly).await;
        hub.apply("jwst", &[visit(1, FROM, TO)]).await;
        tell(&hub).await;
        let now = json!({ "channels": [{ "type": "email", "when": "now" }] });
        person.changes(&hub, &id, now).await;

        hub.set_time(at("2026-11-21T07:00:00Z"));
        tell(&hub).await;

        let delivery = &person.deliveries(&hub, &id).await[0];
        assert_eq!(
            (&delivery["state"], &delivery["answer"]),
            (&json!("dropped"), &json!("unsubscribed"))
        );
        assert!(mails(&hub).await.is_empty());
    })
    .await;
}
