//! Whom a webhook takes for the endpoint it was told.

use app::webhook::{Caller, Secret};
use tokio::net::TcpListener;

use super::BODY;
use crate::harness::PATIENCE;
use crate::harness::authority::Authority;
use crate::harness::hub::NOW;
use crate::harness::names::Told;
use crate::harness::records::at;

#[tokio::test]
async fn an_endpoint_that_nobody_vouches_for_gets_nothing() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!(
        "https://localhost:{}/",
        listener.local_addr().unwrap().port()
    );
    let acceptor = Authority::new().acceptor();
    let shaken = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        acceptor.accept(stream).await.map(drop)
    });
    let caller = Caller::with(true, Told::answers(&[&["127.0.0.1"]]), PATIENCE).unwrap();

    let error = caller
        .post(&url, &[Secret::generate()], "msg_1", BODY, at(NOW))
        .await
        .unwrap_err();

    assert!(error.to_string().contains("certificate"), "{error}");
    assert!(error.may_pass());
    assert!(shaken.await.unwrap().is_err());
}
