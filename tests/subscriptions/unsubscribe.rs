//! Ending mails by the link in them.

use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use super::person::{Person, mails, tell, visit};
use crate::harness::http::Answer;
use crate::harness::hub::{TestHub, on_both};

const FROM: &str = "2026-11-22T06:00:00Z";
const TO: &str = "2026-11-22T07:00:00Z";

/// The path of the link in the newest mail.
async fn link(hub: &TestHub) -> String {
    let mails = mails(hub).await;
    let source = &mails.last().unwrap().source;
    let field = source
        .lines()
        .find_map(|line| line.strip_prefix("List-Unsubscribe: <"))
        .unwrap();
    let url = field.trim_end_matches('>');
    url.strip_prefix(&hub.hub.config.public_url)
        .unwrap()
        .to_owned()
}

async fn ask(hub: &TestHub, method: &str, path: &str) -> Answer {
    let body = match method {
        "POST" => Body::from("List-Unsubscribe=One-Click"),
        _ => Body::empty(),
    };
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", "application/x-www-form-urlencoded");
    hub.send(request.body(body).unwrap()).await
}

#[tokio::test]
async fn looking_at_the_link_changes_nothing_and_the_one_click_post_stops_the_next_mail() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub).await;
        let id = person
            .subscribes(&hub, json!({ "events": ["scheduled"] }))
            .await;
        hub.apply("jwst", &[visit(1, FROM, TO)]).await;
        tell(&hub).await;
        let link = link(&hub).await;

        let page = ask(&hub, "GET", &link).await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains("What JWST does") && !page.body.contains("<script"));
        hub.apply("jwst", &[visit(2, FROM, TO)]).await;
        tell(&hub).await;
        assert_eq!(mails(&hub).await.len(), 2);

        let done = ask(&hub, "POST", &link).await;
        assert_eq!(done.status, 200, "{}", done.body);
        assert!(done.body.contains("You are unsubscribed"));
        hub.apply("jwst", &[visit(3, FROM, TO)]).await;
        tell(&hub).await;
        assert_eq!(mails(&hub).await.len(), 2);

        let again = ask(&hub, "POST", &link).await;
        assert_eq!(again.status, 200);
        let path = format!("/api/subscriptions/{id}");
        let kept = person.asks(&hub, "GET", &path, json!(null)).await.json();
        assert_eq!(kept["active"], false);
    })
    .await;
}

#[tokio::test]
async fn a_mail_that_waits_is_dropped_when_its_reader_unsubscribes() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub).await;
        let quiet = json!({ "events": ["scheduled"], "quiet": { "from": "08:00", "to": "09:00" } });
        let id = person.subscribes(&hub, quiet).await;
        hub.apply("jwst", &[visit(1, FROM, TO)]).await;
        tell(&hub).await;
        let link = link(&hub).await;
        hub.advance(chrono::TimeDelta::minutes(150));
        hub.apply("jwst", &[visit(2, FROM, TO)]).await;
        tell(&hub).await;
        let states = person.states(&hub, &id).await;
        assert_eq!(states, ["scheduled sent", "scheduled queued"]);

        ask(&hub, "POST", &link).await;

        let deliveries = person.deliveries(&hub, &id).await;
        assert_eq!(deliveries[1]["state"], "dropped");
        assert_eq!(deliveries[1]["answer"], "unsubscribed");
    })
    .await;
}

#[tokio::test]
async fn who_also_has_a_webhook_keeps_that() {
    let mut hub = TestHub::start().await;
    hub.configure(|config| config.allow_private_webhooks = true);
    let person = Person::new(&hub).await;
    let channels = json!([
        { "type": "email", "when": "now" },
        { "type": "webhook", "url": "http://127.0.0.1:9/hook" },
    ]);
    let both = json!({ "events": ["scheduled"], "channels": channels });
    let id = person.subscribes(&hub, both).await;
    hub.apply("jwst", &[visit(1, FROM, TO)]).await;
    tell(&hub).await;

    ask(&hub, "POST", &link(&hub).await).await;

    let path = format!("/api/subscriptions/{id}");
    let kept = person.asks(&hub, "GET", &path, json!(null)).await.json();
    assert_eq!(kept["active"], true);
    let channels = kept["channels"].as_array().unwrap();
    assert_eq!(channels.len(), 1);
    assert_eq!(channels[0]["type"], "webhook");
}

#[tokio::test]
async fn a_link_that_was_not_signed_here_does_nothing() {
    let hub = TestHub::start().await;
    let person = Person::new(&hub).await;
    let id = person.subscribes(&hub, json!({})).await;
    let forged = app::secrets::Secrets::new(Some("another secret of nobody's, 32 characters"));
    let uuid: uuid::Uuid = id.parse().unwrap();

    for signed in [
        forged.sign("unsubscribe", uuid.as_bytes()),
        hub.hub.secrets.sign("verify", uuid.as_bytes()),
        id.clone(),
        "x".repeat(5000),
    ] {
        for method in ["GET", "POST"] {
            let answer = ask(&hub, method, &format!("/unsubscribe/{signed}")).await;
            assert_eq!(answer.status, 404, "{method} {signed}");
        }
    }
    let path = format!("/api/subscriptions/{id}");
    let kept = person.asks(&hub, "GET", &path, json!(null)).await.json();
    assert_eq!(kept["active"], true);
}

#[tokio::test]
async fn a_link_of_a_subscription_that_is_gone_says_so() {
    let hub = TestHub::start().await;
    let person = Person::new(&hub).await;
    let id = person
        .subscribes(&hub, json!({ "events": ["scheduled"] }))
        .await;
    hub.apply("jwst", &[visit(1, FROM, TO)]).await;
    tell(&hub).await;
    let link = link(&hub).await;
    let path = format!("/api/subscriptions/{id}");
    person.asks(&hub, "DELETE", &path, json!(null)).await;

    for method in ["GET", "POST"] {
        let answer = ask(&hub, method, &link).await;
        assert_eq!(answer.status, 200);
        assert!(answer.body.contains("removed"), "{}", answer.body);
    }
}
