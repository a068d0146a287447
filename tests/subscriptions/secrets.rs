//! Secrets of webhooks: shown once, kept sealed, changed.

use app::areas::subscriptions;
use chrono::TimeDelta;
use serde_json::json;

use super::owner::{Person, id_of, path_of};
use crate::harness::hub::{TestHub, on_both};

#[tokio::test]
async fn a_copy_is_paused_and_has_a_secret_of_its_own() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub, "astronomer@example.org").await;
        let made = person
            .subscribe(json!({
                "name": "x", "filter": { "facility": "JWST" },
                "channels": [{ "type": "webhook", "url": "https://example.org/hook" }],
            }))
            .await;
        let answer = person
            .send("POST", &format!("{}/duplicate", path_of(&made["id"])), None)
            .await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        let copy = answer.json();
        let place = answer.header("location").map(str::to_owned);
        assert_eq!(place, Some(path_of(&copy["id"])));
        assert_eq!(
            (&copy["name"], &copy["active"]),
            (&json!("x (copy)"), &json!(false))
        );
        assert_eq!(
            (&copy["filter"], &copy["channels"]),
            (&made["filter"], &made["channels"])
        );
        assert_ne!(copy["webhook_secret"], made["webhook_secret"]);
        assert!(copy["webhook_secret"].is_string());
    })
    .await;
}

#[tokio::test]
async fn a_webhooks_secret_is_shown_once_and_sealed() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub, "astronomer@example.org").await;
        let made = person.subscribe(json!({ "name": "x", "filter": {} })).await;
        assert_eq!(made.get("webhook_secret"), None);
        let hook = json!([{ "type": "webhook", "url": "https://example.org/hook" }]);
        let changed = person.edit(&made["id"], json!({ "channels": hook })).await;
        let secret = changed["webhook_secret"].as_str().unwrap().to_owned();
        let again = person.edit(&made["id"], json!({ "channels": hook })).await;
        assert_eq!(again.get("webhook_secret"), None);
        let shown = person.get(&path_of(&made["id"])).await;
        assert!(!shown.body.contains("whsec_"));
        let webhook = subscriptions::webhooks::of(&hub.hub, hub.hub.db.read(), id_of(&made));
        let webhook = webhook.await.unwrap().unwrap();
        assert_eq!(webhook.secrets.len(), 1);
        assert_eq!(webhook.secrets[0].reveal(), secret);
    })
    .await;
}

#[tokio::test]
async fn after_a_rotation_the_old_secret_signs_for_a_day() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub, "astronomer@example.org").await;
        let made = person
            .subscribe(json!({
                "name": "x", "filter": {},
                "channels": [{ "type": "webhook", "url": "https://example.org/hook" }],
            }))
            .await;
        let path = format!("{}/webhook/rotate", path_of(&made["id"]));
        let answer = person.send("POST", &path, None).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let rotated = answer.json();
        assert_eq!(rotated["old_until"], "2026-11-22T06:00:00Z");
        let secrets = async || {
            let of = subscriptions::webhooks::of(&hub.hub, hub.hub.db.read(), id_of(&made));
            let webhook = of.await.unwrap().unwrap();
            let texts = webhook.secrets.iter().map(|secret| json!(secret.reveal()));
            texts.collect::<Vec<_>>()
        };
        let both = [rotated["secret"].clone(), made["webhook_secret"].clone()];
        assert_eq!(secrets().await, both);
        hub.advance(TimeDelta::hours(24));
        assert_eq!(secrets().await, both[..1]);

        let without = json!({ "channels": [{ "type": "email", "when": "now" }] });
        person.edit(&made["id"], without).await;
        assert_eq!(person.send("POST", &path, None).await.status, 404);
    })
    .await;
}
