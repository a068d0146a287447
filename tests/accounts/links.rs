//! Links in mails: looked at by machines, followed by people, once.

use chrono::TimeDelta;
use serde_json::json;

use super::{ASTRONOMER, Browser, PASSWORD, newest_mail, rows};
use crate::harness::hub::{TestHub, on_both};

async fn asked_to_register(hub: &TestHub) -> String {
    let given = json!({ "email": ASTRONOMER, "password": PASSWORD });
    Browser::new(hub).post("/api/auth/register", given).await;
    newest_mail(hub).await.token()
}

async fn asked_to_reset(hub: &TestHub) -> String {
    let given = json!({ "email": ASTRONOMER });
    Browser::new(hub).post("/api/auth/forgot", given).await;
    newest_mail(hub).await.token()
}

#[tokio::test]
async fn looking_at_a_link_changes_and_consumes_nothing() {
    on_both(async |hub: TestHub| {
        let page = format!("/verify/{}", asked_to_register(&hub).await);
        for _ in 0..3 {
            let looked = hub.get(&page).await;
            assert_eq!(looked.status, 200);
            assert!(
                looked.body.contains("<form method=\"post\">"),
                "{}",
                looked.body
            );
            assert!(!looked.body.contains("<script"), "{}", looked.body);
            assert_eq!(looked.header("set-cookie"), None);
        }
        assert_eq!(rows(&hub, "select id from accounts").await, 0);

        assert_eq!(Browser::new(&hub).submit(&page, "").await.status, 200);
        assert_eq!(rows(&hub, "select id from accounts").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_new_account_is_led_back_to_the_page_it_was_asked_from() {
    on_both(async |hub: TestHub| {
        let draft = "/subscriptions/new?filter=%7B%22target%22%3A%5B%22M31%22%5D%7D";
        let given = json!({ "email": ASTRONOMER, "password": PASSWORD, "next": draft });
        let browser = Browser::new(&hub);
        let asked = browser.post("/api/auth/register", given).await;
        assert_eq!(asked.status, 202, "{}", asked.body);
        let page = format!("/verify/{}", newest_mail(&hub).await.token());

        let proven = browser.submit(&page, "").await;

        let back = "/login?next=%2Fsubscriptions%2Fnew%3Ffilter%3D%257B%2522target%2522%253A%255B\
            %2522M31%2522%255D%257D";
        assert!(
            proven.body.contains(&format!("href=\"{back}\"")),
            "{}",
            proven.body
        );
    })
    .await;
}

#[tokio::test]
async fn nobody_is_led_to_another_host() {
    let hub = TestHub::start().await;
    let browser = Browser::new(&hub);
    let long = format!("/{}", "x".repeat(8_000));
    for elsewhere in [
        "https://example.org/",
        "//example.org/",
        "/\\example.org/",
        "/subscriptions\n",
        "subscriptions",
        "",
        &long,
    ] {
        let given = json!({ "email": ASTRONOMER, "password": PASSWORD, "next": elsewhere });
        let asked = browser.post("/api/auth/register", given).await;
        assert_eq!(
            (asked.status, &asked.json()["field"]),
            (400, &"next".into()),
            "{elsewhere}"
        );
    }
}

#[tokio::test]
async fn a_link_works_once() {
    on_both(async |hub: TestHub| {
        let token = asked_to_register(&hub).await;
        let browser = Browser::new(&hub);
        let verify = async || {
            browser
                .post("/api/auth/verify", json!({ "token": token }))
                .await
        };

        assert_eq!(verify().await.status, 204);
        let again = verify().await;

        assert_eq!(
            (again.status, &again.json()["field"]),
            (400, &"token".into())
        );
        assert_eq!(hub.get(&format!("/verify/{token}")).await.status, 400);
    })
    .await;
}

#[tokio::test]
async fn a_link_followed_twice_at_once_works_once() {
    on_both(async |hub: TestHub| {
        Browser::of(&hub, ASTRONOMER).await;
        let token = asked_to_reset(&hub).await;
        let browser = Browser::new(&hub);
        let reset = async |password: &str| {
            let given = json!({ "token": token, "password": password });
            browser.post("/api/auth/reset", given).await.status
        };

        let (one, other) = tokio::join!(reset("one new password"), reset("other new password"));

        let mut both = [one, other];
        both.sort_unstable();
        assert_eq!(both, [204, 400]);
    })
    .await;
}

#[tokio::test]
async fn links_stop_working_after_a_while() {
    on_both(async |hub: TestHub| {
        let (late, browser) = (asked_to_register(&hub).await, Browser::new(&hub));
        hub.advance(TimeDelta::hours(24));
        let answer = browser
            .post("/api/auth/verify", json!({ "token": late }))
            .await;
        assert_eq!(answer.status, 400);

        Browser::of(&hub, ASTRONOMER).await;
        let late = asked_to_reset(&hub).await;
        hub.advance(TimeDelta::hours(1));
        let given = json!({ "token": late, "password": "a new password" });
        assert_eq!(browser.post("/api/auth/reset", given).await.status, 400);
        assert_eq!(browser.signs_in(ASTRONOMER, PASSWORD).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn a_link_of_one_kind_does_nothing_of_the_other() {
    let hub = TestHub::start().await;
    let browser = Browser::new(&hub);
    let registering = asked_to_register(&hub).await;
    let given = json!({ "token": registering, "password": "a new password" });
    assert_eq!(browser.post("/api/auth/reset", given).await.status, 400);
    browser
        .post("/api/auth/verify", json!({ "token": registering }))
        .await;

    let resetting = asked_to_reset(&hub).await;
    let answer = browser
        .post("/api/auth/verify", json!({ "token": resetting }))
        .await;
    assert_eq!(answer.status, 400);
    for nonsense in ["", "x", "ä", "AAAA.AAAA"] {
        let answer = browser
            .post("/api/auth/verify", json!({ "token": nonsense }))
            .await;
        assert_eq!(answer.status, 400, "{nonsense}");
    }
}

#[tokio::test]
async fn a_reset_sets_the_password_and_ends_every_session() {
    on_both(async |hub: TestHub| {
        let signed_in = Browser::of(&hub, ASTRONOMER).await;
        let token = asked_to_reset(&hub).await;
        let browser = Browser::new(&hub);
        let page = format!("/reset/{token}");
        let form = hub.get(&page).await;
        assert!(form.body.contains("type=\"password\""), "{}", form.body);

        // Too short: the link goes on working.
        assert_eq!(browser.submit(&page, "password=short").await.status, 400);
        let answer = browser.submit(&page, "password=a+new+password").await;

        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(signed_in.get("/api/me").await.status, 401);
        assert_eq!(browser.signs_in(ASTRONOMER, PASSWORD).await.status, 401);
        assert_eq!(
            browser.signs_in(ASTRONOMER, "a new password").await.status,
            200
        );
        assert_eq!(
            newest_mail(&hub).await.subject,
            "Your Starboard password was changed"
        );
        assert_eq!(
            browser
                .submit(&page, "password=another+password")
                .await
                .status,
            400
        );
    })
    .await;
}

#[tokio::test]
async fn the_database_holds_nothing_that_opens() {
    let hub = TestHub::start().await;
    let token = asked_to_register(&hub).await;
    let id = token.split('.').next().unwrap();

    let query = format!("select hash from links where purpose = '{id}' or purpose = '{token}'");
    assert_eq!(rows(&hub, &query).await, 0);
    assert_eq!(
        rows(&hub, "select hash from links where length(hash) = 32").await,
        1
    );
    let jobs = hub.hub.queue.counts().await.unwrap();
    assert!(jobs.iter().any(|count| count.name == "accounts.send_mail"));
}
