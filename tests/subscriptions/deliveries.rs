//! How mails go out: checked again, tried again, limited, and visible to their owner.

use app::areas::accounts::Keeper;
use app::areas::subscriptions::{Deliveries, match_all, sweep};
use chrono::TimeDelta;
use serde_json::json;

use super::person::{Person, failed, mails, run, subjects, tell, visit};
use crate::harness::hub::{Kind, TestHub, on_both};
use crate::harness::records::at;
use crate::harness::smtp::{Manner, SmtpServer};

const FROM: &str = "2026-11-22T06:00:00Z";
const TO: &str = "2026-11-22T07:00:00Z";

/// A hub that mails over SMTP, and the server.
async fn mailing(kind: Kind) -> (TestHub, SmtpServer) {
    let (mut hub, server) = (TestHub::on(kind).await, SmtpServer::start().await);
    let url = server.url();
    hub.configure(|config| {
        config.smtp_url = Some(url);
        config.mail_from = Some("Board <board@example.org>".to_owned());
    });
    (hub, server)
}

/// Runs a test on both databases, over SMTP.
async fn on_both_mailing(test: impl AsyncFn(TestHub, SmtpServer)) {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        eprintln!("on {kind:?}");
        let (hub, server) = mailing(kind).await;
        test(hub, server).await;
    }
}

#[tokio::test]
async fn what_the_server_does_not_take_now_is_tried_again_by_the_same_message_id() {
    on_both_mailing(async |hub, server| {
        let person = Person::new(&hub).await;
        let id = person.hears_of_plans(&hub, json!({})).await;
        server.next(&[Manner::RefuseMail(451), Manner::DropAfterData]);
        hub.apply("jwst", &[visit(1, FROM, TO)]).await;
        tell(&hub).await;
        let waiting = &person.deliveries(&hub, &id).await[0];
        assert_eq!(
            (&waiting["state"], &waiting["attempts"]),
            (&json!("queued"), &json!(1))
        );
        assert_eq!(waiting["next_try_at"], "2026-11-21T06:00:05Z");

        tell(&hub).await;
        assert!(server.mails().is_empty(), "not before its time");
        hub.advance(TimeDelta::seconds(5));
        tell(&hub).await;
        hub.advance(TimeDelta::minutes(5));
        tell(&hub).await;

        let mails = server.mails();
        assert_eq!(mails.len(), 2, "the first was taken without a word");
        assert_eq!(mails[0].message_id(), mails[1].message_id());
        let sent = &person.deliveries(&hub, &id).await[0];
        assert_eq!(
            (&sent["state"], &sent["attempts"]),
            (&json!("sent"), &json!(3))
        );
        let doubted = "update deliveries set doubts = doubts where doubts = 1";
        assert_eq!(run(&hub, doubted, vec![]).await, 1, "the lost answer");
        assert!(sent["answer"].as_str().unwrap().contains("kept"), "{sent}");
    })
    .await;
}

#[tokio::test]
async fn after_the_last_try_a_delivery_is_dead() {
    on_both_mailing(async |hub, server| {
        let person = Person::new(&hub).await;
        let id = person.hears_of_plans(&hub, json!({})).await;
        server.behave(Manner::RefuseMail(451));
        hub.apply("jwst", &[visit(1, FROM, TO)]).await;
        tell(&hub).await;
        for hours in [1, 1, 1, 3, 6, 11] {
            hub.advance(TimeDelta::hours(hours));
            tell(&hub).await;
        }

        let dead = &person.deliveries(&hub, &id).await[0];
        assert_eq!(
            (&dead["state"], &dead["attempts"]),
            (&json!("dead"), &json!(7))
        );
    })
    .await;
}

