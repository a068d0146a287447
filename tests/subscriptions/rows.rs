//! Making, changing and burying subscriptions.

use app::db::sql;
use chrono::TimeDelta;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use super::owner::{Person, id_of, path_of};
use crate::harness::hub::{TestHub, on_both};

#[tokio::test]
async fn what_is_not_said_has_the_contracts_defaults() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub, "astronomer@example.org").await;
        let made = person
            .subscribe(json!({ "name": " M 31 ", "filter": { "target": "M31" } }))
            .await;
        let shown = person.get(&path_of(&made["id"])).await;
        assert_eq!(shown.header("cache-control"), Some("private, no-store"));
        assert_eq!(shown.json(), made);
        let listed = person.get("/api/subscriptions").await.json();
        assert_eq!(listed, json!({ "items": [made], "next": null }));
        let mut said = made.clone();
        for made_here in ["id", "created_at", "changed_at"] {
            said.as_object_mut().unwrap().remove(made_here);
        }
        assert_eq!(
            said,
            json!({
                "name": "M 31", "filter": { "target": ["M31"] },
                "events": ["started", "observed"],
                "channels": [{ "type": "email", "when": "now" }],
                "once_per": "group", "quiet": null, "max_per_hour": null, "mute_until": null,
                "active": true, "webhook": null, "fault": null,
            })
        );
    })
    .await;
}

#[tokio::test]
async fn everything_that_can_be_said_is_kept() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub, "astronomer@example.org").await;
        let said = json!({
            "name": "Crab", "filter": { "pos": ["CIRCLE 83.6 22 2"], "facility": ["JWST", "HST"] },
            "events": ["scheduled", "withdrawn"],
            "channels": [
                { "type": "email", "when": "nightly", "hour": 6 },
                { "type": "email", "when": "hourly" },
                { "type": "webhook", "url": "https://example.org/hook" },
            ],
            "once_per": "activity", "quiet": { "from": "22:00", "to": "07:05" },
            "max_per_hour": 12, "mute_until": "2026-12-01T00:00:00Z", "active": false,
        });
        let made = person.subscribe(said.clone()).await;
        for (field, value) in said.as_object().unwrap() {
            assert_eq!(&made[field], value, "{field}");
        }
        assert!(
            made["webhook_secret"]
                .as_str()
                .unwrap()
                .starts_with("whsec_")
        );
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_is_named_by_its_path() {
    let hub = TestHub::start().await;
    let person = Person::new(&hub, "astronomer@example.org").await;
    for (field, value, at) in [
        ("name", json!(""), "name"),
        ("name", json!("two\nlines"), "name"),
        ("name", json!(7), "name"),
        ("filter", json!([]), "filter"),
        ("filter", json!({ "facility": "JWTS" }), "filter.facility"),
        ("filter", json!({ "event": "started" }), "filter.event"),
        (
            "filter",
            json!({ "visible_from": Uuid::nil() }),
            "filter.visible_from",
        ),
        ("events", json!("started"), "events"),
        ("events", json!([]), "events"),
        ("events", json!(["started", "progress"]), "events[1]"),
        ("channels", json!([]), "channels"),
        ("channels", json!(["email"]), "channels[0]"),
        ("channels", json!([{ "when": "now" }]), "channels[0].type"),
        (
            "channels",
            json!([{ "type": "pigeon" }]),
            "channels[0].type",
        ),
        (
            "channels",
            json!([{ "type": "email", "when": "soon" }]),
            "channels[0].when",
        ),
        (
            "channels",
            json!([{ "type": "email", "when": "now", "hour": 3 }]),
            "channels[0].hour",
        ),
        (
            "channels",
            json!([{ "type": "email", "when": "nightly", "hour": 24 }]),
            "channels[0].hour",
        ),
        (
            "channels",
            json!([{ "type": "email", "when": "now" }, { "type": "webhook", "url": "ftp://example.org" }]),
            "channels[1].url",
        ),
        (
            "channels",
            json!([{ "type": "webhook", "url": "https://10.0.0.1/" }]),
            "channels[0].url",
        ),
        (
            "channels",
            json!([{ "type": "email", "when": "now" }, { "type": "email", "when": "now" }]),
            "channels[1]",
        ),
        ("once_per", json!("programme"), "once_per"),
        ("quiet", json!({ "from": "22:00" }), "quiet.to"),
        (
            "quiet",
            json!({ "from": "24:00", "to": "07:00" }),
            "quiet.from",
        ),
        (
            "quiet",
            json!({ "from": "7:00", "to": "07:00" }),
            "quiet.from",
        ),
        ("quiet", json!({ "from": "07:00", "to": "07:00" }), "quiet"),
        ("max_per_hour", json!(0), "max_per_hour"),
        ("max_per_hour", json!(1.5), "max_per_hour"),
        ("mute_until", json!("tomorrow"), "mute_until"),
        ("active", json!("yes"), "active"),
    ] {
        let mut said = json!({ "name": "x", "filter": {} });
        said[field] = value.clone();
        let answer = person.post("/api/subscriptions", said).await;
        let problem = answer.json();
        assert_eq!(
            (answer.status, &problem["field"]),
            (400, &json!(at)),
            "{field}: {value}: {problem}"
        );
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json")
        );
    }
    for missing in ["name", "filter"] {
        let mut said = json!({ "name": "x", "filter": {} });
        said.as_object_mut().unwrap().remove(missing);
        let problem = person.post("/api/subscriptions", said).await.json();
        assert_eq!(problem["field"], missing);
    }
}

