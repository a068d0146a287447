//! Somebody who subscribes, and what they are told.

use app::areas::subscriptions::{match_all, sweep};
use app::db::sql;
use app::mail::outbox::Kept;
use app::secrets::hash_token;
use axum::body::Body;
use axum::http::Request;
use domain::{Claim, Record};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::http::Answer;
use crate::harness::hub::TestHub;
use crate::harness::records::planned;

/// Somebody with a verified address and a token that writes.
pub(crate) struct Person {
    /// Their token, which writes.
    pub(crate) token: String,
    /// Their account.
    pub(crate) account: Uuid,
}

impl Person {
    /// The one most tests need.
    pub(crate) async fn new(hub: &TestHub) -> Person {
        Person::of(hub, "astronomer@example.org").await
    }

    /// Makes an account of this address; its days are those of UTC.
    pub(crate) async fn of(hub: &TestHub, email: &str) -> Person {
        let (account, now) = (Uuid::now_v7(), hub.hub.clock.now());
        let token = format!("token {account}");
        let text = "insert into accounts \
                (id, email, email_key, role, verified_at, time_zone, created_at) \
            values ($1, $2, $2, 'user', $3, 'UTC', $3)";
        run(hub, text, vec![account.into(), email.into(), now.into()]).await;
        let text = "insert into tokens (id, account_id, name, scope, token_hash, created_at) \
                    values ($1, $2, 'test', 'write', $3, $4)";
        let hash = hash_token(&token).to_vec();
        let values = vec![
            Uuid::now_v7().into(),
            account.into(),
            hash.into(),
            now.into(),
        ];
        run(hub, text, values).await;
        Person { token, account }
    }

    /// Their days are those of a time zone.
    pub(crate) async fn lives_in(&self, hub: &TestHub, zone: &str) {
        let text = "update accounts set time_zone = $1 where id = $2";
        run(hub, text, vec![zone.into(), self.account.into()]).await;
    }

    /// Asks the API; null is no body.
    pub(crate) async fn asks(
        &self,
        hub: &TestHub,
        method: &str,
        path: &str,
        json: Value,
    ) -> Answer {
        let body = match json {
            Value::Null => Body::empty(),
            json => Body::from(json.to_string()),
        };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/json");
        hub.send(request.body(body).unwrap()).await
    }

    /// Subscribes to what JWST does, but for what is said; gives the id.
    pub(crate) async fn subscribes(&self, hub: &TestHub, said: Value) -> String {
        let mut json = json!({ "name": "What JWST does", "filter": { "facility": ["JWST"] } });
        for (field, value) in said.as_object().unwrap() {
            json[field] = value.clone();
        }
        let answer = self.asks(hub, "POST", "/api/subscriptions", json).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// Subscribes to what JWST plans, but for what is said; gives the id.
    pub(crate) async fn hears_of_plans(&self, hub: &TestHub, said: Value) -> String {
        let mut json = json!({ "events": ["scheduled"] });
        for (field, value) in said.as_object().unwrap() {
            json[field] = value.clone();
        }
        self.subscribes(hub, json).await
    }

    /// Changes a subscription.
    pub(crate) async fn changes(&self, hub: &TestHub, id: &str, json: Value) {
        let path = format!("/api/subscriptions/{id}");
        let answer = self.asks(hub, "PATCH", &path, json).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    /// The deliveries of a subscription, oldest first.
    pub(crate) async fn deliveries(&self, hub: &TestHub, id: &str) -> Vec<Value> {
        let path = format!("/api/subscriptions/{id}/deliveries?limit=200");
        let answer = self.asks(hub, "GET", &path, Value::Null).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let mut items = answer.json()["items"].as_array().unwrap().clone();
        items.reverse();
        items
    }

    /// Event and state of each delivery, oldest first.
    pub(crate) async fn states(&self, hub: &TestHub, id: &str) -> Vec<String> {
        let deliveries = self.deliveries(hub, id).await;
        let word = |one: &Value, field: &str| one[field].as_str().unwrap().to_owned();
        let states = deliveries.iter();
        states
            .map(|one| format!("{} {}", word(one, "event"), word(one, "state")))
            .collect()
    }
}

/// Matches what has happened and delivers what is due.
pub(crate) async fn tell(hub: &TestHub) {
    match_all(&hub.hub).await.unwrap();
    sweep(&hub.hub).await.unwrap();
    hub.run_jobs().await;
}

/// The mails sent so far, oldest first.
pub(crate) async fn mails(hub: &TestHub) -> Vec<Kept> {
    hub.mails().await
}

/// Their subjects.
pub(crate) async fn subjects(hub: &TestHub) -> Vec<String> {
    let mails = mails(hub).await.into_iter();
    mails.map(|mail| mail.subject).collect()
}

/// Runs a statement; says how many rows it touched.
pub(crate) async fn run(hub: &TestHub, text: &str, values: Vec<sea_orm::Value>) -> u64 {
    let write = hub.hub.db.begin().await.unwrap();
    let tx = write.tx();
    let done = tx.execute_raw(sql(tx, text, values)).await.unwrap();
    write.commit().await.unwrap();
    done.rows_affected()
}

/// JWST plans to observe M-`n`.
pub(crate) fn visit(n: usize, from: &str, to: &str) -> Record {
    let mut record = planned(&format!("{n}:1:1"), from, to);
    record.facts.target_name = Some(format!("M-{n}"));
    record
}

/// The same visit failed.
pub(crate) fn failed(visit: &Record) -> Record {
    Record {
        claim: Claim::Failed,
        ..visit.clone()
    }
}
