//! The commands against the hub itself: what one sends, the other takes.

use serde_json::{Value, json};

use super::login::Person;
use super::stdout;
use crate::accounts::{ASTRONOMER, Browser, PASSWORD, factor};
use crate::harness::eventually;
use crate::harness::hub::TestHub;
use crate::harness::records::planned;

/// Somebody with an account, signed in.
async fn signed_in(hub: &TestHub) -> Person {
    Browser::of(hub, ASTRONOMER).await;
    let person = Person::asking(hub.listen().await);
    let ran = person.runs(
        &["login", "--email", ASTRONOMER, "--name", "here"],
        &[PASSWORD],
    );
    let ran = ran.await;
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    person
}

/// Items of machine output.
fn lines(text: &str) -> Vec<Value> {
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test]
async fn who_signs_in_has_one_token_and_no_session_left_behind() {
    let hub = TestHub::start().await;
    let browser = Browser::of(&hub, ASTRONOMER).await;
    let person = Person::asking(hub.listen().await);
    let login = ["login", "--email", ASTRONOMER, "--name", "here"];

    for _ in 0..2 {
        let ran = person.runs(&login, &[PASSWORD]).await;
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    }

    let tokens = lines(&stdout(
        &person.runs(&["tokens", "list", "--json"], &[]).await,
    ));
    assert_eq!(tokens.len(), 1);
    assert_eq!(
        (&tokens[0]["name"], &tokens[0]["scope"]),
        (&"here".into(), &"write".into())
    );
    let sessions = browser.json("/api/me/sessions").await;
    assert_eq!(sessions["items"].as_array().unwrap().len(), 1, "{sessions}");
}

#[tokio::test]
async fn a_token_is_made_and_revoked_by_password() {
    let hub = TestHub::start().await;
    let person = signed_in(&hub).await;
    let create = ["tokens", "create", "script", "--scope", "read", "--json"];

    let made = person.runs(&create, &[PASSWORD]).await.json();
    let ran = person
        .runs(
            &["tokens", "delete", made["id"].as_str().unwrap()],
            &[PASSWORD],
        )
        .await;

    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let names = stdout(&person.runs(&["tokens", "list"], &[]).await);
    assert!(
        names.contains("here") && !names.contains("script"),
        "{names}"
    );
}

#[tokio::test]
async fn a_wrong_password_is_told_as_the_hub_tells_it() {
    let hub = TestHub::start().await;
    let person = Person::asking(hub.listen().await);

    let ran = person
        .runs(&["login", "--email", ASTRONOMER], &["not the password"])
        .await;

    assert_eq!(ran.code, Some(1));
    assert!(
        ran.stderr.contains("address and password do not fit"),
        "{}",
        ran.stderr
    );
}

#[tokio::test]
async fn whoever_has_a_second_factor_is_asked_for_its_code() {
    let hub = TestHub::start().await;
    let browser = Browser::of(&hub, ASTRONOMER).await;
    let (_, recovery) = factor::set_up(&hub, &browser).await;
    let person = Person::asking(hub.listen().await);

    let login = ["login", "--email", ASTRONOMER];
    let ran = person.runs(&login, &[PASSWORD, &recovery[0]]).await;

    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}

#[tokio::test]
async fn a_subscription_lives_and_ends_by_commands() {
    let hub = TestHub::start().await;
    let person = signed_in(&hub).await;
    let run = async |args: &[&str]| {
        let ran = person.runs(&[&["subscriptions"], args].concat(), &[]).await;
        assert_eq!(ran.code, Some(0), "{args:?}: {}", ran.stderr);
        ran.stdout
    };
    let standing = async || lines(&run(&["list", "--json"]).await).remove(0);
    let create = [
        "create",
        "mine",
        "facility=JWST",
        "--event",
        "started",
        "--mail",
        "nightly",
    ];

    let id = run(&[&create[..], &["--hour", "6", "--quiet", "22:00-07:00"]].concat()).await;
    let made = standing().await;
    assert_eq!(made["id"], id.trim());
    assert_eq!(made["filter"], json!({ "facility": ["JWST"] }));
    assert_eq!(made["channels"][0]["hour"], 6);
    run(&["pause", "mine"]).await;
    assert_eq!(standing().await["active"], false);
    run(&["resume", "mine"]).await;
    assert_eq!(standing().await["active"], true);
    run(&["delete", "mine"]).await;
    assert_eq!(run(&["list", "--json"]).await, "");
}

