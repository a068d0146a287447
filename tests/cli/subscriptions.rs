//! `starboard subscriptions`, and `watch --subscription`.

use serde_json::json;

use super::login::Person;
use super::script::{Scene, Script, event, open};
use super::stand_in::{FIRST, StandIn};
use super::{server, starboard, stdout};

async fn signed_in() -> (StandIn, Person) {
    let server = StandIn::start().await;
    let person = Person::asking(server.port);
    person.signs_in().await;
    (server, person)
}

#[tokio::test]
async fn a_visitor_may_look_ahead_and_is_told_to_sign_in_for_the_rest() {
    let stand_in = StandIn::start().await;
    let asked = server(stand_in.port);

    let preview = starboard(
        &["subscriptions", "preview", "facility=JWST", "--days", "7"],
        &asked,
    );
    let preview = stdout(&preview.await);
    let list = starboard(&["subscriptions", "list"], &asked).await;

    assert_eq!(
        preview,
        "2 notifications in the last 7 days, 0.1 mails a day\nwiden the circle\n"
    );
    assert_eq!(
        stand_in.given("POST /api/subscriptions/preview"),
        json!({ "filter": { "facility": ["JWST"] }, "days": 7 })
    );
    assert_eq!(list.code, Some(1));
    assert!(list.stderr.contains("starboard login"), "{}", list.stderr);
}

#[tokio::test]
async fn a_subscription_is_made_with_what_was_said_and_its_secret_is_shown() {
    let (server, person) = signed_in().await;
    let create =
        "subscriptions create made facility=JWST --event started --webhook https://example.org/";
    let create: Vec<&str> = create.split(' ').collect();

    let ran = person.runs(&create, &[]).await;

    assert_eq!(stdout(&ran), format!("{FIRST}\nwhsec_AAAA\n"));
    assert_eq!(
        server.given("POST /api/subscriptions"),
        json!({ "name": "made", "filter": { "facility": ["JWST"] }, "events": ["started"],
                "channels": [{ "type": "webhook", "url": "https://example.org/" }] })
    );
}

#[tokio::test]
async fn a_subscription_goes_by_its_name_where_only_one_has_it() {
    let (server, person) = signed_in().await;
    let path = format!("/api/subscriptions/{FIRST}");
    for (command, what, given) in [
        ("pause", format!("PATCH {path}"), json!({ "active": false })),
        ("resume", format!("PATCH {path}"), json!({ "active": true })),
        ("test", format!("POST {path}/test"), json!({})),
        ("delete", format!("DELETE {path}"), json!(null)),
    ] {
        for name in ["M 31", FIRST] {
            let ran = person.runs(&["subscriptions", command, name], &[]).await;

            assert_eq!(ran.code, Some(0), "{}", ran.stderr);
            assert_eq!(server.given(&what), given);
        }
    }
    for (name, said) in [("twice", "several"), ("M 32", "no subscription")] {
        let ran = person.runs(&["subscriptions", "pause", name], &[]).await;

        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
    }
}

#[tokio::test]
async fn what_was_sent_is_listed_with_the_answers() {
    let (_server, person) = signed_in().await;
    let deliveries = ["subscriptions", "deliveries", FIRST];

    let table = stdout(&person.runs(&deliveries, &[]).await);
    let json = person
        .runs(&[&deliveries[..], &["--json"]].concat(), &[])
        .await;

    assert!(
        table.contains("2026-11-21 06:00  started  mail now  sent"),
        "{table}"
    );
    assert_eq!(json.json()["answer"], "250 ok");
}

#[tokio::test]
async fn every_list_is_json_when_asked_for() {
    let (_server, person) = signed_in().await;

    let list = stdout(&person.runs(&["subscriptions", "list", "--json"], &[]).await);
    let preview = person
        .runs(&["subscriptions", "preview", "--json"], &[])
        .await;

    assert_eq!(list.lines().count(), 3);
    assert_eq!(preview.json()["count"], 2);
}

#[tokio::test]
async fn one_can_watch_what_a_subscription_is_about() {
    let one = r#"{"filter":{"facility":["JWST"]},"events":["started","ended"]}"#;
    let scenes = vec![
        Scene::Refuse("200 OK", one),
        Scene::Stay(vec![open("a", 5), event(6)]),
    ];
    let mut script = Script::play(scenes).await;

    let watching = super::watching::Watching::start(script.port, &["--subscription", FIRST]);

    watching.reaches(6).await;
    assert_eq!(script.asked().await, "");
    assert_eq!(
        script.asked().await,
        "facility=JWST&event=started&event=ended"
    );
    assert_eq!(watching.interrupted().await.code, Some(0));
}
