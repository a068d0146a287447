//! Sessions and their cookie.

use axum::http::Method;
use chrono::TimeDelta;
use serde_json::json;

use super::{ASTRONOMER, Browser, PASSWORD, rows};
use crate::harness::hub::{TestHub, on_both};

#[tokio::test]
async fn a_planted_cookie_is_never_taken_over() {
    on_both(async |hub: TestHub| {
        let browser = Browser::new(&hub);
        browser.registers(ASTRONOMER, PASSWORD).await;
        let planted = "starboard=planted-by-somebody-else".to_owned();
        browser.carry(Some(planted.clone()));

        browser.signs_in(ASTRONOMER, PASSWORD).await;

        assert_ne!(browser.cookie().unwrap(), planted);
        browser.carry(Some(planted));
        assert_eq!(browser.get("/api/me").await.status, 401);
    })
    .await;
}

#[tokio::test]
async fn signing_in_again_ends_the_session_before() {
    on_both(async |hub: TestHub| {
        let browser = Browser::of(&hub, ASTRONOMER).await;
        let before = browser.cookie();

        browser.signs_in(ASTRONOMER, PASSWORD).await;

        assert_ne!(browser.cookie(), before);
        browser.carry(before);
        assert_eq!(browser.get("/api/me").await.status, 401);
        assert_eq!(rows(&hub, "select id from sessions").await, 1);
    })
    .await;
}

#[tokio::test]
async fn the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
    let mut hub = TestHub::start().await;
    Browser::of(&hub, ASTRONOMER).await;
    let answer = Browser::new(&hub).signs_in(ASTRONOMER, PASSWORD).await;
    let plain = answer.header("set-cookie").unwrap();
    assert!(plain.starts_with("starboard="), "{plain}");
    assert!(
        plain.ends_with("; Path=/; HttpOnly; SameSite=Lax; Max-Age=15552000"),
        "{plain}"
    );

    hub.configure(|config| config.public_url = "https://board.example.org".to_owned());
    let answer = Browser::new(&hub).signs_in(ASTRONOMER, PASSWORD).await;
    let secure = answer.header("set-cookie").unwrap();
    assert!(secure.starts_with("__Host-starboard="), "{secure}");
    assert!(
        secure.ends_with("; Path=/; HttpOnly; SameSite=Lax; Max-Age=15552000; Secure"),
        "{secure}"
    );
}

#[tokio::test]
async fn sessions_are_listed_and_ended_by_their_owner_only() {
    on_both(async |hub: TestHub| {
        let here = Browser::of(&hub, ASTRONOMER).await;
        let there = Browser::at(&hub, "192.0.2.7");
        there.signs_in(ASTRONOMER, PASSWORD).await;
        let other = Browser::of(&hub, "observer@example.org").await;

        let listed = here.json("/api/me/sessions").await;
        let sessions = listed["items"].as_array().unwrap();
        assert_eq!(sessions.len(), 2);
        let theirs = sessions.iter().find(|one| one["current"] == false).unwrap();
        assert_eq!(theirs["network"], "192.0.2.7/32");
        let path = format!("/api/me/sessions/{}", theirs["id"].as_str().unwrap());

        assert_eq!(other.ask(Method::DELETE, &path, None).await.status, 404);
        assert_eq!(here.ask(Method::DELETE, &path, None).await.status, 204);
        assert_eq!(there.get("/api/me").await.status, 401);
        assert_eq!(here.get("/api/me").await.status, 200);
        assert_eq!(here.ask(Method::DELETE, &path, None).await.status, 404);
        assert_eq!(
            here.ask(Method::DELETE, "/api/me/sessions/x", None)
                .await
                .status,
            404
        );
    })
    .await;
}

#[tokio::test]
async fn all_other_sessions_can_be_ended_at_once() {
    let hub = TestHub::start().await;
    let here = Browser::of(&hub, ASTRONOMER).await;
    let there = Browser::new(&hub);
    there.signs_in(ASTRONOMER, PASSWORD).await;

    assert_eq!(
        here.ask(Method::DELETE, "/api/me/sessions", None)
            .await
            .status,
        204
    );

    assert_eq!(there.get("/api/me").await.status, 401);
    assert_eq!(here.get("/api/me").await.status, 200);
}

#[tokio::test]
async fn signing_out_ends_the_session_and_takes_the_cookie() {
    on_both(async |hub: TestHub| {
        let browser = Browser::of(&hub, ASTRONOMER).await;
        let cookie = browser.cookie();

        let answer = browser.ask(Method::POST, "/api/auth/logout", None).await;

        assert_eq!((answer.status, browser.cookie()), (204, None));
        browser.carry(cookie);
        assert_eq!(browser.get("/api/me").await.status, 401);
    })
    .await;
}

#[tokio::test]
async fn an_idle_session_ends_and_a_used_one_ends_at_last() {
    on_both(async |hub: TestHub| {
        let browser = Browser::of(&hub, ASTRONOMER).await;
        for _ in 0..6 {
            hub.advance(TimeDelta::days(29));
            assert_eq!(browser.get("/api/me").await.status, 200);
        }
        hub.advance(TimeDelta::days(7));
        assert_eq!(browser.get("/api/me").await.status, 401);

        browser.signs_in(ASTRONOMER, PASSWORD).await;
        hub.advance(TimeDelta::days(31));
        assert_eq!(browser.get("/api/me").await.status, 401);
        hub.hub
            .queue
            .push(app::areas::accounts::ForgetExpired {})
            .await
            .unwrap();
        hub.run_jobs().await;
        assert_eq!(rows(&hub, "select id from sessions").await, 0);
        assert_eq!(rows(&hub, "select id from accounts").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_new_password_ends_every_other_session() {
    on_both(async |hub: TestHub| {
        let here = Browser::of(&hub, ASTRONOMER).await;
        let there = Browser::new(&hub);
        there.signs_in(ASTRONOMER, PASSWORD).await;
        let change = async |current: &str| {
            let given = json!({ "password": "a new password", "current_password": current });
            here.ask(Method::PATCH, "/api/me", Some(given)).await
        };

        let wrong = change("not the password").await;
        assert_eq!(
            (wrong.status, &wrong.json()["field"]),
            (400, &"current_password".into())
        );
        assert_eq!(there.get("/api/me").await.status, 200);
        assert_eq!(change(PASSWORD).await.status, 200);

        assert_eq!(there.get("/api/me").await.status, 401);
        assert_eq!(here.get("/api/me").await.status, 200);
        assert_eq!(
            there.signs_in(ASTRONOMER, "a new password").await.status,
            200
        );
    })
    .await;
}