#[tokio::test]
async fn a_sample_shows_among_the_deliveries() {
    let hub = TestHub::start().await;
    let person = signed_in(&hub).await;
    let record = planned("1:1:1", "2026-11-21T07:00:00Z", "2026-11-21T08:00:00Z");
    hub.apply("jwst", &[record]).await;
    let create = [
        "subscriptions",
        "create",
        "mine",
        "facility=JWST",
        "--event",
        "scheduled",
    ];
    stdout(&person.runs(&create, &[]).await);

    let ran = person.runs(&["subscriptions", "test", "mine"], &[]).await;

    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let table = person
        .runs(&["subscriptions", "deliveries", "mine"], &[])
        .await;
    assert!(
        stdout(&table).contains("scheduled (sample)"),
        "{}",
        table.stdout
    );
}

#[tokio::test]
async fn a_preview_needs_no_account() {
    let hub = TestHub::start().await;
    let record = planned("1:1:1", "2026-11-21T07:00:00Z", "2026-11-21T08:00:00Z");
    hub.apply("jwst", &[record]).await;
    let person = Person::asking(hub.listen().await);
    let preview = [
        "subscriptions",
        "preview",
        "facility=JWST",
        "--event",
        "scheduled",
    ];

    let seen = stdout(&person.runs(&preview, &[]).await);

    assert!(
        seen.starts_with("1 notification in the last 30 days"),
        "{seen}"
    );
    assert!(seen.contains("2026-11-21 07:00  JWST"), "{seen}");
}

#[tokio::test]
async fn what_a_subscription_is_about_is_watched_live() {
    let hub = TestHub::start().await;
    let person = signed_in(&hub).await;
    let create = [
        "subscriptions",
        "create",
        "mine",
        "facility=JWST",
        "--event",
        "scheduled",
    ];
    stdout(&person.runs(&create, &[]).await);
    let other = planned("1:1:1", "2026-11-21T07:00:00Z", "2026-11-21T08:00:00Z");
    hub.apply("jwst", &[other]).await;

    let watch = ["watch", "--subscription", "mine", "--since", "0", "--json"];
    let watching = person.starts(&watch);

    eventually("the event", async || {
        let text = watching.stdout.text();
        text.contains("\"event\":\"scheduled\"").then_some(())
    })
    .await;
    watching.signal("INT");
    assert_eq!(watching.end().await.code, Some(0));
}

#[tokio::test]
async fn what_can_be_seen_from_a_site_of_ones_own_is_watched_without_telling_where_it_is() {
    let hub = TestHub::start().await;
    let person = signed_in(&hub).await;
    let browser = Browser::new(&hub);
    browser.signs_in(ASTRONOMER, PASSWORD).await;
    let site = json!({ "name": "roof", "lat": 52.0, "lon": 13.0 });
    let site = browser.post("/api/me/sites", site).await.json();
    let seen = format!("visible_from={}", site["id"].as_str().unwrap());
    let create = [
        "subscriptions",
        "create",
        "mine",
        &seen,
        "--event",
        "scheduled",
    ];
    stdout(&person.runs(&create, &[]).await);
    let towards = |obs_id: &str, s_dec: f64| {
        let mut record = planned(obs_id, "2026-11-21T07:00:00Z", "2026-11-22T08:00:00Z");
        (record.facts.s_ra, record.facts.s_dec) = (Some(10.0), Some(s_dec));
        record
    };
    hub.apply("jwst", &[towards("1:1:1", -80.0)]).await;
    hub.apply("jwst", &[towards("1:1:2", 50.0)]).await;

    let watching = person.starts(&["watch", "--subscription", "mine", "--since", "0", "--json"]);

    let shown = eventually("an event", async || {
        let text = watching.stdout.text();
        (!text.is_empty()).then(|| lines(&text))
    })
    .await;
    assert_eq!(shown[0]["activity"]["obs_id"], "1:1:2");
    watching.signal("INT");
    assert_eq!(watching.end().await.code, Some(0));
}
