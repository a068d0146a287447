//! API tokens and what they may not do.

use axum::http::Method;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{ASTRONOMER, Browser, PASSWORD, rows};
use crate::harness::hub::{TestHub, on_both};

/// A program with a token: no cookie, no origin.
fn program<'a>(hub: &'a TestHub, token: &str) -> Browser<'a> {
    let mut program = Browser::new(hub);
    program.headers = vec![("authorization", format!("Bearer {token}"))];
    program
}

async fn made(browser: &Browser<'_>, given: Value) -> Value {
    let answer = browser.post("/api/tokens", given).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.json()
}

fn token(made: &Value) -> &str {
    made["token"].as_str().unwrap()
}

fn a_site() -> Value {
    json!({ "name": "Garden", "lat": 52.5, "lon": 13.4 })
}

#[tokio::test]
async fn a_token_is_shown_once_and_works_without_origin() {
    on_both(async |hub: TestHub| {
        let browser = Browser::of(&hub, ASTRONOMER).await;
        let made = made(&browser, json!({ "name": "laptop", "scope": "write" })).await;
        let program = program(&hub, token(&made));

        assert!(token(&made).starts_with("starboard_"));
        assert_eq!(program.post("/api/me/sites", a_site()).await.status, 201);
        let listed = browser.json("/api/tokens").await;
        assert_eq!(listed["items"][0]["name"], "laptop");
        assert_eq!(
            listed["items"][0]["used_at"],
            hub.hub
                .clock
                .now()
                .to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
        );
        assert!(!listed.to_string().contains(token(&made)));
        assert_eq!(
            rows(&hub, "select id from tokens where length(token_hash) = 32").await,
            1
        );
    })
    .await;
}

#[tokio::test]
async fn a_token_that_reads_does_not_write() {
    let hub = TestHub::start().await;
    let browser = Browser::of(&hub, ASTRONOMER).await;
    let made = made(&browser, json!({ "name": "screen", "scope": "read" })).await;
    let program = program(&hub, token(&made));

    assert_eq!(program.get("/api/me").await.status, 200);
    assert_eq!(program.get("/api/me/sites").await.status, 200);
    assert_eq!(program.post("/api/me/sites", a_site()).await.status, 403);
    let zone = json!({ "time_zone": "Europe/Berlin" });
    assert_eq!(
        program
            .ask(Method::PATCH, "/api/me", Some(zone))
            .await
            .status,
        403
    );
}

#[tokio::test]
async fn no_token_makes_tokens_or_changes_credentials() {
    let hub = TestHub::start().await;
    let browser = Browser::of(&hub, ASTRONOMER).await;
    let made = made(&browser, json!({ "name": "laptop", "scope": "write" })).await;
    let program = program(&hub, token(&made));
    let proof = json!({ "password": PASSWORD });
    for (method, path, body) in [
        (
            Method::POST,
            "/api/tokens",
            json!({ "name": "more", "scope": "write" }),
        ),
        (Method::DELETE, "/api/me", proof.clone()),
        (
            Method::POST,
            "/api/me/email",
            json!({ "email": "o@example.org", "password": PASSWORD }),
        ),
        (
            Method::PATCH,
            "/api/me",
            json!({ "password": "a new password", "current_password": PASSWORD }),
        ),
        (Method::GET, "/api/me/sessions", Value::Null),
        (Method::DELETE, "/api/me/sessions", Value::Null),
        (Method::GET, "/api/me/totp", Value::Null),
        (Method::POST, "/api/me/totp", proof.clone()),
        (Method::POST, "/api/me/totp/recovery", proof),
        (Method::GET, "/api/me/export", Value::Null),
    ] {
        let answer = program.ask(method.clone(), path, Some(body)).await;
        assert_eq!(answer.status, 403, "{method} {path}: {}", answer.body);
    }
    assert_eq!(browser.signs_in(ASTRONOMER, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn an_expired_or_revoked_token_opens_nothing() {
    on_both(async |hub: TestHub| {
        let browser = Browser::of(&hub, ASTRONOMER).await;
        let end = (hub.hub.clock.now() + TimeDelta::hours(1)).to_rfc3339();
        let given = json!({ "name": "a night", "scope": "read", "expires": end });
        let short = made(&browser, given).await;
        let long = made(&browser, json!({ "name": "laptop", "scope": "read" })).await;
        let (short, long_lived) = (program(&hub, token(&short)), program(&hub, token(&long)));

        hub.advance(TimeDelta::hours(1));
        assert_eq!(short.get("/api/me").await.status, 401);
        assert_eq!(long_lived.get("/api/me").await.status, 200);
        let path = format!("/api/tokens/{}", long["id"].as_str().unwrap());
        let other = Browser::of(&hub, "observer@example.org").await;
        assert_eq!(other.ask(Method::DELETE, &path, None).await.status, 404);
        assert_eq!(browser.ask(Method::DELETE, &path, None).await.status, 204);
        assert_eq!(long_lived.get("/api/me").await.status, 401);
        for never in ["2020-01-01T00:00:00Z", "+12026-01-01T00:00:00Z"] {
            let given = json!({ "name": "x", "scope": "read", "expires": never });
            assert_eq!(
                browser.post("/api/tokens", given).await.status,
                400,
                "{never}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_token_revokes_itself_and_no_other() {
    let hub = TestHub::start().await;
    let browser = Browser::of(&hub, ASTRONOMER).await;
    let own = made(&browser, json!({ "name": "one", "scope": "read" })).await;
    let other = made(&browser, json!({ "name": "other", "scope": "write" })).await;
    let path = |made: &Value| format!("/api/tokens/{}", made["id"].as_str().unwrap());
    let program = program(&hub, token(&own));

    assert_eq!(
        program
            .ask(Method::DELETE, &path(&other), None)
            .await
            .status,
        403
    );
    assert_eq!(
        program.ask(Method::DELETE, &path(&own), None).await.status,
        204
    );
    assert_eq!(program.get("/api/me").await.status, 401);
}

#[tokio::test]
async fn a_token_counts_and_not_the_cookie_beside_it() {
    let hub = TestHub::start().await;
    let mut browser = Browser::of(&hub, ASTRONOMER).await;
    let made = made(&browser, json!({ "name": "screen", "scope": "read" })).await;

    browser
        .headers
        .push(("authorization", format!("Bearer {}", token(&made))));
    assert_eq!(browser.post("/api/me/sites", a_site()).await.status, 403);
    browser.headers.pop();
    browser
        .headers
        .push(("authorization", "Bearer starboard_nonsense".to_owned()));
    assert_eq!(browser.get("/api/me").await.status, 401);
}
