//! `starboard admin user`.

use serde_json::Value;

use super::{ASTRONOMER, Browser, PASSWORD};
use crate::harness::hub::TestHub;
use crate::harness::process::{self, Ran};
use crate::harness::scratch::Scratch;

async fn user(hub: &TestHub, args: &[&str]) -> Ran {
    let settings = [
        ("DATABASE_URL", hub.database_url()),
        (
            "SECRET_KEY",
            "a secret of tests and of nothing else".to_owned(),
        ),
    ];
    let args = [&["admin", "user"], args].concat();
    process::run(&args, Scratch::new().path(), &settings).await
}

#[tokio::test]
async fn the_first_admin_chooses_a_password_on_a_page() {
    let hub = TestHub::start().await;

    let ran = user(&hub, &["create", ASTRONOMER, "--admin"]).await;
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let page = ran
        .stdout
        .trim()
        .strip_prefix("http://localhost:8080")
        .unwrap();
    let browser = Browser::new(&hub);
    // The command's clock is the machine's: the link is for an hour of it.
    hub.set_time(chrono::Utc::now());
    assert_eq!(browser.signs_in(ASTRONOMER, PASSWORD).await.status, 401);
    let form = format!("password={}", PASSWORD.replace(' ', "+"));
    assert_eq!(browser.submit(page, &form).await.status, 200);
    let answer = browser.signs_in(ASTRONOMER, PASSWORD).await;

    assert_eq!(
        (answer.status, &answer.json()["role"]),
        (200, &"admin".into())
    );
    let again = user(&hub, &["create", ASTRONOMER]).await;
    assert_eq!(again.code, Some(1));
    assert!(
        again.stderr.contains("has an account already"),
        "{}",
        again.stderr
    );
}

#[tokio::test]
async fn users_are_promoted_and_listed() {
    let hub = TestHub::start().await;
    Browser::of(&hub, ASTRONOMER).await;

    assert_eq!(user(&hub, &["promote", ASTRONOMER]).await.code, Some(0));
    let listed = user(&hub, &["list", "--json"]).await.json();
    let account: &Value = &listed["items"][0];
    assert_eq!(
        (&account["email"], &account["role"]),
        (&ASTRONOMER.into(), &"admin".into())
    );
    assert_eq!(
        user(&hub, &["promote", ASTRONOMER, "--to", "user"])
            .await
            .code,
        Some(0)
    );
    let table = user(&hub, &["list"]).await.stdout;
    assert!(
        table.contains(ASTRONOMER) && table.contains("user"),
        "{table}"
    );

    let unknown = user(&hub, &["promote", "nobody@example.org"]).await;
    assert_eq!(unknown.code, Some(1), "{}", unknown.stderr);
    assert_eq!(user(&hub, &["promote", "nobody"]).await.code, Some(2));
}
