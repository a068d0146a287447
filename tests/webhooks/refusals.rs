//! Where nothing is ever sent. Behind each refused address stands a listener that hears of any try.

use std::net::TcpListener;
use std::sync::Arc;

use app::webhook::{Answer, Caller, Names, Refusal, Secret, WebhookError};

use super::BODY;
use crate::harness::PATIENCE;
use crate::harness::hub::NOW;
use crate::harness::names::Told;
use crate::harness::records::at;

/// A listener on this machine.
struct Ear(TcpListener);

impl Ear {
    fn new() -> Ear {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        Ear(listener)
    }

    fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }

    /// Whether somebody has connected.
    fn heard(&self) -> bool {
        self.0.accept().is_ok()
    }
}

async fn post(caller: &Caller, url: &str) -> Result<Answer, WebhookError> {
    let secrets = [Secret::generate()];
    caller.post(url, &secrets, "msg_1", BODY, at(NOW)).await
}

/// A caller for the public Internet, with these names.
fn outside(names: Arc<dyn Names>) -> Caller {
    Caller::with(false, names, PATIENCE).unwrap()
}

#[tokio::test]
async fn a_name_that_resolves_inside_is_refused_at_the_connection() {
    let ear = Ear::new();
    let url = format!("https://hooks.example.org:{}/", ear.port());
    for (answer, what) in [
        (&["127.0.0.1"][..], "a loopback address"),
        (&["::ffff:127.0.0.1"], "a loopback address"),
        (&["64:ff9b::7f00:1"], "a loopback address"),
        (&["2002:7f00:1::"], "a loopback address"),
        (&["::1", "127.0.0.1"], "a loopback address"),
        (&["0.0.0.0"], "an address of this network"),
        (&["10.0.0.1", "fd00::1"], "a private address"),
        (&["169.254.169.254"], "a link-local address"),
    ] {
        let error = post(&outside(Told::answers(&[answer])), &url)
            .await
            .unwrap_err();

        let name = "hooks.example.org".to_owned();
        assert_eq!(
            error,
            WebhookError::Refused(Refusal::Resolved { name, what })
        );
    }
    assert!(!ear.heard());
}

#[tokio::test]
async fn a_name_that_changes_its_answer_between_two_lookups_gets_nothing() {
    let ear = Ear::new();
    let url = format!("https://hooks.example.org:{}/", ear.port());
    let caller = outside(Told::answers(&[&["8.8.8.8"], &["127.0.0.1"]]));

    assert!(caller.check(&url).await.is_ok());
    let error = post(&caller, &url).await.unwrap_err();

    assert!(
        matches!(error, WebhookError::Refused(Refusal::Resolved { .. })),
        "{error}"
    );
    assert!(!ear.heard());
}

#[tokio::test]
async fn the_same_name_is_connected_to_where_the_operator_allows_it() {
    let ear = Ear::new();
    let url = format!("https://hooks.example.org:{}/", ear.port());
    let names = Told::answers(&[&["::ffff:127.0.0.1", "127.0.0.1"]]);
    let caller = Caller::with(true, names, PATIENCE).unwrap();

    let listener = tokio::net::TcpListener::from_std(ear.0).unwrap();
    tokio::select! {
        sent = post(&caller, &url) => panic!("{sent:?}"),
        accepted = listener.accept() => assert!(accepted.is_ok()),
    }
}

#[tokio::test]
async fn an_address_in_the_url_is_refused_before_anything_is_sent() {
    let ear = Ear::new();
    for host in [
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "localhost",
        "[::ffff:127.0.0.1]",
    ] {
        let url = format!("https://{host}:{}/", ear.port());

        let error = post(&outside(Told::answers(&[&["8.8.8.8"]])), &url)
            .await
            .unwrap_err();

        assert!(
            matches!(error, WebhookError::Refused(Refusal::Host { .. })),
            "{host}: {error}"
        );
        assert!(!error.may_pass());
    }
    assert!(!ear.heard());
}

#[tokio::test]
async fn plain_http_is_refused_outside_ones_own_network() {
    let caller = outside(Told::answers(&[&["8.8.8.8"]]));

    let error = post(&caller, "http://hooks.example.org/")
        .await
        .unwrap_err();

    assert_eq!(
        error.to_string(),
        "refused: \"http\" is no scheme it can use; it takes https://…"
    );
}

#[tokio::test]
async fn a_url_is_judged_by_what_its_name_resolves_to_when_it_is_given() {
    let url = "https://hooks.example.org/";

    let inside = outside(Told::answers(&[&["10.0.0.1"]])).check(url).await;
    let unknown = outside(Told::nothing()).check(url).await;

    assert_eq!(
        inside.unwrap_err().to_string(),
        "hooks.example.org resolves to a private address; webhooks go to public addresses only"
    );
    assert_eq!(unknown.unwrap().as_str(), url);
}
