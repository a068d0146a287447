//! Lists and single activities over HTTP.

use app::areas::activities::bulk::{self, Batch};
use app::db::sql;
use chrono::TimeDelta;
use domain::{Activity, Basis};
use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

use crate::harness::hub::{TestHub, on_both};
use crate::harness::records::{happened, planned};

#[tokio::test]
async fn an_error_names_the_key_and_what_was_likely_meant() {
    let hub = TestHub::start().await;
    let answer = hub.get("/api/activities?instrment=NIRCAM").await;
    assert_eq!(answer.status, 400);
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json")
    );
    let problem = answer.json();
    assert_eq!(
        (&problem["type"], &problem["field"], &problem["meant"]),
        (
            &json!("/problems/filter"),
            &json!("instrment"),
            &json!("instrument")
        )
    );
}

#[tokio::test]
async fn bad_parameters_are_refused_by_name() {
    let hub = TestHub::start().await;
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=x", "limit"),
        ("sort=name", "sort"),
        ("cursor=x", "cursor"),
        ("pos=CIRCLE%201", "pos"),
        ("from=yesterday", "from"),
        ("event=started", "event"),
    ] {
        let answer = hub.get(&format!("/api/activities?{query}")).await;
        assert_eq!(
            (answer.status, &answer.json()["field"]),
            (400, &json!(field)),
            "{query}"
        );
    }
}

