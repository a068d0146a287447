//! Registering and signing in, and what nobody learns by trying.

use chrono::TimeDelta;
use serde_json::json;

use super::{ASTRONOMER, Browser, PASSWORD, mails, newest_mail, rows};
use crate::harness::hub::{TestHub, on_both};

#[tokio::test]
async fn who_registers_and_follows_the_link_can_sign_in() {
    on_both(async |hub: TestHub| {
        let browser = Browser::new(&hub);
        let given = json!({ "email": "Astronomer@Example.org", "password": PASSWORD });

        let answer = browser.post("/api/auth/register", given).await;
        assert_eq!((answer.status, answer.body.as_str()), (202, ""));
        let mail = newest_mail(&hub).await;
        assert_eq!(mail.to, "Astronomer@example.org");
        assert_eq!(mail.subject, "Confirm your address for Starboard");
        let page = format!("/verify/{}", mail.token());
        assert_eq!(browser.submit(&page, "").await.status, 200);
        let answer = browser.signs_in(ASTRONOMER, PASSWORD).await;

        assert_eq!(
            (answer.status, answer.json()),
            (
                200,
                json!({ "email": "Astronomer@example.org", "role": "user" })
            )
        );
        let me = browser.json("/api/me").await;
        assert_eq!(me["email"], "Astronomer@example.org");
        assert_eq!(
            (&me["time_zone"], &me["totp"]),
            (&"UTC".into(), &false.into())
        );
    })
    .await;
}

#[tokio::test]
async fn nothing_is_there_before_the_link_was_followed() {
    let hub = TestHub::start().await;
    let browser = Browser::new(&hub);
    let given = json!({ "email": ASTRONOMER, "password": PASSWORD });
    browser.post("/api/auth/register", given).await;
    hub.run_jobs().await;

    let known = browser.signs_in(ASTRONOMER, PASSWORD).await;
    let unknown = browser.signs_in("nobody@example.org", PASSWORD).await;

    assert_eq!((known.status, &known.body), (401, &unknown.body));
    assert_eq!(rows(&hub, "select id from accounts").await, 0);
}

