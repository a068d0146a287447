//! `/outbox`.

use std::net::Ipv4Addr;

use app::mail::MailError;
use app::mail::outbox::KEPT;
use axum::body::Body;
use axum::http::Request;
use chrono::TimeDelta;

use super::mail;
use crate::harness::http::Answer;
use crate::harness::hub::{Kind, TestHub, on_both};

/// Asks for a path as a browser on this machine does, with these headers besides.
async fn asked(hub: &TestHub, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::get(path);
    if !headers.iter().any(|(name, _)| *name == "host") {
        request = request.header("host", "localhost:8080");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    hub.send(request.body(Body::empty()).unwrap()).await
}

async fn send(hub: &TestHub, number: u32) {
    let now = hub.hub.clock.now();
    hub.hub.mailer.send(&mail(number), now).await.unwrap();
}

#[tokio::test]
async fn a_mail_is_shown_as_text_html_and_source() {
    on_both(async |hub: TestHub| {
        send(&hub, 1).await;
        let id = hub.mails().await[0].id;

        let list = asked(&hub, "/outbox", &[]).await;
        let text = asked(&hub, &format!("/outbox/{id}"), &[]).await;
        let html = asked(&hub, &format!("/outbox/{id}/html"), &[]).await;
        let source = asked(&hub, &format!("/outbox/{id}/source"), &[]).await;

        assert!(list.body.contains("η Carinae, 1") && list.body.contains("astronomer@example.org"));
        assert!(text.body.contains("10.68470° +41.26880°"), "{}", text.body);
        assert_eq!(html.body, mail(1).html);
        assert!(
            source
                .body
                .contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click")
        );
        assert!(
            source
                .header("content-type")
                .unwrap()
                .starts_with("text/plain")
        );
    })
    .await;
}

#[tokio::test]
async fn nothing_in_a_mail_runs_or_loads() {
    let hub = TestHub::start().await;
    let mut mail = mail(1);
    mail.subject = "<script>1</script>".to_owned();
    mail.text = "<script>2</script> https://board.example.org/verify/x\n".to_owned();
    hub.hub
        .mailer
        .send(&mail, hub.hub.clock.now())
        .await
        .unwrap();
    let id = hub.mails().await[0].id;

    let list = asked(&hub, "/outbox", &[]).await;
    let text = asked(&hub, &format!("/outbox/{id}"), &[]).await;
    let html = asked(&hub, &format!("/outbox/{id}/html"), &[]).await;

    assert!(!list.body.contains("<script") && !text.body.contains("<script"));
    assert!(
        text.body
            .contains("href=\"https://board.example.org/verify/x\"")
    );
    for page in [&list, &text, &html] {
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("script-src"));
        assert_eq!(page.header("cache-control"), Some("private, no-store"));
    }
    assert!(
        html.header("content-security-policy")
            .unwrap()
            .contains("sandbox")
    );
    assert_eq!(list.header("x-frame-options"), Some("DENY"));
}

#[tokio::test]
async fn only_the_newest_are_kept() {
    on_both(async |hub: TestHub| {
        let most = u32::try_from(KEPT).unwrap();
        for number in 0..most + 2 {
            hub.advance(TimeDelta::seconds(1));
            send(&hub, number).await;
        }
        let mails = hub.mails().await;
        assert_eq!(mails.len(), most as usize);
        assert_eq!(mails[0].subject, "η Carinae, 2");
    })
    .await;
}

#[tokio::test]
async fn it_is_not_there_through_a_proxy_under_another_name_or_for_another_page() {
    let hub = TestHub::start().await;
    send(&hub, 1).await;
    let id = hub.mails().await[0].id;
    for path in ["/outbox".to_owned(), format!("/outbox/{id}/source")] {
        assert_eq!(asked(&hub, &path, &[]).await.status, 200);
        for header in [
            ("x-forwarded-for", "192.0.2.7"),
            ("x-forwarded-host", "localhost"),
            ("forwarded", "for=192.0.2.7"),
            ("via", "1.1 proxy"),
            ("x-real-ip", "127.0.0.1"),
            ("host", "board.example.org"),
            ("origin", "https://elsewhere.example.org"),
            ("sec-fetch-site", "cross-site"),
        ] {
            let answer = asked(&hub, &path, &[header]).await;
            assert_eq!(answer.status, 404, "{header:?}");
            assert!(!answer.body.contains("Carinae"));
        }
    }
}

#[tokio::test]
async fn it_is_not_there_for_another_machine() {
    let hub = TestHub::start().await;
    let request = Request::get("/outbox").header("host", "localhost:8080");
    let peer = Ipv4Addr::new(192, 0, 2, 7).into();
    let answer = hub
        .send_from(peer, request.body(Body::empty()).unwrap())
        .await;
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn a_public_hub_without_a_mail_server_keeps_nothing_and_says_so() {
    let settings = [("PUBLIC_URL", "https://board.example.org")];
    let hub = TestHub::with(Kind::Sqlite, &settings).await;

    let sent = hub.hub.mailer.send(&mail(1), hub.hub.clock.now()).await;

    assert!(!hub.hub.mailer.works());
    assert!(matches!(sent, Err(MailError::Later { .. })));
    assert!(hub.mails().await.is_empty());
    assert_eq!(asked(&hub, "/outbox", &[]).await.status, 404);
}

#[tokio::test]
async fn with_a_mail_server_there_is_no_outbox() {
    let settings = [
        ("SMTP_URL", "smtp://127.0.0.1:9"),
        ("MAIL_FROM", "board@example.org"),
    ];
    let hub = TestHub::with(Kind::Sqlite, &settings).await;
    assert_eq!(asked(&hub, "/outbox", &[]).await.status, 404);
}
