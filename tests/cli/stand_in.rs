//! A server that answers as the contract says accounts and subscriptions do, and keeps what it was
//! asked. It knows one account, one token and two subscriptions.

use std::sync::{Arc, Mutex};

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The account's password.
pub(super) const PASSWORD: &str = "a long enough password";
/// The token it makes.
pub(super) const TOKEN: &str = "starboard_0123456789abcdefghijkl";
/// The token's id.
pub(super) const TOKEN_ID: &str = "0199a5a0-0000-7000-8000-00000000000a";
/// A subscription's id.
pub(super) const FIRST: &str = "0199a5a0-0000-7000-8000-000000000001";

/// What was asked.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// Method and path: `POST /api/tokens`.
    pub(super) what: String,
    /// The JSON given; null when there was none.
    pub(super) json: Value,
    headers: HeaderMap,
}

impl Asked {
    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    fn by_token(&self) -> bool {
        self.header("authorization") == format!("Bearer {TOKEN}")
    }

    fn by_session(&self) -> bool {
        self.header("cookie") == "session=s1" && self.header("sec-fetch-site") == "same-origin"
    }
}

/// The server. It lives as long as the test.
pub(super) struct StandIn {
    /// Where it listens.
    pub(super) port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl StandIn {
    /// An account without a second factor.
    pub(super) async fn start() -> StandIn {
        StandIn::with_code(None).await
    }

    /// An account with a second factor, whose code is this.
    pub(super) async fn with_code(code: Option<&'static str>) -> StandIn {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = asked.clone();
        let take = async move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
            let asked = Asked {
                what: format!("{method} {}", uri.path()),
                json: serde_json::from_slice(&body).unwrap_or_default(),
                headers,
            };
            kept.lock().unwrap().push(asked.clone());
            answer(&asked, code)
        };
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let routes = axum::Router::new().fallback(take);
        tokio::spawn(async move { axum::serve(listener, routes).await });
        StandIn { port, asked }
    }

    /// What was asked so far: methods and paths.
    pub(super) fn asked(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked.iter().map(|asked| asked.what.clone()).collect()
    }

    /// The JSON given with the last request of this method and path.
    pub(super) fn given(&self, what: &str) -> Value {
        let asked = self.asked.lock().unwrap();
        let last = asked.iter().rev().find(|asked| asked.what == what);
        last.unwrap_or_else(|| panic!("nobody asked {what}"))
            .json
            .clone()
    }
}

fn answer(asked: &Asked, code: Option<&str>) -> Response<Body> {
    match asked.what.as_str() {
        "POST /api/auth/login" => return login(asked, code),
        "POST /api/subscriptions/preview" => {}
        what if what.starts_with("POST /api/tokens") || what.starts_with("POST /api/auth") => {
            if !asked.by_session() {
                return problem(403, "forbidden", "no token can do this");
            }
        }
        _ if asked.by_session() || asked.by_token() => {}
        _ => return problem(401, "sign-in", "this takes a session, or a token"),
    }
    let subscription = |path: &str| asked.what == path.replace("{id}", FIRST);
    match asked.what.as_str() {
        "POST /api/auth/logout" => status(204),
        "POST /api/tokens" => ok(201, &token(&asked.json["name"], Some(TOKEN))),
        "GET /api/tokens" => ok(
            200,
            &json!({ "items": [token(&"here".into(), None)], "next": null }),
        ),
        what if what.starts_with("DELETE /api/tokens/") => {
            if asked.by_token() && !what.ends_with(TOKEN_ID) {
                return problem(403, "forbidden", "a token can revoke no token but itself");
            }
            status(204)
        }
        "POST /api/subscriptions/preview" => ok(
            200,
            &json!({ "count": 2, "per_day": [], "items": [], "mails_per_day": 0.1, "partial": false,
                     "hint": { "kind": "wider", "text": "widen the circle" } }),
        ),
        "POST /api/subscriptions" => {
            let mut made = one(FIRST, "made");
            made["webhook_secret"] = "whsec_AAAA".into();
            ok(201, &made)
        }
        "GET /api/subscriptions" => {
            let items = [
                one(FIRST, "M 31"),
                one(TOKEN_ID, "twice"),
                one(FIRST, "twice"),
            ];
            ok(200, &json!({ "items": items, "next": null }))
        }
        _ if subscription("GET /api/subscriptions/{id}") => ok(200, &one(FIRST, "M 31")),
        _ if subscription("PATCH /api/subscriptions/{id}") => ok(200, &one(FIRST, "M 31")),
        _ if subscription("DELETE /api/subscriptions/{id}") => status(204),
        _ if subscription("POST /api/subscriptions/{id}/test") => ok(202, &json!({ "queued": 1 })),
        _ if subscription("GET /api/subscriptions/{id}/deliveries") => {
            let item = json!({ "id": TOKEN_ID, "created_at": "2026-11-21T06:00:00Z", "attempts": 1,
                "event": "started", "channel": "mail_now", "state": "sent", "answer": "250 ok" });
            ok(200, &json!({ "items": [item], "next": null }))
        }
        _ => problem(404, "not-found", "no such subscription"),
    }
}

fn login(asked: &Asked, code: Option<&str>) -> Response<Body> {
    if asked.header("sec-fetch-site") != "same-origin" {
        return problem(403, "forbidden", "a write needs an origin");
    }
    if asked.json["password"] != PASSWORD {
        return problem(401, "login", "address and password do not fit");
    }
    match (code, asked.json["totp"].as_str()) {
        (Some(_), None) => return problem(401, "code", "a code is needed"),
        (Some(code), Some(given)) if code != given => {
            return problem(401, "code", "the code does not fit");
        }
        _ => {}
    }
    let mut answer = ok(
        200,
        &json!({ "email": asked.json["email"], "role": "user" }),
    );
    let cookie = "session=s1; HttpOnly; Path=/; SameSite=Lax"
        .parse()
        .unwrap();
    answer.headers_mut().insert("set-cookie", cookie);
    answer
}

fn token(name: &Value, text: Option<&str>) -> Value {
    let mut token = json!({ "id": TOKEN_ID, "name": name, "scope": "write", "expires": null,
        "created_at": "2026-11-21T06:00:00Z", "used_at": null });
    if let Some(text) = text {
        token["token"] = text.into();
    }
    token
}

fn one(id: &str, name: &str) -> Value {
    json!({
        "id": id, "name": name, "filter": { "facility": ["JWST"] }, "events": ["started", "ended"],
        "channels": [{ "type": "email", "when": "now" }], "once_per": "group", "active": true,
        "mute_until": null, "webhook": null, "fault": null,
    })
}

fn ok(status: u16, json: &Value) -> Response<Body> {
    let answer = Response::builder().status(status);
    let answer = answer.header("content-type", "application/json");
    answer.body(Body::from(json.to_string())).unwrap()
}

fn status(status: u16) -> Response<Body> {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::from_u16(status).unwrap();
    answer
}

fn problem(status: u16, kind: &str, detail: &str) -> Response<Body> {
    let kind = format!("/problems/{kind}");
    ok(
        status,
        &json!({ "type": kind, "status": status, "detail": detail }),
    )
}
