//! Conversations nobody can listen to.

use app::mail::MailError;

use super::mail;
use crate::harness::authority::Authority;
use crate::harness::http;
use crate::harness::hub::{Kind, TestHub};
use crate::harness::process::Serving;
use crate::harness::smtp::{Received, SmtpServer, Wire};

/// The mail a real process sends to who registers, over `url`.
async fn mail_of_a_process(server: &SmtpServer, authority: &Authority, url: String) -> Received {
    let settings = [
        ("STARBOARD_SOURCES", ",".to_owned()),
        ("SMTP_URL", url),
        ("MAIL_FROM", "Board <board@example.org>".to_owned()),
        ("SSL_CERT_FILE", authority.file().display().to_string()),
    ];
    let serving = Serving::start(&["serve"], &settings).await;
    let registered = http::client()
        .post(serving.url("/api/auth/register"))
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/json")
        .body(r#"{"email":"astronomer@example.org","password":"a long enough password"}"#)
        .send()
        .await
        .unwrap();
    assert_eq!(registered.status(), 202);
    server.has(1).await.remove(0)
}

#[tokio::test]
async fn smtps_is_encrypted_from_the_first_byte() {
    let authority = Authority::new();
    let server = SmtpServer::over(Wire::Encrypted(authority.acceptor())).await;
    let url = format!("smtps://board:secret@localhost:{}", server.port());

    let received = mail_of_a_process(&server, &authority, url).await;

    assert!(received.encrypted);
    assert!(received.password.is_some());
    assert_eq!(received.to, ["astronomer@example.org"]);
}

#[tokio::test]
async fn smtp_is_encrypted_where_the_server_offers_it() {
    let authority = Authority::new();
    let server = SmtpServer::over(Wire::OnRequest(authority.acceptor())).await;
    let url = format!("smtp://board:secret@localhost:{}", server.port());

    let received = mail_of_a_process(&server, &authority, url).await;

    assert!(received.encrypted);
    assert!(received.password.is_some());
}

#[tokio::test]
async fn a_server_nobody_vouches_for_gets_no_mail() {
    let authority = Authority::new();
    for (wire, scheme) in [
        (Wire::Encrypted(authority.acceptor()), "smtps"),
        (Wire::OnRequest(authority.acceptor()), "smtp"),
    ] {
        let server = SmtpServer::over(wire).await;
        let url = format!("{scheme}://board:secret@localhost:{}", server.port());
        assert_eq!(refused(&server, &url).await, "broken");
    }
}

#[tokio::test]
async fn where_encryption_is_required_a_server_without_gets_no_mail() {
    let server = SmtpServer::start().await;
    let url = format!("smtp://127.0.0.1:{}?tls=required", server.port());
    assert_eq!(refused(&server, &url).await, "broken");
}

/// Tries to send over `url`, which must not work.
async fn refused(server: &SmtpServer, url: &str) -> &'static str {
    let settings = [("SMTP_URL", url), ("MAIL_FROM", "board@example.org")];
    let hub = TestHub::with(Kind::Sqlite, &settings).await;
    let sent = hub.hub.mailer.send(&mail(1), hub.hub.clock.now()).await;
    assert!(server.mails().is_empty());
    match sent {
        Err(MailError::Later { text }) if text.contains("conversation") => "broken",
        other => panic!("{other:?}"),
    }
}
