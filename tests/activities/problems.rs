//! What goes wrong before a route has its say is a problem document too.

use std::time::Duration;

use app::server::in_time;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use axum::routing::get;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::harness::http::Answer;
use crate::harness::hub::TestHub;

fn kind(answer: &Answer) -> (u16, Option<&str>, Value) {
    let problem = answer.json();
    assert_eq!(problem["status"], answer.status);
    (
        answer.status,
        answer.header("content-type"),
        problem["type"].clone(),
    )
}

#[tokio::test]
async fn a_method_that_a_route_does_not_take_is_a_problem() {
    let hub = TestHub::start().await;
    let request = Request::delete("/api/activities").body(Body::empty());
    let answer = hub.send(request.unwrap()).await;
    assert_eq!(
        kind(&answer),
        (
            405,
            Some("application/problem+json"),
            json!("/problems/method")
        )
    );
    assert_eq!(answer.header("allow"), Some("GET,HEAD"));
}

#[tokio::test]
async fn asking_for_the_socket_without_an_upgrade_is_a_problem() {
    let hub = TestHub::start().await;
    let answer = hub.get("/api/activities/live").await;
    assert_eq!(
        kind(&answer),
        (
            400,
            Some("application/problem+json"),
            json!("/problems/upgrade")
        )
    );
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_a_problem() {
    let endless = Router::new().route("/", get(std::future::pending::<()>));
    let router = in_time(endless, Duration::ZERO);
    let request = Request::get("/").body(Body::empty()).unwrap();

    let response = router.oneshot(request).await.unwrap();

    assert_eq!(response.status(), 503);
    assert_eq!(
        response.headers()["content-type"],
        "application/problem+json"
    );
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    let problem: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        (&problem["type"], &problem["status"]),
        (&json!("/problems/unavailable"), &json!(503))
    );
}
