//! What is handed over, and what becomes of it when the server misbehaves.

use app::mail::MailError;

use super::mail;
use crate::harness::hub::{Kind, TestHub};
use crate::harness::smtp::{Manner, SmtpServer};

/// A hub that hands its mails to this server, and gives up after two seconds.
async fn hub(server: &SmtpServer) -> TestHub {
    let settings = [
        ("SMTP_URL", server.url()),
        ("MAIL_FROM", "Board <board@example.org>".to_owned()),
        ("PUBLIC_URL", "https://board.example.org".to_owned()),
        ("STARBOARD_CLAIM_SECONDS", "4".to_owned()),
    ];
    let settings = settings
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    TestHub::with(Kind::Sqlite, &settings).await
}

/// Hands over mail `number`.
async fn sent(hub: &TestHub, number: u32) -> Result<String, MailError> {
    let now = hub.hub.clock.now();
    hub.hub.mailer.send(&mail(number), now).await
}

#[tokio::test]
async fn a_mail_arrives_as_it_was_written() {
    let server = SmtpServer::start().await;
    let hub = hub(&server).await;

    let answer = sent(&hub, 1).await.unwrap();

    assert_eq!(answer, "250 2.0.0 kept");
    let received = server.mails().remove(0);
    assert_eq!(received.from, "board@example.org");
    assert_eq!(received.to, ["astronomer@example.org"]);
    assert_eq!(received.subject(), "η Carinae, 1");
    assert_eq!(received.text(), mail(1).text);
    assert_eq!(received.html().trim_end(), mail(1).html);
    assert!(received.answered);
}

#[tokio::test]
async fn mail_programs_are_told_how_to_end_sort_and_thread_it() {
    let server = SmtpServer::start().await;
    let hub = hub(&server).await;
    let mut mail = mail(2);
    mail.references = vec!["1@board.example.org".to_owned()];
    hub.hub
        .mailer
        .send(&mail, hub.hub.clock.now())
        .await
        .unwrap();

    let received = server.mails().remove(0);

    for (name, value) in [
        (
            "List-Unsubscribe",
            "<https://board.example.org/unsubscribe/abc.def>",
        ),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("List-Id", "<1.board.example.org>"),
        ("Auto-Submitted", "auto-generated"),
        ("Message-ID", "<2@board.example.org>"),
        ("References", "<1@board.example.org>"),
        ("Date", "Sat, 21 Nov 2026 06:00:00 +0000"),
    ] {
        assert_eq!(received.header(name).as_deref(), Some(value), "{name}");
    }
}

#[tokio::test]
async fn mails_one_after_the_other_share_a_conversation() {
    let server = SmtpServer::start().await;
    let hub = hub(&server).await;
    for number in 0..3 {
        sent(&hub, number).await.unwrap();
    }
    assert_eq!(server.mails().len(), 3);
    assert_eq!(server.conversations(), 1);
}

#[tokio::test]
async fn a_5xx_to_the_recipient_or_the_mail_is_for_good() {
    let server = SmtpServer::start().await;
    let hub = hub(&server).await;
    for (manner, code) in [
        (Manner::RefuseRecipient(550), 550),
        (Manner::RefuseMail(554), 554),
    ] {
        server.next(&[manner]);
        let refused = sent(&hub, 1).await.unwrap_err();
        assert!(
            matches!(refused, MailError::Rejected { code: c, .. } if c == code),
            "{refused}"
        );
    }
    sent(&hub, 1).await.unwrap();
}

#[tokio::test]
async fn a_5xx_to_everybody_is_no_verdict_on_the_address() {
    let server = SmtpServer::start().await;
    let hub = hub(&server).await;
    server.next(&[Manner::RefuseGreeting(554)]);
    let refused = sent(&hub, 1).await.unwrap_err();
    assert!(
        matches!(&refused, MailError::Later { text } if text.starts_with("554")),
        "{refused}"
    );
}

#[tokio::test]
async fn whatever_may_pass_is_tried_later() {
    let server = SmtpServer::start().await;
    let hub = hub(&server).await;
    for manner in [
        Manner::RefuseGreeting(421),
        Manner::RefuseRecipient(450),
        Manner::RefuseMail(451),
        Manner::Away,
        Manner::Stall,
    ] {
        server.next(&[manner]);
        let refused = sent(&hub, 1).await.unwrap_err();
        assert!(
            matches!(refused, MailError::Later { .. }),
            "{manner:?}: {refused}"
        );
    }
    assert!(server.mails().is_empty());
    sent(&hub, 1).await.unwrap();
}

#[tokio::test]
async fn a_mail_that_was_read_but_not_answered_comes_again_under_the_same_name() {
    let server = SmtpServer::start().await;
    let hub = hub(&server).await;
    server.next(&[Manner::DropAfterData]);

    let unanswered = sent(&hub, 1).await;
    assert!(matches!(unanswered, Err(MailError::Unknown { .. })));
    sent(&hub, 1).await.unwrap();

    let [first, second] = server.mails().try_into().unwrap();
    assert!(!first.answered && second.answered);
    assert_eq!(first.message_id(), second.message_id());
}

#[tokio::test]
async fn a_server_that_is_gone_is_asked_later_and_nothing_tells_the_password() {
    let port = crate::harness::free_port();
    let url = format!("smtp://board:hidden-1@127.0.0.1:{port}?tls=none");
    let settings = [
        ("SMTP_URL", url.as_str()),
        ("MAIL_FROM", "board@example.org"),
    ];
    let hub = TestHub::with(Kind::Sqlite, &settings).await;

    let refused = sent(&hub, 1).await.unwrap_err();

    assert!(matches!(refused, MailError::Later { .. }));
    assert!(!refused.to_string().contains("hidden"), "{refused}");
}

#[tokio::test]
async fn a_password_is_not_sent_in_the_clear() {
    // A name of this machine that is not known as one.
    let server = SmtpServer::start().await;
    let url = server
        .url()
        .replace("smtp://127.0.0.1", "smtp://board:hidden-1@0.0.0.0");
    let url = url.replace("?tls=none", "");
    let settings = [
        ("SMTP_URL", url.as_str()),
        ("MAIL_FROM", "board@example.org"),
    ];
    let hub = TestHub::with(Kind::Sqlite, &settings).await;

    let refused = sent(&hub, 1).await.unwrap_err();

    assert!(
        refused.to_string().contains("not sent in the clear"),
        "{refused}"
    );
    assert!(server.mails().is_empty());
}
