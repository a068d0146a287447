//! One's own account and sites.

use app::areas::accounts::{self, Address};
use axum::http::Method;
use chrono::TimeDelta;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{ASTRONOMER, Browser, PASSWORD, mails, newest_mail, rows};
use crate::harness::hub::{TestHub, on_both};

async fn id(browser: &Browser<'_>) -> Uuid {
    browser.json("/api/me").await["id"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap()
}

#[tokio::test]
async fn the_time_zone_is_one_of_the_tables() {
    on_both(async |hub: TestHub| {
        let browser = Browser::of(&hub, ASTRONOMER).await;
        let set = async |zone: &str| {
            let given = json!({ "time_zone": zone });
            browser.ask(Method::PATCH, "/api/me", Some(given)).await
        };

        assert_eq!(
            set("Europe/Berlin").await.json()["time_zone"],
            "Europe/Berlin"
        );
        let wrong = set("Berlin").await;
        assert_eq!(
            (wrong.status, &wrong.json()["field"]),
            (400, &"time_zone".into())
        );
        let id = id(&browser).await;
        let reach = accounts::reach(hub.hub.db.read(), &[id, Uuid::nil()])
            .await
            .unwrap();
        assert_eq!(reach.len(), 1);
        assert_eq!(reach[&id].time_zone.name(), "Europe/Berlin");
        assert!(reach[&id].verified && !reach[&id].paused);
    })
    .await;
}

#[tokio::test]
async fn paused_mail_is_shown_and_let_go_again() {
    on_both(async |hub: TestHub| {
        let browser = Browser::of(&hub, ASTRONOMER).await;
        let id = id(&browser).await;
        let write = hub.hub.db.begin().await.unwrap();
        let now = hub.hub.clock.now();
        accounts::pause_mail(write.tx(), id, "550 no such mailbox", now)
            .await
            .unwrap();
        write.commit().await.unwrap();

        let me = browser.json("/api/me").await;
        assert_eq!(me["mail_paused_why"], "550 no such mailbox");
        assert!(accounts::reach(hub.hub.db.read(), &[id]).await.unwrap()[&id].paused);
        let given = json!({ "mail_paused": false });
        let me = browser
            .ask(Method::PATCH, "/api/me", Some(given))
            .await
            .json();
        assert_eq!(
            (&me["mail_paused_at"], &me["mail_paused_why"]),
            (&Value::Null, &Value::Null)
        );
    })
    .await;
}

#[tokio::test]
async fn a_new_address_counts_once_it_is_proven() {
    on_both(async |hub: TestHub| {
        let browser = Browser::of(&hub, ASTRONOMER).await;
        let given = json!({ "email": "observer@example.org", "password": PASSWORD });
        let asked = browser.post("/api/me/email", given).await;
        assert_eq!(asked.status, 202, "{}", asked.body);
        let mail = newest_mail(&hub).await;
        assert_eq!(mail.to, "observer@example.org");
        assert_eq!(browser.json("/api/me").await["email"], ASTRONOMER);

        let answer = browser
            .submit(&format!("/verify/{}", mail.token()), "")
            .await;

        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(
            browser.json("/api/me").await["email"],
            "observer@example.org"
        );
        assert_eq!(browser.signs_in(ASTRONOMER, PASSWORD).await.status, 401);
        assert_eq!(
            browser
                .signs_in("observer@example.org", PASSWORD)
                .await
                .status,
            200
        );
        let notice = newest_mail(&hub).await;
        assert_eq!(notice.to, ASTRONOMER);
        assert_eq!(
            notice.subject,
            "Your Starboard account has another address now"
        );
    })
    .await;
}

#[tokio::test]
async fn the_address_until_now_hears_of_the_wish_at_once() {
    on_both(async |hub: TestHub| {
        let browser = Browser::of(&hub, ASTRONOMER).await;
        let before = mails(&hub).await.len();
        asks_for_another(&hub, &browser).await;

        let told = mails(&hub).await.split_off(before);
        let told: Vec<_> = told
            .iter()
            .map(|mail| (mail.to.as_str(), mail.subject.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                (
                    ASTRONOMER,
                    "Another address was asked for your Starboard account"
                ),
                ("observer@example.org", "Confirm your address for Starboard"),
            ]
        );
    })
    .await;
}

/// Asks for another address; gives what follows `/verify/` in the link.
async fn asks_for_another(hub: &TestHub, browser: &Browser<'_>) -> String {
    let given = json!({ "email": "observer@example.org", "password": PASSWORD });
    let asked = browser.post("/api/me/email", given).await;
    assert_eq!(asked.status, 202, "{}", asked.body);
    newest_mail(hub).await.token()
}

/// Who secures an account does not leave to a stranger what the stranger asked for before.
#[tokio::test]
async fn a_wish_for_another_address_ends_with_the_password_and_the_sessions() {
    on_both(async |hub: TestHub| {
        let owner = Browser::of(&hub, ASTRONOMER).await;
        let secured = async |how: &str| {
            let stranger = Browser::at(&hub, "192.0.2.7");
            let signed_in = stranger.signs_in(ASTRONOMER, PASSWORD).await;
            assert_eq!(signed_in.status, 200);
            // Not more than anybody may ask for in an hour.
            hub.advance(TimeDelta::hours(1));
            let token = asks_for_another(&hub, &stranger).await;
            secure(&hub, &owner, how).await;
            let given = json!({ "token": token });
            let followed = stranger.post("/api/auth/verify", given).await;
            assert_eq!(followed.status, 400, "{how}");
            owner.signs_in(ASTRONOMER, PASSWORD).await;
            assert_eq!(owner.json("/api/me").await["email"], ASTRONOMER, "{how}");
        };

        secured("a reset").await;
        secured("an operator").await;
        secured("the end of all sessions").await;
        secured("a second factor").await;
    })
    .await;
}

async fn secure(hub: &TestHub, owner: &Browser<'_>, how: &str) {
    let answer = match how {
        "a reset" => {
            owner
                .post("/api/auth/forgot", json!({ "email": ASTRONOMER }))
                .await;
            let token = newest_mail(hub).await.token();
            let given = json!({ "token": token, "password": PASSWORD });
            owner.post("/api/auth/reset", given).await
        }
        "an operator" => {
            let address = Address::read(ASTRONOMER).unwrap();
            accounts::reset(&hub.hub, &address, false).await.unwrap();
            return;
        }
        "the end of all sessions" => owner.ask(Method::DELETE, "/api/me/sessions", None).await,
        _ => {
            super::factor::set_up(hub, owner).await;
            return;
        }
    };
    assert_eq!(answer.status, 204, "{how}: {}", answer.body);
}

#[tokio::test]
async fn a_wish_for_another_address_ends_with_a_new_password() {
    on_both(async |hub: TestHub| {
        let owner = Browser::of(&hub, ASTRONOMER).await;
        let token = asks_for_another(&hub, &owner).await;
        let given = json!({ "password": "a new password", "current_password": PASSWORD });
        let changed = owner.ask(Method::PATCH, "/api/me", Some(given)).await;
        assert_eq!(changed.status, 200, "{}", changed.body);

        let given = json!({ "token": token });
        assert_eq!(owner.post("/api/auth/verify", given).await.status, 400);
    })
    .await;
}

#[tokio::test]
async fn an_owner_is_not_told_of_wishes_without_end() {
    let hub = TestHub::start().await;
    let browser = Browser::of(&hub, ASTRONOMER).await;
    let mut told = Vec::new();
    for n in 0..6 {
        let given = json!({ "email": format!("{n}@example.org"), "password": PASSWORD });
        told.push(browser.post("/api/me/email", given).await.status);
    }
    assert_eq!(told, [202, 202, 202, 202, 202, 429]);
}

#[tokio::test]
async fn nobody_learns_by_a_change_of_address_who_has_one() {
    on_both(async |hub: TestHub| {
        Browser::of(&hub, "observer@example.org").await;
        let browser = Browser::of(&hub, ASTRONOMER).await;
        let ask = async |email: &str| {
            let given = json!({ "email": email, "password": PASSWORD });
            let answer = browser.post("/api/me/email", given).await;
            (
                answer.status,
                answer.body.clone(),
                hub.run_jobs().await.len(),
            )
        };

        assert_eq!(
            ask("observer@example.org").await,
            ask("nobody@example.org").await
        );

        let told = mails(&hub).await;
        let theirs = told
            .iter()
            .rfind(|mail| mail.to == "observer@example.org")
            .unwrap();
        assert_eq!(
            theirs.subject,
            "Your address has a Starboard account already"
        );
    })
    .await;
}

#[tokio::test]
async fn sites_are_their_owners_only() {
    on_both(async |hub: TestHub| {
        let browser = Browser::of(&hub, ASTRONOMER).await;
        let other = Browser::of(&hub, "observer@example.org").await;
        let given = json!({ "name": " Garden ", "lat": 52.5, "lon": 13.4, "height": 34.0 });
        let made = browser.post("/api/me/sites", given).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let site = made.json();
        assert_eq!(
            (&site["name"], &site["horizon"]),
            (&"Garden".into(), &0.0.into())
        );
        let path = format!("/api/me/sites/{}", site["id"].as_str().unwrap());

        assert_eq!(other.json("/api/me/sites").await["items"], json!([]));
        let higher = Some(json!({ "horizon": 12.5 }));
        assert_eq!(
            other.ask(Method::PATCH, &path, higher.clone()).await.status,
            404
        );
        assert_eq!(other.ask(Method::DELETE, &path, None).await.status, 404);
        let changed = browser.ask(Method::PATCH, &path, higher).await.json();
        assert_eq!(
            (&changed["horizon"], &changed["lat"]),
            (&12.5.into(), &52.5.into())
        );
        let own = accounts::sites(hub.hub.db.read(), id(&browser).await)
            .await
            .unwrap();
        assert_eq!((own.len(), own[0].horizon), (1, 12.5));
        assert_eq!(browser.ask(Method::DELETE, &path, None).await.status, 204);
        assert_eq!(browser.json("/api/me/sites").await["items"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn a_place_that_is_none_is_named() {
    let hub = TestHub::start().await;
    let browser = Browser::of(&hub, ASTRONOMER).await;
    for (field, value) in [
        ("lat", json!(90.1)),
        ("lon", json!(180.5)),
        ("height", json!(1e9)),
        ("horizon", json!(-1)),
        ("name", json!("")),
    ] {
        let mut given = json!({ "name": "Garden", "lat": 52.5, "lon": 13.4 });
        given[field] = value;
        let answer = browser.post("/api/me/sites", given).await;
        assert_eq!(
            (answer.status, &answer.json()["field"]),
            (400, &field.into())
        );
    }
}

#[tokio::test]
async fn an_export_is_made_a_few_times_an_hour() {
    let hub = TestHub::start().await;
    let browser = Browser::of(&hub, ASTRONOMER).await;
    for _ in 0..6 {
        assert_eq!(browser.get("/api/me/export").await.status, 200);
    }
    let refused = browser.get("/api/me/export").await;
    assert_eq!(
        (refused.status, refused.header("retry-after")),
        (429, Some("3600"))
    );
    hub.advance(TimeDelta::hours(1));
    assert_eq!(browser.get("/api/me/export").await.status, 200);
}

#[tokio::test]
async fn an_account_can_be_taken_away_and_leaves_nothing() {
    on_both(async |hub: TestHub| {
        let browser = Browser::of(&hub, ASTRONOMER).await;
        let other = Browser::of(&hub, "observer@example.org").await;
        browser
            .post(
                "/api/me/sites",
                json!({ "name": "Garden", "lat": 52.5, "lon": 13.4 }),
            )
            .await;
        let token = json!({ "name": "laptop", "scope": "read" });
        let token = browser.post("/api/tokens", token).await.json()["token"].clone();

        let export = browser.get("/api/me/export").await;
        let taken = export.json();
        assert_eq!(taken["account"]["email"], ASTRONOMER);
        assert_eq!(taken["sites"][0]["name"], "Garden");
        assert_eq!(taken["tokens"][0]["name"], "laptop");
        assert_eq!(taken["sessions"].as_array().unwrap().len(), 1);
        assert!(!export.body.contains(token.as_str().unwrap()) && !export.body.contains("argon2"));

        let end = async |password: &str| {
            let given = Some(json!({ "password": password }));
            browser.ask(Method::DELETE, "/api/me", given).await
        };
        assert_eq!(end("not the password").await.status, 400);
        assert_eq!(end(PASSWORD).await.status, 204);
        assert_eq!(browser.cookie(), None);
        for table in ["accounts", "sessions"] {
            assert_eq!(
                rows(&hub, &format!("select id from {table}")).await,
                1,
                "{table}"
            );
        }
        for table in ["tokens", "sites", "links"] {
            assert_eq!(
                rows(&hub, &format!("select id from {table}")).await,
                0,
                "{table}"
            );
        }
        assert_eq!(other.get("/api/me").await.status, 200);
        assert_eq!(browser.signs_in(ASTRONOMER, PASSWORD).await.status, 401);
    })
    .await;
}