#[tokio::test]
async fn an_address_that_refuses_for_good_gets_no_more() {
    on_both_mailing(async |hub, server| {
        let person = Person::new(&hub).await;
        let id = person.hears_of_plans(&hub, json!({})).await;
        server.next(&[Manner::RefuseRecipient(550)]);
        hub.apply("jwst", &[visit(1, FROM, TO)]).await;
        tell(&hub).await;
        hub.apply("jwst", &[visit(2, FROM, TO)]).await;
        tell(&hub).await;

        let deliveries = person.deliveries(&hub, &id).await;
        assert_eq!(deliveries[0]["state"], "failed");
        assert!(deliveries[0]["answer"].as_str().unwrap().contains("550"));
        assert_eq!(deliveries[1]["state"], "dropped");
        assert!(server.mails().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_claim_whose_outcome_nobody_wrote_down_is_sent_again_by_the_same_message_id() {
    on_both_mailing(async |hub, server| {
        let person = Person::new(&hub).await;
        person.hears_of_plans(&hub, json!({})).await;
        hub.apply("jwst", &[visit(1, FROM, TO)]).await;
        tell(&hub).await;
        // As if the worker had been killed between the server's answer and its commit.
        let text = "update deliveries set state = 'sending', claim_until = $1, finished_at = null";
        let until = hub.hub.clock.now() + TimeDelta::seconds(120);
        run(&hub, text, vec![until.into()]).await;

        tell(&hub).await;
        assert_eq!(server.mails().len(), 1, "the claim still holds");
        hub.advance(TimeDelta::seconds(120));
        tell(&hub).await;

        let mails = server.mails();
        assert_eq!(mails.len(), 2);
        assert_eq!(mails[0].message_id(), mails[1].message_id());
        let doubted = "update deliveries set doubts = doubts where doubts = 1 and state = 'sent'";
        assert_eq!(run(&hub, doubted, vec![]).await, 1);
    })
    .await;
}

#[tokio::test]
async fn in_quiet_hours_matching_goes_on_and_delivery_waits() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub).await;
        person.lives_in(&hub, "America/Santiago").await;
        let quiet = json!({ "quiet": { "from": "22:00", "to": "07:00" } });
        let id = person.hears_of_plans(&hub, quiet).await;
        hub.apply("jwst", &[visit(1, FROM, TO)]).await;
        tell(&hub).await;
        let waiting = &person.deliveries(&hub, &id).await[0];
        assert_eq!(waiting["next_try_at"], "2026-11-21T10:00:00Z");
        assert!(mails(&hub).await.is_empty());

        hub.set_time(at("2026-11-21T10:00:00Z"));
        tell(&hub).await;

        assert_eq!(mails(&hub).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_is_too_much_for_an_hour_comes_as_one_digest_with_a_count() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub).await;
        let id = person
            .hears_of_plans(&hub, json!({ "max_per_hour": 2 }))
            .await;
        hub.set_time(at("2026-11-21T06:30:00Z"));
        let visits: Vec<_> = (1..=5).map(|n| visit(n, FROM, TO)).collect();
        hub.apply("jwst", &visits).await;
        tell(&hub).await;
        assert_eq!(mails(&hub).await.len(), 2);

        hub.set_time(at("2026-11-21T07:00:00Z"));
        tell(&hub).await;
        tell(&hub).await;

        let subjects = subjects(&hub).await;
        assert_eq!(subjects.len(), 3, "{subjects:?}");
        assert!(subjects[2].contains("3 events"), "{subjects:?}");
        let states = person.states(&hub, &id).await;
        assert!(
            states.iter().all(|state| state == "scheduled sent"),
            "{states:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn what_is_muted_paused_or_unverified_by_then_is_dropped_with_its_reason() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub).await;
        let quiet = json!({ "from": "06:00", "to": "07:00" });
        let muted = person.hears_of_plans(&hub, json!({ "quiet": quiet })).await;
        let paused = person.hears_of_plans(&hub, json!({ "quiet": quiet })).await;
        let other = Person::of(&hub, "observer@example.org").await;
        let unverified = other.hears_of_plans(&hub, json!({ "quiet": quiet })).await;
        hub.apply("jwst", &[visit(1, FROM, TO)]).await;
        tell(&hub).await;
        let later = json!({ "mute_until": "2026-11-23T00:00:00Z" });
        person.changes(&hub, &muted, later).await;
        person
            .changes(&hub, &paused, json!({ "active": false }))
            .await;
        let text = "update accounts set verified_at = null where id = $1";
        run(&hub, text, vec![other.account.into()]).await;

        hub.set_time(at("2026-11-21T07:00:00Z"));
        tell(&hub).await;

        for (whose, id, why) in [
            (&person, &muted, "the subscription is muted"),
            (&person, &paused, "the subscription is paused"),
            (&other, &unverified, "the address is not verified"),
        ] {
            let delivery = &whose.deliveries(&hub, id).await[0];
            assert_eq!(
                (&delivery["state"], &delivery["answer"]),
                (&json!("dropped"), &json!(why))
            );
        }
        assert!(mails(&hub).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_plan_that_was_called_off_before_the_mail_went_out_is_told_to_nobody() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub).await;
        let quiet = json!({ "quiet": { "from": "06:00", "to": "07:00" } });
        let id = person.hears_of_plans(&hub, quiet).await;
        hub.apply("jwst", &[visit(1, FROM, TO)]).await;
        tell(&hub).await;
        hub.apply("jwst", &[failed(&visit(1, FROM, TO))]).await;
        tell(&hub).await;
        hub.set_time(at("2026-11-21T07:00:00Z"));
        tell(&hub).await;

        let states = person.states(&hub, &id).await;
        assert_eq!(states, ["scheduled dropped", "aborted dropped"]);
        assert!(mails(&hub).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_sample_comes_at_once_whatever_the_hours_and_shows_as_one() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub).await;
        let quiet = json!({ "quiet": { "from": "06:00", "to": "07:00" } });
        let id = person.hears_of_plans(&hub, quiet).await;
        let path = format!("/api/subscriptions/{id}/test");
        let empty = person.asks(&hub, "POST", &path, json!({})).await;
        assert_eq!(empty.status, 409, "{}", empty.body);
        hub.apply("jwst", &[visit(1, FROM, TO)]).await;

        let answer = person.asks(&hub, "POST", &path, json!({})).await;
        assert_eq!(
            (answer.status, answer.json()),
            (202, json!({ "queued": 1 }))
        );
        hub.run_jobs().await;

        assert!(subjects(&hub).await[0].starts_with("Sample"));
        let delivery = &person.deliveries(&hub, &id).await[0];
        assert_eq!(
            (&delivery["sample"], &delivery["seq"]),
            (&json!(true), &json!(null))
        );
        assert_eq!(delivery["state"], "sent");
    })
    .await;
}

#[tokio::test]
async fn nobody_sees_the_deliveries_of_others() {
    let hub = TestHub::start().await;
    let person = Person::new(&hub).await;
    let id = person.subscribes(&hub, json!({})).await;
    let other = Person::of(&hub, "observer@example.org").await;
    for (method, path) in [
        ("GET", "deliveries"),
        ("POST", "test"),
        ("POST", "webhook/replay"),
    ] {
        let path = format!("/api/subscriptions/{id}/{path}");
        let answer = other.asks(&hub, method, &path, json!({ "since": 0 })).await;
        assert_eq!(answer.status, 404, "{method} {path}: {}", answer.body);
    }
}

#[tokio::test]
async fn deliveries_are_listed_newest_first_a_page_at_a_time() {
    let hub = TestHub::start().await;
    let person = Person::new(&hub).await;
    let id = person.hears_of_plans(&hub, json!({})).await;
    let visits: Vec<_> = (1..=5).map(|n| visit(n, FROM, TO)).collect();
    hub.apply("jwst", &visits).await;
    tell(&hub).await;

    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/api/subscriptions/{id}/deliveries?limit=2{cursor}");
        let page = person.asks(&hub, "GET", &path, json!(null)).await.json();
        let items = page["items"].as_array().unwrap();
        seen.extend(items.iter().map(|item| item["seq"].as_i64().unwrap()));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, [5, 4, 3, 2, 1]);
}

