//! What an endpoint's answer means, and how long it is waited for.

use std::time::Duration;

use app::webhook::{Answer, Caller, Secret, WebhookError};
use axum::body::{Body, Bytes};
use axum::http::Response;
use futures_util::{StreamExt, stream};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use super::endpoint::{Endpoint, status};
use super::{BODY, inside};
use crate::harness::hub::NOW;
use crate::harness::names::Told;
use crate::harness::records::at;

/// Posts once, at the beginning of the test.
async fn post(caller: &Caller, url: &str) -> Result<Answer, WebhookError> {
    let secrets = [Secret::generate()];
    caller.post(url, &secrets, "msg_1", BODY, at(NOW)).await
}

/// A caller with little time.
fn hurried() -> Caller {
    Caller::with(true, Told::nothing(), Duration::from_millis(300)).unwrap()
}

#[tokio::test]
async fn the_first_kilobyte_of_an_answer_is_kept() {
    let endpoint = Endpoint::answering(|| Response::new(Body::from("x".repeat(1_000_000)))).await;

    let answer = post(&inside(), &endpoint.url()).await.unwrap();

    assert_eq!(
        answer,
        Answer {
            status: 200,
            body: "x".repeat(1024)
        }
    );
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let endpoint = Endpoint::answering(|| {
        let redirect = Response::builder()
            .status(307)
            .header("location", "/elsewhere");
        redirect.body(Body::from("over there")).unwrap()
    })
    .await;

    let error = post(&inside(), &endpoint.url()).await.unwrap_err();

    assert_eq!(
        error.to_string(),
        "the endpoint answered 307 Temporary Redirect; redirects are not followed"
    );
    let answer = Answer {
        status: 307,
        body: "over there".to_owned(),
    };
    assert_eq!(error.answer(), Some(&answer));
    assert_eq!(endpoint.arrived().len(), 1);
}

#[tokio::test]
async fn an_endpoint_says_when_to_come_back() {
    let endpoint = Endpoint::answering(|| {
        let busy = Response::builder().status(429).header("retry-after", "120");
        busy.body(Body::empty()).unwrap()
    })
    .await;
    let by_date = Endpoint::answering(|| {
        let busy = Response::builder().status(503);
        let busy = busy.header("retry-after", "Sat, 21 Nov 2026 06:05:00 GMT");
        busy.body(Body::empty()).unwrap()
    })
    .await;

    let wish = async |endpoint: &Endpoint| {
        let error = post(&inside(), &endpoint.url()).await.unwrap_err();
        assert!(error.may_pass());
        error.retry_after()
    };
    assert_eq!(wish(&endpoint).await, Some(Duration::from_secs(120)));
    assert_eq!(wish(&by_date).await, Some(Duration::from_secs(300)));
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_not_asked_again() {
    let endpoint = Endpoint::answering(|| status(410)).await;

    let error = post(&inside(), &endpoint.url()).await.unwrap_err();

    assert!(matches!(error, WebhookError::Gone(_)), "{error}");
    assert!(!error.may_pass());
}

#[tokio::test]
async fn an_endpoint_that_says_nothing_is_left_in_time() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let held = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut all = Vec::new();
        stream.read_to_end(&mut all).await
    });

    let error = post(&hurried(), &url).await.unwrap_err();

    assert_eq!(error.to_string(), "no answer within 0.3 s");
    assert!(error.may_pass());
    // The line is closed, so the endpoint's side ends too.
    held.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_success_stays_one_when_the_body_behind_it_stalls() {
    let endpoint = Endpoint::answering(|| {
        let begun = stream::iter([Ok::<_, std::io::Error>(Bytes::from("thanks"))]);
        Response::new(Body::from_stream(begun.chain(stream::pending())))
    })
    .await;

    let answer = post(&hurried(), &endpoint.url()).await.unwrap();

    assert_eq!(
        answer,
        Answer {
            status: 200,
            body: "thanks".to_owned()
        }
    );
}

#[tokio::test]
async fn a_refused_connection_is_told_without_the_url() {
    let url = format!(
        "http://127.0.0.1:{}/secret-path",
        crate::harness::free_port()
    );

    let error = post(&inside(), &url).await.unwrap_err();

    assert!(error.to_string().starts_with("no connection: "), "{error}");
    assert!(!error.to_string().contains("secret-path"), "{error}");
    assert!(error.may_pass());
}

#[tokio::test]
async fn a_name_that_nobody_knows_may_be_known_later() {
    let error = post(&inside(), "http://hooks.example.org/")
        .await
        .unwrap_err();

    assert_eq!(error.to_string(), "no connection: no such name");
    assert!(error.may_pass());
}
