//! What is said of a webhook's address when it is saved.

use serde_json::json;

use crate::harness::hub::{Kind, TestHub};
use crate::harness::names::Told;
use crate::subscriptions::owner::{Person, path_of};

#[tokio::test]
async fn a_name_that_leads_inside_is_refused_when_it_is_saved_and_one_nobody_knows_is_not() {
    let mut hub = TestHub::on(Kind::Sqlite).await;
    let hook = json!([
        { "type": "email", "when": "now" },
        { "type": "webhook", "url": "https://hooks.example.org/starboard" },
    ]);
    let body = json!({ "name": "x", "filter": {}, "channels": hook });
    let made = Person::new(&hub, "astronomer@example.org")
        .await
        .subscribe(body.clone())
        .await;

    hub.naming(Told::answers(&[&["10.0.0.1", "::1"]]));
    let person = Person::new(&hub, "observer@example.org").await;
    let saved = person.send("POST", "/api/subscriptions", Some(&body)).await;
    assert_eq!(saved.status, 400, "{}", saved.body);
    assert_eq!(saved.json()["field"], "channels[1].url");
    assert!(
        saved
            .body
            .contains("hooks.example.org resolves to a private address"),
        "{}",
        saved.body
    );
    let changed = person
        .send(
            "PATCH",
            &path_of(&made["id"]),
            Some(&json!({ "channels": hook })),
        )
        .await;
    assert_eq!(changed.status, 400, "{}", changed.body);

    hub.naming(Told::answers(&[&["93.184.215.14"]]));
    let person = Person::new(&hub, "visitor@example.org").await;
    person
        .subscribe(json!({ "name": "x", "filter": {}, "channels": hook }))
        .await;
}