#[tokio::test]
async fn an_unknown_field_is_refused_with_the_one_that_was_likely_meant() {
    let hub = TestHub::start().await;
    let person = Person::new(&hub, "astronomer@example.org").await;
    for (said, field, meant) in [
        (
            json!({ "name": "x", "filter": {}, "colour": 3 }),
            "colour",
            json!(null),
        ),
        (
            json!({ "name": "x", "filter": {}, "max_perhour": 3 }),
            "max_perhour",
            json!("max_per_hour"),
        ),
        (
            json!({ "name": "x", "filter": {}, "channels": [{ "type": "webhook", "ulr": "" }] }),
            "channels[0].ulr",
            json!("url"),
        ),
        (
            json!({ "name": "x", "filter": { "instrment": "NIRCAM" } }),
            "filter.instrment",
            json!("instrument"),
        ),
        (
            json!({ "name": "x", "filter": {}, "events": ["stated"] }),
            "events[0]",
            json!("started"),
        ),
    ] {
        let answer = person.post("/api/subscriptions", said).await;
        let problem = answer.json();
        assert_eq!(
            (answer.status, &problem["field"]),
            (400, &json!(field)),
            "{problem}"
        );
        assert_eq!(problem["meant"], meant, "{problem}");
    }
    let answer = person.send("POST", "/api/subscriptions", None).await;
    assert_eq!(
        (answer.status, &answer.json()["field"]),
        (400, &json!("body"))
    );
}

#[tokio::test]
async fn nobody_sees_or_changes_what_is_somebody_elses() {
    on_both(async |hub: TestHub| {
        let owner = Person::new(&hub, "astronomer@example.org").await;
        let other = Person::new(&hub, "observer@example.org").await;
        let visitor = Person::visitor(&hub);
        let made = owner.subscribe(json!({ "name": "x", "filter": {} })).await;
        let path = path_of(&made["id"]);
        for (method, path, json) in [
            ("GET", path.clone(), None),
            ("PATCH", path.clone(), Some(json!({ "name": "y" }))),
            ("DELETE", path.clone(), None),
            ("POST", format!("{path}/duplicate"), None),
            ("POST", format!("{path}/webhook/rotate"), None),
        ] {
            let answer = other.send(method, &path, json.as_ref()).await;
            assert_eq!(answer.status, 404, "{method} {path}");
            let answer = visitor.send(method, &path, json.as_ref()).await;
            assert_eq!(answer.status, 401, "{method} {path}");
        }
        assert_eq!(visitor.get("/api/subscriptions").await.status, 401);
        let listed = other.get("/api/subscriptions").await.json();
        assert_eq!(listed["items"], json!([]));
        assert_eq!(owner.get(&path).await.json(), made);
    })
    .await;
}