#[tokio::test]
async fn an_export_of_the_account_holds_what_was_told_to_it_alone() {
    on_both(async |hub: TestHub| {
        let (person, other) = (
            Person::new(&hub).await,
            Person::of(&hub, "somebody@example.org").await,
        );
        let id = person.hears_of_plans(&hub, json!({})).await;
        hub.apply("jwst", &[visit(1, FROM, TO)]).await;
        tell(&hub).await;

        let told = Deliveries.export(&hub.hub, person.account).await.unwrap();
        let of_it = &told["by_subscription"][&id];
        assert_eq!(of_it[0]["event"], "scheduled");
        assert_eq!(of_it.as_array().unwrap().len(), 1);
        assert_eq!(
            (&told["complete"], &told["newest_of_each"]),
            (&json!(true), &json!(10_000))
        );
        let nothing = Deliveries.export(&hub.hub, other.account).await.unwrap();
        assert_eq!(nothing["by_subscription"], json!({}));
    })
    .await;
}

#[tokio::test]
async fn an_export_of_the_account_is_bounded_and_says_so() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub).await;
        let id = person.hears_of_plans(&hub, json!({})).await;
        let one = json!({ "name": "Another", "filter": { "facility": ["Swift"] } });
        let file = json!({ "version": 1, "subscriptions": vec![one; 199] });
        let path = "/api/subscriptions/import";
        let answer = person.asks(&hub, "POST", path, file).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        let visits: Vec<_> = (1..=51).map(|n| visit(n, FROM, TO)).collect();
        hub.apply("jwst", &visits).await;
        match_all(&hub.hub).await.unwrap();

        let told = Deliveries.export(&hub.hub, person.account).await.unwrap();

        let of_it = told["by_subscription"][&id].as_array().unwrap();
        let newest = person.deliveries(&hub, &id).await.pop().unwrap();
        assert_eq!((of_it.len(), &of_it[0]["id"]), (50, &newest["id"]));
        assert_eq!(
            (&told["complete"], &told["newest_of_each"]),
            (&json!(false), &json!(50))
        );
    })
    .await;
}

#[tokio::test]
async fn two_who_sweep_at_once_send_each_delivery_once() {
    let (hub, server) = mailing(Kind::Postgres).await;
    let person = Person::new(&hub).await;
    person.hears_of_plans(&hub, json!({})).await;
    let visits: Vec<_> = (1..=20).map(|n| visit(n, FROM, TO)).collect();
    hub.apply("jwst", &visits).await;
    app::areas::subscriptions::match_all(&hub.hub)
        .await
        .unwrap();
    sweep(&hub.hub).await.unwrap();

    tokio::join!(hub.run_jobs(), hub.run_jobs());

    assert_eq!(server.mails().len(), 20);
}