#[tokio::test]
async fn more_rows_than_sqlite_takes_values_are_written_in_one_transaction() {
    on_both(async |hub: TestHub| {
        let one = planned("1:1:1", "2026-11-22T01:00:00Z", "2026-11-22T02:00:00Z");
        hub.apply("jwst", &[one]).await;
        let page = hub.get("/api/activities").await.json();
        let one: Activity = serde_json::from_value(page["items"][0].clone()).unwrap();
        let another = |n: i64| Activity {
            id: Uuid::now_v7(),
            obs_id: format!("{n}:2:1"),
            seq: one.seq + n,
            ..one.clone()
        };
        let batch = Batch::of((1..=1_000).map(another).collect()).unwrap();
        bulk::write(&hub.hub.db, &batch).await.unwrap();
        let text = "select count(*) from activities";
        let db = hub.hub.db.read();
        let row = db.query_one_raw(sql(db, text, vec![])).await.unwrap();
        let count: i64 = row.unwrap().try_get_by_index(0).unwrap();
        assert_eq!(count, 1_001);
    })
    .await;
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repeat() {
    on_both(async |hub: TestHub| {
        let records: Vec<_> = (0..7)
            .map(|n| {
                planned(
                    &format!("{n}:1:1"),
                    &format!("2026-11-22T0{n}:00:00Z"),
                    "2026-11-22T09:00:00Z",
                )
            })
            .collect();
        hub.apply("jwst", &records).await;
        let mut ids = Vec::new();
        let mut path = "/api/activities?limit=3".to_owned();
        let mut pages = 0;
        loop {
            let page = hub.json(&path).await;
            pages += 1;
            ids.extend(
                page["items"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|a| a["obs_id"].to_string()),
            );
            match page["next"].as_str() {
                Some(next) => path = format!("/api/activities?limit=3&cursor={next}"),
                None => break,
            }
        }
        let expected: Vec<_> = (0..7).rev().map(|n| format!("\"{n}:1:1\"")).collect();
        assert_eq!((pages, ids), (3, expected));
    })
    .await;
}

#[tokio::test]
async fn an_unchanged_answer_is_not_sent_again() {
    let hub = TestHub::start().await;
    let first = hub.get("/api/activities").await;
    let etag = first.header("etag").unwrap().to_owned();
    let request = axum::http::Request::get("/api/activities")
        .header("if-none-match", &etag)
        .body(axum::body::Body::empty())
        .unwrap();
    let again = hub.send(request).await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
}

#[tokio::test]
async fn the_board_can_be_seen_as_it_stood() {
    on_both(async |hub: TestHub| {
        hub.apply(
            "jwst",
            &[planned(
                "1:1:1",
                "2026-11-21T06:10:00Z",
                "2026-11-21T07:00:00Z",
            )],
        )
        .await;
        hub.advance(TimeDelta::minutes(20));
        hub.tick().await;
        hub.advance(TimeDelta::hours(6));
        let data = happened(
            "1:1:1",
            Basis::Archived,
            "2026-11-21T06:11:00Z",
            "2026-11-21T07:05:00Z",
        );
        hub.apply("jwst", &[data]).await;

        let then = hub.json("/api/activities?at=2026-11-21T06:30:00Z").await;
        let now = hub.json("/api/activities?from=2026-11-21T06:00:00Z").await;
        let id = now["items"][0]["id"].as_str().unwrap();
        let one = hub
            .json(&format!("/api/activities/{id}?at=2026-11-21T06:30:00Z"))
            .await;

        assert_eq!(then["items"][0]["status"], "in_progress");
        assert_eq!(one["status"], "in_progress");
        assert_eq!(now["items"][0]["status"], "performed");
        let before = hub
            .get(&format!("/api/activities/{id}?at=2026-11-20T00:00:00Z"))
            .await;
        assert_eq!(before.status, 404);
    })
    .await;
}

#[tokio::test]
async fn the_present_says_what_runs_by_plan_what_is_next_and_how_old_it_is() {
    on_both(async |hub: TestHub| {
        hub.apply(
            "jwst",
            &[
                planned("1:1:1", "2026-11-21T05:10:00Z", "2026-11-21T07:00:00Z"),
                planned("2:1:1", "2026-11-21T08:10:00Z", "2026-11-21T09:00:00Z"),
            ],
        )
        .await;
        hub.tick().await;
        let now = hub.json("/api/now").await;
        let jwst = now["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|f| f["facility_name"] == "JWST")
            .unwrap();
        assert_eq!(jwst["in_progress"][0]["basis"], "scheduled");
        assert_eq!(jwst["in_progress"][0]["obs_id"], "1:1:1");
        assert_eq!(jwst["next"]["obs_id"], "2:1:1");
        assert_eq!(jwst["last"], json!(null));
    })
    .await;
}

#[tokio::test]
async fn the_raw_record_comes_with_credit_and_policy() {
    let hub = TestHub::start().await;
    hub.apply(
        "jwst",
        &[planned(
            "1:1:1",
            "2026-11-22T06:10:00Z",
            "2026-11-22T07:00:00Z",
        )],
    )
    .await;
    let list = hub.json("/api/activities").await;
    let raw = hub
        .json(&format!(
            "/api/activities/{}/raw",
            list["items"][0]["id"].as_str().unwrap()
        ))
        .await;
    assert_eq!(raw["records"][0]["claim"], "plan");
    assert!(raw["credit"].as_str().unwrap().contains("STScI"));
    assert!(raw["policy"].as_str().unwrap().starts_with("https://"));
}

#[tokio::test]
async fn a_programme_and_a_target_are_summed_up() {
    on_both(async |hub: TestHub| {
        let mut visit = planned("4501:1:1", "2026-11-22T06:10:00Z", "2026-11-22T07:00:00Z");
        visit.facts.proposal_id = Some("4501".to_owned());
        visit.facts.target_name = Some("M-31".to_owned());
        hub.apply("jwst", &[visit]).await;
        let programme = hub.json("/api/programmes/JWST/04501").await;
        let target = hub.json("/api/targets/Messier%2031").await;
        assert_eq!(programme["by_status"], json!({ "scheduled": 1 }));
        assert_eq!(target["items"][0]["obs_id"], "4501:1:1");
        assert_eq!(hub.get("/api/programmes/JWST/4502").await.status, 404);
        assert_eq!(hub.get("/api/targets/Sgr%20A*").await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn what_does_not_exist_is_a_problem_document() {
    let hub = TestHub::start().await;
    for path in ["/api/activities/x", "/api/nothing", "/api/sources/nobody"] {
        let answer = hub.get(path).await;
        assert_eq!(
            (answer.status, &answer.json()["type"]),
            (404, &json!("/problems/not-found"))
        );
    }
}

#[tokio::test]
async fn a_facility_says_what_it_does_now_and_next() {
    let hub = TestHub::start().await;
    hub.apply(
        "jwst",
        &[
            planned("1:1:1", "2026-11-21T05:10:00Z", "2026-11-21T07:00:00Z"),
            planned("2:1:1", "2026-11-21T08:10:00Z", "2026-11-21T09:00:00Z"),
        ],
    )
    .await;
    hub.tick().await;
    let one = hub.json("/api/facilities/Webb").await;
    assert_eq!(one["now"]["in_progress"][0]["obs_id"], "1:1:1");
    assert_eq!(one["next"]["obs_id"], "2:1:1");
    let all = hub.json("/api/facilities").await;
    let listed = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["name"] == "JWST")
        .unwrap();
    assert_eq!(
        (&listed["now"], &listed["next"]),
        (&one["now"], &one["next"])
    );
    assert_eq!(hub.get("/api/facilities/nobody").await.status, 404);
}

#[tokio::test]
async fn every_route_the_contract_names_is_described_and_the_document_is_the_committed_one() {
    let document = app::openapi::document().to_pretty_json().unwrap() + "\n";
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json");
    if std::env::var_os("STARBOARD_WRITE_OPENAPI").is_some() {
        std::fs::write(file, &document).unwrap();
    }
    let ids: Vec<&str> = document
        .lines()
        .filter(|line| line.contains("\"operationId\""))
        .collect();
    let distinct: std::collections::BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), distinct.len(), "operations share their names");
    for path in [
        "/api/now",
        "/api/activities",
        "/api/activities/{id}",
        "/api/activities/{id}/events",
        "/api/activities/{id}/raw",
        "/api/activities/live",
        "/api/activities/stream",
        "/api/facilities",
        "/api/facilities/{name}",
        "/api/facilities/{name}/record",
        "/api/sites",
        "/api/programmes/{obs_collection}/{id}",
        "/api/targets/{name}",
        "/api/sources",
        "/api/sources/{name}",
        "/api/sources/{name}/history",
        "/api/auth/register",
        "/api/auth/verify",
        "/api/auth/login",
        "/api/auth/logout",
        "/api/auth/forgot",
        "/api/auth/reset",
        "/api/me",
        "/api/me/email",
        "/api/me/sessions",
        "/api/me/totp",
        "/api/me/sites",
        "/api/me/export",
        "/api/tokens",
        "/api/tokens/{id}",
        "/api/subscriptions",
        "/api/subscriptions/{id}",
        "/api/subscriptions/{id}/test",
        "/api/subscriptions/{id}/duplicate",
        "/api/subscriptions/{id}/deliveries",
        "/api/subscriptions/{id}/webhook/rotate",
        "/api/subscriptions/{id}/webhook/replay",
        "/api/subscriptions/export",
        "/api/subscriptions/import",
        "/api/subscriptions/preview",
        "/healthz",
        "/readyz",
        "/metrics",
    ] {
        assert!(document.contains(&format!("\"{path}\"")), "{path}");
    }
    assert!(document.contains("\"openapi\": \"3.1"));
    let committed = std::fs::read_to_string(file).unwrap_or_default();
    assert!(
        committed == document,
        "docs/openapi.json is not what the code says: \
         run STARBOARD_WRITE_OPENAPI=1 cargo test -p app every_route"
    );
}

#[tokio::test]
async fn the_described_activity_is_the_one_that_is_sent() {
    let hub = TestHub::start().await;
    hub.apply(
        "jwst",
        &[planned(
            "1:1:1",
            "2026-11-22T06:10:00Z",
            "2026-11-22T07:00:00Z",
        )],
    )
    .await;
    let list = hub.json("/api/activities").await;
    let document = serde_json::to_value(app::openapi::document()).unwrap();
    let described = document["components"]["schemas"]["ActivityOut"]["properties"]
        .as_object()
        .unwrap();
    let mut sent: Vec<_> = list["items"][0].as_object().unwrap().keys().collect();
    let mut described: Vec<_> = described.keys().collect();
    sent.sort();
    described.sort();
    assert_eq!(sent, described);
}
