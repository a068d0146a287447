//! What does not hold any more when its time to be told comes.

use chrono::TimeDelta;
use serde_json::json;

use super::person::{Person, failed, mails, subjects, tell, visit};
use crate::harness::hub::{TestHub, on_both};
use crate::harness::records::at;

const FROM: &str = "2026-11-22T06:00:00Z";
const TO: &str = "2026-11-22T07:00:00Z";

#[tokio::test]
async fn what_was_too_much_for_an_hour_is_looked_at_again_before_it_is_told() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub).await;
        let id = person
            .hears_of_plans(&hub, json!({ "max_per_hour": 1 }))
            .await;
        let visits = [1, 2, 3, 4].map(|n| visit(n, FROM, TO));
        hub.apply("jwst", &visits).await;
        tell(&hub).await;
        assert_eq!(subjects(&hub).await.len(), 1);

        let mut moved = visits[3].clone();
        moved.facts.target_name = Some("NGC 104".to_owned());
        hub.advance(TimeDelta::minutes(10));
        hub.apply("jwst", &[failed(&visits[2]), moved]).await;
        tell(&hub).await;
        hub.set_time(at("2026-11-21T07:00:00Z"));
        tell(&hub).await;

        let mails = mails(&hub).await;
        assert_eq!(mails.len(), 2, "{:?}", subjects(&hub).await);
        assert!(
            mails[1].subject.contains("2 events"),
            "{}",
            mails[1].subject
        );
        assert!(mails[1].text.contains("M-2"), "{}", mails[1].text);
        assert!(mails[1].text.contains("NGC 104"), "{}", mails[1].text);
        assert!(!mails[1].text.contains("M-3"), "{}", mails[1].text);
        assert!(!mails[1].text.contains("M-4"), "{}", mails[1].text);
        let mut states = person.states(&hub, &id).await;
        states.sort();
        assert_eq!(
            states,
            [
                "aborted dropped",
                "changed dropped",
                "scheduled dropped",
                "scheduled sent",
                "scheduled sent",
                "scheduled sent",
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn a_digest_of_what_was_called_off_alone_is_not_sent() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub).await;
        let hourly = json!([{ "type": "email", "when": "hourly" }]);
        let id = person
            .hears_of_plans(&hub, json!({ "channels": hourly }))
            .await;
        let visit = visit(1, FROM, TO);
        hub.apply("jwst", std::slice::from_ref(&visit)).await;
        tell(&hub).await;
        hub.apply("jwst", &[failed(&visit)]).await;
        tell(&hub).await;
        hub.set_time(at("2026-11-21T07:00:00Z"));
        tell(&hub).await;

        assert!(mails(&hub).await.is_empty(), "{:?}", subjects(&hub).await);
        let states = person.states(&hub, &id).await;
        assert_eq!(states, ["scheduled dropped", "aborted dropped"]);
    })
    .await;
}

#[tokio::test]
async fn what_a_digest_told_is_corrected_by_the_next() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub).await;
        let hourly = json!([{ "type": "email", "when": "hourly" }]);
        person
            .hears_of_plans(&hub, json!({ "channels": hourly }))
            .await;
        let visit = visit(1, FROM, TO);
        hub.apply("jwst", std::slice::from_ref(&visit)).await;
        tell(&hub).await;
        hub.set_time(at("2026-11-21T07:00:00Z"));
        tell(&hub).await;
        hub.apply("jwst", &[failed(&visit)]).await;
        tell(&hub).await;
        hub.set_time(at("2026-11-21T08:00:00Z"));
        tell(&hub).await;

        let mails = mails(&hub).await;
        assert_eq!(mails.len(), 2);
        assert!(mails[1].text.contains("This corrects"), "{}", mails[1].text);
    })
    .await;
}

#[tokio::test]
async fn a_plan_whose_target_moved_while_it_waited_is_told_as_it_stands() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub).await;
        let quiet = json!({ "quiet": { "from": "05:00", "to": "08:00" } });
        person.hears_of_plans(&hub, quiet).await;
        let visit = visit(1, FROM, TO);
        hub.apply("jwst", std::slice::from_ref(&visit)).await;
        tell(&hub).await;
        let mut moved = visit.clone();
        moved.facts.target_name = Some("NGC 104".to_owned());
        hub.apply("jwst", &[moved]).await;
        tell(&hub).await;
        hub.set_time(at("2026-11-21T08:00:00Z"));
        tell(&hub).await;

        let subjects = subjects(&hub).await;
        assert_eq!(subjects.len(), 1, "{subjects:?}");
        assert!(subjects[0].contains("NGC 104"), "{subjects:?}");
    })
    .await;
}

#[tokio::test]
async fn when_the_first_of_a_group_was_dropped_untold_the_next_is_told() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub).await;
        let muted = json!({ "mute_until": "2026-11-21T06:30:00Z" });
        let id = person.hears_of_plans(&hub, muted).await;
        let of_one_group = [1, 2].map(|n| {
            let mut visit = visit(n, FROM, TO);
            visit.facts.group_id = Some("00017000001".to_owned());
            visit
        });
        hub.apply("jwst", &of_one_group[..1]).await;
        tell(&hub).await;
        hub.advance(TimeDelta::hours(1));
        hub.apply("jwst", &of_one_group).await;
        tell(&hub).await;

        assert_eq!(
            person.states(&hub, &id).await,
            ["scheduled dropped", "scheduled sent"]
        );
    })
    .await;
}

#[tokio::test]
async fn shorter_quiet_hours_wake_what_waits_for_the_end_of_longer_ones() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub).await;
        let quiet = json!({ "quiet": { "from": "05:00", "to": "20:00" } });
        let id = person.hears_of_plans(&hub, quiet).await;
        hub.apply("jwst", &[visit(1, FROM, TO)]).await;
        tell(&hub).await;
        assert!(mails(&hub).await.is_empty());

        person.changes(&hub, &id, json!({ "quiet": null })).await;
        tell(&hub).await;
        assert_eq!(mails(&hub).await.len(), 1);
    })
    .await;
}
