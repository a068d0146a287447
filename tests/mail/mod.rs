//! Mails over a real conversation, and the outbox of a hub without a mail server.

mod encrypted;
mod outbox;
mod secret;
mod smtp;

use app::mail::Mail;

/// A mail about nothing.
fn mail(number: u32) -> Mail {
    Mail {
        to: "astronomer@example.org".to_owned(),
        subject: format!("η Carinae, {number}"),
        text: format!("Mail {number}: 10.68470° +41.26880°\n.\n..and on\n"),
        html: "<!DOCTYPE html><title>t</title><p>η Carinae".to_owned(),
        message_id: format!("{number}@board.example.org"),
        references: Vec::new(),
        unsubscribe: Some("https://board.example.org/unsubscribe/abc.def".to_owned()),
        list_id: Some("1.board.example.org".to_owned()),
        auto: true,
    }
}
