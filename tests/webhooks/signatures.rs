//! What arrives, checked with the published reference library of Standard Webhooks.

use app::webhook::Secret;
use axum::http::Method;
use chrono::{TimeDelta, Utc};

use super::endpoint::{Endpoint, status};
use super::{BODY, inside};

// The reference library compares timestamps with the machine's clock, and takes no other.

#[tokio::test]
async fn the_reference_library_verifies_what_arrives() {
    let endpoint = Endpoint::answering(|| status(204)).await;
    let secret = Secret::generate();

    let sent = inside()
        .post(
            &endpoint.url(),
            std::slice::from_ref(&secret),
            "msg_1",
            BODY,
            Utc::now(),
        )
        .await;

    assert_eq!(sent.unwrap().status, 204);
    let [request] = &endpoint.arrived()[..] else {
        panic!("one request")
    };
    assert_eq!(
        (&request.method, request.path.as_str()),
        (&Method::POST, "/hook?of=mine")
    );
    assert_eq!(request.header("content-type"), "application/json");
    assert_eq!(request.header("webhook-id"), "msg_1");
    assert_eq!(request.body, BODY);
    assert!(request.verifies(&secret.reveal()));
    assert!(!request.verifies(&Secret::generate().reveal()));
}

#[tokio::test]
async fn nothing_that_arrives_verifies_once_it_is_changed() {
    let endpoint = Endpoint::answering(|| status(200)).await;
    let secret = Secret::generate();
    let secrets = [secret.clone()];
    let sent = inside()
        .post(&endpoint.url(), &secrets, "msg_1", BODY, Utc::now())
        .await;
    sent.unwrap();
    let request = endpoint.arrived().remove(0);
    let later = (Utc::now() + TimeDelta::seconds(9)).timestamp();

    let mut other_body = request.clone();
    other_body.body = BODY.replace("started", "ended").into();
    let mut other_id = request.clone();
    other_id
        .headers
        .insert("webhook-id", "msg_2".parse().unwrap());
    let mut other_time = request.clone();
    other_time.headers.insert("webhook-timestamp", later.into());

    assert!(request.verifies(&secret.reveal()));
    for changed in [other_body, other_id, other_time] {
        assert!(!changed.verifies(&secret.reveal()), "{changed:?}");
    }
}

#[tokio::test]
async fn during_a_rotation_the_old_and_the_new_secret_verify() {
    let endpoint = Endpoint::answering(|| status(200)).await;
    let secrets = [Secret::generate(), Secret::generate()];

    let sent = inside()
        .post(&endpoint.url(), &secrets, "msg_1", BODY, Utc::now())
        .await;

    sent.unwrap();
    let request = endpoint.arrived().remove(0);
    assert_eq!(request.header("webhook-signature").split(' ').count(), 2);
    for secret in secrets {
        assert!(request.verifies(&secret.reveal()));
    }
}

#[tokio::test]
async fn a_repeat_keeps_its_id_and_is_signed_anew() {
    let endpoint = Endpoint::answering(|| status(503)).await;
    let secrets = [Secret::generate()];
    let first = Utc::now() - TimeDelta::seconds(60);

    for now in [first, first + TimeDelta::seconds(5)] {
        let sent = inside()
            .post(&endpoint.url(), &secrets, "msg_1", BODY, now)
            .await;
        assert!(sent.is_err());
    }

    let arrived = endpoint.arrived();
    let field = |name: &str| {
        arrived
            .iter()
            .map(|r| r.header(name).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(field("webhook-id"), ["msg_1", "msg_1"]);
    let times = [first.timestamp(), first.timestamp() + 5].map(|time| time.to_string());
    assert_eq!(field("webhook-timestamp"), times);
    assert!(
        arrived
            .iter()
            .all(|request| request.verifies(&secrets[0].reveal()))
    );
}