#[tokio::test]
async fn registering_says_the_same_whether_or_not_the_address_is_known() {
    on_both(async |hub: TestHub| {
        let browser = Browser::of(&hub, ASTRONOMER).await;
        let register = async |email: &str| {
            let runs = hub.hub.passwords.runs();
            let given = json!({ "email": email, "password": "another password" });
            let answer = browser.post("/api/auth/register", given).await;
            let jobs = hub.run_jobs().await.len();
            let shown = (answer.status, answer.body.clone(), answer.headers.clone());
            (shown, hub.hub.passwords.runs() - runs, jobs)
        };

        let (known, unknown) = (
            register(ASTRONOMER).await,
            register("nobody@example.org").await,
        );

        assert_eq!(known, unknown);
        assert_eq!((known.1, known.2), (1, 1));
        let told = mails(&hub).await;
        let about = |to: &str| {
            told.iter()
                .rfind(|mail| mail.to == to)
                .unwrap()
                .subject
                .clone()
        };
        assert_eq!(about(ASTRONOMER), "You have a Starboard account already");
        assert_eq!(
            about("nobody@example.org"),
            "Confirm your address for Starboard"
        );
        // The account is as it was.
        assert_eq!(
            browser
                .signs_in(ASTRONOMER, "another password")
                .await
                .status,
            401
        );
        assert_eq!(browser.signs_in(ASTRONOMER, PASSWORD).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn signing_in_fails_alike_for_known_and_unknown_addresses() {
    on_both(async |hub: TestHub| {
        let browser = Browser::of(&hub, ASTRONOMER).await;
        let attempt = async |email: &str| {
            let runs = hub.hub.passwords.runs();
            let answer = browser.signs_in(email, "a wrong password").await;
            let shown = (answer.status, answer.body.clone(), answer.headers.clone());
            (shown, hub.hub.passwords.runs() - runs)
        };

        let (known, unknown) = (
            attempt(ASTRONOMER).await,
            attempt("nobody@example.org").await,
        );

        assert_eq!(known, unknown);
        assert_eq!((known.0.0, known.1), (401, 1));
    })
    .await;
}

#[tokio::test]
async fn a_forgotten_password_says_the_same_whether_or_not_the_address_is_known() {
    on_both(async |hub: TestHub| {
        let browser = Browser::of(&hub, ASTRONOMER).await;
        let before = mails(&hub).await.len();
        let forgot = async |email: &str| {
            let runs = hub.hub.passwords.runs();
            let answer = browser
                .post("/api/auth/forgot", json!({ "email": email }))
                .await;
            let jobs = hub.run_jobs().await.len();
            let shown = (answer.status, answer.body.clone(), answer.headers.clone());
            (shown, hub.hub.passwords.runs() - runs, jobs)
        };

        let (known, unknown) = (forgot(ASTRONOMER).await, forgot("nobody@example.org").await);

        assert_eq!(known, unknown);
        assert_eq!((known.0.0, known.2), (202, 1));
        let told = mails(&hub).await;
        let to: Vec<&str> = told[before..].iter().map(|mail| mail.to.as_str()).collect();
        assert_eq!(to, [ASTRONOMER]);
    })
    .await;
}

/// Somebody may have asked for an account with my address before I did.
#[tokio::test]
async fn each_link_gives_the_password_it_was_asked_with() {
    on_both(async |hub: TestHub| {
        let (stranger, owner) = (Browser::new(&hub), Browser::new(&hub));
        let given = json!({ "email": ASTRONOMER, "password": "the stranger's choice" });
        stranger.post("/api/auth/register", given).await;
        let theirs = newest_mail(&hub).await.token();
        owner.registers(ASTRONOMER, PASSWORD).await;

        assert_eq!(
            stranger
                .signs_in(ASTRONOMER, "the stranger's choice")
                .await
                .status,
            401
        );
        assert_eq!(owner.signs_in(ASTRONOMER, PASSWORD).await.status, 200);
        // The other link is worth nothing any more.
        let answer = owner
            .post("/api/auth/verify", json!({ "token": theirs }))
            .await;
        assert_eq!(answer.status, 400);
    })
    .await;
}

/// Else an owner confirms in good faith what a stranger can sign in to.
#[tokio::test]
async fn who_confirms_is_told_whose_password_it_is_and_may_choose_another() {
    on_both(async |hub: TestHub| {
        let (stranger, owner) = (Browser::new(&hub), Browser::new(&hub));
        let given = json!({ "email": ASTRONOMER, "password": "the stranger's choice" });
        stranger.post("/api/auth/register", given).await;
        let mail = newest_mail(&hub).await;
        let text = mail.text.split_whitespace().collect::<Vec<_>>().join(" ");
        for words in [
            "at 2026-11-21 06:00 UTC",
            "with the password that was chosen then",
            "If it was not you, do nothing: no account is made.",
        ] {
            assert!(text.contains(words), "{words:?} in {text}");
        }
        let path = format!("/verify/{}", mail.token());
        hub.advance(TimeDelta::hours(1));
        let page = hub.get(&path).await.body;
        assert!(page.contains("chosen at 2026-11-21 06:00 UTC"), "{page}");

        let confirmed = owner.submit(&path, "").await;
        assert_eq!(confirmed.status, 200, "{}", confirmed.body);
        let (_, rest) = confirmed.body.split_once("href=\"/reset/").unwrap();
        let (token, _) = rest.split_once('"').unwrap();
        let form = format!("password={}", PASSWORD.replace(' ', "+"));
        let chosen = owner.submit(&format!("/reset/{token}"), &form).await;

        assert_eq!(chosen.status, 200, "{}", chosen.body);
        assert_eq!(owner.signs_in(ASTRONOMER, PASSWORD).await.status, 200);
        let theirs = stranger.signs_in(ASTRONOMER, "the stranger's choice");
        assert_eq!(theirs.await.status, 401);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_an_account_is_named() {
    let hub = TestHub::start().await;
    let browser = Browser::new(&hub);
    for (email, password, field) in [
        ("astronomer", PASSWORD, "email"),
        (ASTRONOMER, "ninechars", "password"),
        (ASTRONOMER, &"x".repeat(201), "password"),
    ] {
        let given = json!({ "email": email, "password": password });
        let answer = browser.post("/api/auth/register", given).await;
        assert_eq!(
            (answer.status, &answer.json()["field"]),
            (400, &field.into())
        );
        assert!(!answer.body.contains("ninechars"), "{}", answer.body);
    }
}

#[tokio::test]
async fn without_mail_nothing_is_kept_and_the_answer_says_what_to_set() {
    let mut hub = TestHub::start().await;
    hub.configure(|config| config.public_url = "https://board.example.org".to_owned());
    let browser = Browser::new(&hub);
    let given = json!({ "email": ASTRONOMER, "password": PASSWORD });

    let registered = browser.post("/api/auth/register", given).await;
    let forgot = browser
        .post("/api/auth/forgot", json!({ "email": ASTRONOMER }))
        .await;

    for answer in [registered, forgot] {
        assert_eq!(answer.status, 503);
        assert_eq!(answer.json()["type"], "/problems/no-mail");
        assert!(answer.body.contains("SMTP_URL"), "{}", answer.body);
    }
    assert_eq!(rows(&hub, "select id from links").await, 0);
}

#[tokio::test]
async fn what_is_answered_is_kept_by_no_cache() {
    let hub = TestHub::start().await;
    let browser = Browser::of(&hub, ASTRONOMER).await;
    for path in [
        "/api/me",
        "/api/tokens",
        "/api/me/sites",
        "/api/me/export",
        "/verify/x",
        "/reset/x",
    ] {
        let answer = browser.get(path).await;
        assert_eq!(
            answer.header("cache-control"),
            Some("private, no-store"),
            "{path}"
        );
    }
    browser.carry(None);
    let refused = browser.get("/api/me").await;
    assert_eq!(refused.status, 401);
    assert_eq!(refused.json()["type"], "/problems/sign-in");
    assert_eq!(refused.header("cache-control"), Some("private, no-store"));
}
