//! Somebody with an account and a token that writes, and the visitor they were before.

use app::areas::subscriptions::model;
use app::db::sql;
use app::secrets::hash_token;
use axum::body::Body;
use axum::http::Request;
use sea_orm::ConnectionTrait;
use serde_json::Value;
use uuid::Uuid;

use crate::harness::http::Answer;
use crate::harness::hub::TestHub;

/// Somebody who is signed in.
pub(crate) struct Person<'a> {
    hub: &'a TestHub,
    token: Option<String>,
    /// Their account.
    pub(crate) account: Uuid,
}

impl<'a> Person<'a> {
    /// Makes an account whose address is verified.
    pub(crate) async fn new(hub: &'a TestHub, email: &str) -> Person<'a> {
        let (account, token) = (Uuid::now_v7(), format!("token of {email}"));
        let now = hub.hub.clock.now();
        let write = hub.hub.db.begin().await.unwrap();
        let tx = write.tx();
        let text = "insert into accounts \
                (id, email, email_key, role, verified_at, time_zone, created_at) \
            values ($1, $2, $2, 'user', $3, 'Europe/Berlin', $3)";
        let values = vec![account.into(), email.into(), now.into()];
        tx.execute_raw(sql(tx, text, values)).await.unwrap();
        let text = "insert into tokens (id, account_id, name, scope, token_hash, created_at) \
                    values ($1, $2, 'test', 'write', $3, $4)";
        let values = vec![
            Uuid::now_v7().into(),
            account.into(),
            hash_token(&token).to_vec().into(),
            now.into(),
        ];
        tx.execute_raw(sql(tx, text, values)).await.unwrap();
        write.commit().await.unwrap();
        Person {
            hub,
            token: Some(token),
            account,
        }
    }

    /// A visitor without an account.
    pub(crate) fn visitor(hub: &'a TestHub) -> Person<'a> {
        Person {
            hub,
            token: None,
            account: Uuid::nil(),
        }
    }

    /// Sends a request with JSON, or without a body.
    pub(crate) async fn send(&self, method: &str, path: &str, json: Option<&Value>) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", "application/json");
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = json.map_or(Body::empty(), |json| Body::from(json.to_string()));
        self.hub.send(request.body(body).unwrap()).await
    }

    /// Asks by GET.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    /// Sends JSON by POST.
    pub(crate) async fn post(&self, path: &str, json: Value) -> Answer {
        self.send("POST", path, Some(&json)).await
    }

    /// Sends JSON by PATCH.
    pub(crate) async fn patch(&self, path: &str, json: Value) -> Answer {
        self.send("PATCH", path, Some(&json)).await
    }

    /// Makes a subscription. Panics unless it is answered with 201.
    pub(crate) async fn subscribe(&self, json: Value) -> Value {
        let answer = self.post("/api/subscriptions", json).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.json()
    }

    /// Changes a subscription. Panics unless it is answered with 200.
    pub(crate) async fn edit(&self, id: &Value, json: Value) -> Value {
        let answer = self.patch(&path_of(id), json).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }
}

/// The path of a subscription.
pub(crate) fn path_of(id: &Value) -> String {
    format!("/api/subscriptions/{}", id.as_str().unwrap())
}

/// The id in what the API shows of a subscription.
pub(crate) fn id_of(subscription: &Value) -> Uuid {
    subscription["id"].as_str().unwrap().parse().unwrap()
}

/// The row itself.
pub(crate) async fn row(hub: &TestHub, id: Uuid) -> model::Subscription {
    let (db, names) = (hub.hub.db.read(), hub.hub.catalogue.as_ref());
    model::by_id(db, names, id).await.unwrap().unwrap()
}
