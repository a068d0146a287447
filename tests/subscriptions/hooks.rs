//! Webhooks of subscriptions: what arrives, again and again, and when it ends.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::person::{Person, subjects, tell, visit};
use crate::harness::hub::{Kind, TestHub};

const FROM: &str = "2026-11-22T06:00:00Z";
const TO: &str = "2026-11-22T07:00:00Z";

/// What an endpoint got, and what it answers.
#[derive(Clone, Default)]
struct Hook {
    got: Arc<Mutex<Vec<(HeaderMap, Value)>>>,
    answers: Arc<Mutex<Vec<u16>>>,
}

impl Hook {
    /// Listens; its address.
    async fn listen(&self) -> String {
        async fn take(State(hook): State<Hook>, headers: HeaderMap, body: String) -> StatusCode {
            let body = serde_json::from_str(&body).unwrap();
            hook.got.lock().unwrap().push((headers, body));
            let answer = hook.answers.lock().unwrap().pop().unwrap_or(200);
            StatusCode::from_u16(answer).unwrap()
        }
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let router = Router::new()
            .route("/hook", post(take))
            .with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://127.0.0.1:{port}/hook")
    }

    fn got(&self) -> Vec<(HeaderMap, Value)> {
        self.got.lock().unwrap().clone()
    }
}

async fn hooked(hub: &mut TestHub) -> (Person, Hook, String) {
    hub.configure(|config| config.allow_private_webhooks = true);
    let (person, hook) = (Person::new(hub).await, Hook::default());
    let channels = json!([{ "type": "webhook", "url": hook.listen().await }]);
    let id = person
        .hears_of_plans(hub, json!({ "channels": channels }))
        .await;
    (person, hook, id)
}

#[tokio::test]
async fn a_webhook_is_tried_again_and_gets_the_envelope_by_the_same_id() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let mut hub = TestHub::on(kind).await;
        let (person, hook, id) = hooked(&mut hub).await;
        hook.answers.lock().unwrap().push(503);
        hub.apply("jwst", &[visit(31, FROM, TO)]).await;
        tell(&hub).await;
        hub.advance(TimeDelta::seconds(5));
        tell(&hub).await;

        let got = hook.got();
        assert_eq!(got.len(), 2);
        assert_eq!(got[0].0["webhook-id"], got[1].0["webhook-id"]);
        assert_ne!(got[0].0["webhook-timestamp"], got[1].0["webhook-timestamp"]);
        let body = &got[1].1;
        assert_eq!(
            (&body["type"], &body["event"]),
            (&json!("activity"), &json!("scheduled"))
        );
        assert_eq!(body["activity"]["target_name"], "M-31");
        assert_eq!(body["delivery"]["subscription"], json!(id));
        let delivery = &person.deliveries(&hub, &id).await[0];
        assert_eq!(delivery["state"], "sent");
        assert!(delivery["answer"].as_str().unwrap().starts_with("200"));
    }
}

#[tokio::test]
async fn replay_sends_again_what_came_after_a_place_or_a_time() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let mut hub = TestHub::on(kind).await;
        let (person, hook, id) = hooked(&mut hub).await;
        for n in 1..=3 {
            hub.apply("jwst", &[visit(n, FROM, TO)]).await;
            tell(&hub).await;
            hub.advance(TimeDelta::minutes(1));
        }
        let path = format!("/api/subscriptions/{id}/webhook/replay");
        let wrong = person
            .asks(&hub, "POST", &path, json!({ "since": "lately" }))
            .await;
        assert_eq!(wrong.status, 400, "{}", wrong.body);

        let answer = person
            .asks(&hub, "POST", &path, json!({ "since": 1 }))
            .await;
        assert_eq!(
            (answer.status, answer.json()),
            (202, json!({ "queued": 2 }))
        );
        tell(&hub).await;
        let since = json!({ "since": "2026-11-21T06:01:30Z" });
        let answer = person.asks(&hub, "POST", &path, since).await;
        assert_eq!(answer.json(), json!({ "queued": 1 }));
        tell(&hub).await;

        let seqs: Vec<i64> = hook
            .got()
            .iter()
            .map(|(_, body)| body["seq"].as_i64().unwrap())
            .collect();
        assert_eq!(seqs, [1, 2, 3, 2, 3, 3]);
        let ids: Vec<_> = hook
            .got()
            .iter()
            .map(|(h, _)| h["webhook-id"].clone())
            .collect();
        assert_eq!(ids[1], ids[3]);
    }
}

#[tokio::test]
async fn an_endpoint_that_fails_for_five_days_is_switched_off_and_its_owner_told() {
    let mut hub = TestHub::start().await;
    let (person, hook, id) = hooked(&mut hub).await;
    hook.answers.lock().unwrap().extend([500; 100]);
    hub.apply("jwst", &[visit(1, FROM, TO)]).await;
    tell(&hub).await;
    hub.advance(TimeDelta::days(5));
    tell(&hub).await;

    let subjects = subjects(&hub).await;
    assert_eq!(subjects.len(), 1, "{subjects:?}");
    assert!(subjects[0].contains("switched off"), "{subjects:?}");
    let before = hook.got().len();
    hub.apply(
        "jwst",
        &[visit(2, "2026-11-27T06:00:00Z", "2026-11-27T07:00:00Z")],
    )
    .await;
    tell(&hub).await;
    assert_eq!(hook.got().len(), before);
    let deliveries = person.deliveries(&hub, &id).await;
    assert_eq!(deliveries[1]["answer"], "the webhook is switched off");
}
