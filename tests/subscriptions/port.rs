//! Subscriptions out of one account and into another.

use serde_json::{Value, json};

use super::owner::Person;
use crate::harness::hub::{TestHub, on_both};

/// What an owner says of each of their subscriptions.
fn said(items: &Value) -> Vec<Value> {
    let mut said = items.as_array().unwrap().clone();
    for one in &mut said {
        let ours = [
            "id",
            "created_at",
            "changed_at",
            "webhook",
            "webhook_secret",
            "fault",
        ];
        for field in ours {
            one.as_object_mut().unwrap().remove(field);
        }
    }
    said
}

#[tokio::test]
async fn what_is_exported_can_be_imported_elsewhere() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub, "astronomer@example.org").await;
        let other = Person::new(&hub, "observer@example.org").await;
        person
            .subscribe(json!({ "name": "plain", "filter": {} }))
            .await;
        person
            .subscribe(json!({
                "name": "all of it", "filter": { "pos": ["CIRCLE 83.6 22 2"], "pi": ["lopez"] },
                "events": ["scheduled"], "once_per": "activity", "active": false,
                "channels": [
                    { "type": "email", "when": "nightly", "hour": 6 },
                    { "type": "webhook", "url": "https://example.org/hook" },
                ],
                "quiet": { "from": "22:00", "to": "07:00" }, "max_per_hour": 2,
                "mute_until": "2026-12-01T00:00:00Z",
            }))
            .await;
        let answer = person.get("/api/subscriptions/export").await;
        assert!(!answer.body.contains("whsec_"));
        let file = answer.json();
        assert_eq!((&file["version"], answer.status), (&json!(1), 200));

        let imported = other.post("/api/subscriptions/import", file).await;
        assert_eq!(imported.status, 201, "{}", imported.body);
        let imported = imported.json();
        let secrets = imported["items"].as_array().unwrap().iter();
        let secrets: Vec<bool> = secrets
            .map(|one| one["webhook_secret"].is_string())
            .collect();
        assert_eq!(secrets, [false, true]);
        let (mine, theirs) = (
            person.get("/api/subscriptions").await.json(),
            other.get("/api/subscriptions").await.json(),
        );
        assert_eq!(said(&mine["items"]), said(&theirs["items"]));
    })
    .await;
}

#[tokio::test]
async fn a_file_with_faults_is_refused_as_a_whole_and_each_is_named() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub, "astronomer@example.org").await;
        let file = json!({ "version": 1, "subscriptions": [
            { "name": "fine", "filter": {} },
            { "name": "x", "filter": {}, "chanels": [] },
            { "name": "x", "filter": { "band": "Radoi" } },
            7,
        ]});
        let answer = person.post("/api/subscriptions/import", file).await;
        assert_eq!(answer.status, 400);
        let problem = answer.json();
        assert_eq!(problem["type"], "/problems/entries");
        let faults = problem["errors"].as_array().unwrap().iter();
        let faults: Vec<Value> = faults
            .map(|fault| json!([fault["index"], fault["field"], fault["meant"]]))
            .collect();
        assert_eq!(
            faults,
            [
                json!([1, "subscriptions[1].chanels", "channels"]),
                json!([2, "subscriptions[2].filter.band", "Radio"]),
                json!([3, "subscriptions[3]", null]),
            ]
        );
        let listed = person.get("/api/subscriptions").await.json();
        assert_eq!(listed["items"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn a_file_of_another_format_is_refused() {
    let hub = TestHub::start().await;
    let person = Person::new(&hub, "astronomer@example.org").await;
    for (file, field) in [
        (json!({ "version": 2, "subscriptions": [] }), "version"),
        (json!({ "subscriptions": [] }), "version"),
        (json!({ "version": 1 }), "subscriptions"),
        (
            json!({ "version": 1, "subscriptions": {} }),
            "subscriptions",
        ),
        (json!([]), "body"),
    ] {
        let answer = person.post("/api/subscriptions/import", file.clone()).await;
        assert_eq!(
            (answer.status, &answer.json()["field"]),
            (400, &json!(field)),
            "{file}"
        );
    }
}

#[tokio::test]
async fn too_many_are_refused_as_a_whole() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub, "astronomer@example.org").await;
        person.subscribe(json!({ "name": "x", "filter": {} })).await;
        let many = vec![json!({ "name": "x", "filter": {} }); 200];
        let file = json!({ "version": 1, "subscriptions": many });
        let answer = person.post("/api/subscriptions/import", file).await;
        assert_eq!(answer.status, 409, "{}", answer.body);
        let listed = person.get("/api/subscriptions").await.json();
        assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    })
    .await;
}