#[tokio::test]
async fn a_change_takes_what_is_given_and_null_clears() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub, "astronomer@example.org").await;
        let made = person
            .subscribe(json!({
                "name": "x", "filter": { "facility": "JWST" }, "max_per_hour": 3,
                "quiet": { "from": "22:00", "to": "07:00" },
            }))
            .await;
        hub.advance(TimeDelta::minutes(1));
        let changed = person
            .edit(&made["id"], json!({ "name": "y", "quiet": null }))
            .await;
        let mut expected = made.clone();
        expected["name"] = json!("y");
        expected["quiet"] = json!(null);
        expected["changed_at"] = json!("2026-11-21T06:01:00Z");
        assert_eq!(changed, expected);
        let refused = person
            .patch(&path_of(&made["id"]), json!({ "name": null }))
            .await;
        assert_eq!(refused.status, 400);
        let refused = person
            .patch(&path_of(&made["id"]), json!({ "id": made["id"] }))
            .await;
        assert_eq!(refused.json()["field"], "id");
    })
    .await;
}

#[tokio::test]
async fn an_own_site_can_be_named_and_nobody_elses() {
    on_both(async |hub: TestHub| {
        let owner = Person::new(&hub, "astronomer@example.org").await;
        let other = Person::new(&hub, "observer@example.org").await;
        let site = json!({ "name": "garden", "lat": 48.1, "lon": 11.6, "height": 520 });
        let site = owner.post("/api/me/sites", site).await;
        assert_eq!(site.status, 201, "{}", site.body);
        let filter = json!({ "visible_from": [site.json()["id"]], "min_alt": ["20"] });
        let said = json!({ "name": "x", "filter": filter });
        assert_eq!(owner.subscribe(said.clone()).await["filter"], filter);
        let preview = json!({ "filter": filter });
        for (person, status) in [(&owner, 200), (&other, 400), (&Person::visitor(&hub), 400)] {
            let answer = person
                .post("/api/subscriptions/preview", preview.clone())
                .await;
            assert_eq!(answer.status, status, "{}", answer.body);
        }
        let refused = other.post("/api/subscriptions", said).await;
        assert_eq!(refused.json()["field"], "filter.visible_from");
    })
    .await;
}

#[tokio::test]
async fn a_filter_that_cannot_be_read_any_more_survives_changes_of_other_things() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub, "astronomer@example.org").await;
        let made = person
            .subscribe(json!({ "name": "x", "filter": { "facility": "JWST" } }))
            .await;
        let write = hub.hub.db.begin().await.unwrap();
        let text = "update subscriptions set filter = $1 where id = $2";
        let broken = json!({ "colour": ["red"] });
        let values = vec![broken.to_string().into(), id_of(&made).into()];
        let tx = write.tx();
        tx.execute_raw(sql(tx, text, values)).await.unwrap();
        write.commit().await.unwrap();

        let renamed = person.edit(&made["id"], json!({ "name": "y" })).await;
        assert_eq!(renamed["filter"], broken);
        assert!(renamed["fault"].as_str().unwrap().contains("colour"));
        let file = person.get("/api/subscriptions/export").await.json();
        assert_eq!(file["subscriptions"][0]["filter"], broken);
        let mended = person.edit(&made["id"], json!({ "filter": {} })).await;
        assert_eq!(
            (&mended["filter"], &mended["fault"]),
            (&json!({}), &json!(null))
        );
    })
    .await;
}

#[tokio::test]
async fn two_hundred_are_enough_however_they_come() {
    on_both(async |hub: TestHub| {
        let person = Person::new(&hub, "astronomer@example.org").await;
        let many: Vec<Value> = (0..199)
            .map(|n| json!({ "name": format!("number {n}"), "filter": {} }))
            .collect();
        let file = json!({ "version": 1, "subscriptions": many });
        let answer = person.post("/api/subscriptions/import", file).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        let one = || json!({ "name": "one more", "filter": {} });
        let (first, second) = tokio::join!(
            person.post("/api/subscriptions", one()),
            person.post("/api/subscriptions", one())
        );
        let mut answers = [first.status, second.status];
        answers.sort_unstable();
        assert_eq!(answers, [201, 409]);
        let pages = person.get("/api/subscriptions?limit=120").await.json();
        let next = pages["next"].as_str().unwrap();
        let rest = person
            .get(&format!("/api/subscriptions?limit=120&cursor={next}"))
            .await;
        assert_eq!(rest.json()["items"].as_array().unwrap().len(), 80);
        assert_eq!(rest.json()["next"], json!(null));
    })
    .await;
}
