//! A mail as it goes over the wire: RFC 5322 and MIME.

use chrono::{DateTime, Utc};
use lettre::Message;
use lettre::message::header::{
    ContentTransferEncoding, ContentType, HeaderName, HeaderValue, MessageId, References,
};
use lettre::message::{Body, Mailbox, MultiPart, SinglePart};

use super::{Mail, MailError};

/// Code of an address that is none (RFC 5321: mailbox name not allowed).
const NO_ADDRESS: u16 = 553;

/// Puts a mail together.
///
/// # Errors
/// When the address is none.
pub(super) fn compose(
    from: &Mailbox,
    mail: &Mail,
    now: DateTime<Utc>,
) -> Result<Message, MailError> {
    let to = mail.to.parse().map_err(|_| MailError::Rejected {
        code: NO_ADDRESS,
        text: "this is not an address".to_owned(),
    })?;
    let mut message = Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(line(&mail.subject))
        .date(now.into())
        .header(MessageId::from(bracketed(&mail.message_id)));
    if let Some(last) = mail.references.last() {
        let all: Vec<String> = mail.references.iter().map(|id| bracketed(id)).collect();
        message = message
            .in_reply_to(bracketed(last))
            .header(References::from(all.join(" ")));
    }
    if let Some(url) = &mail.unsubscribe {
        message = message
            .raw_header(verbatim("List-Unsubscribe", bracketed(url)))
            .raw_header(verbatim(
                "List-Unsubscribe-Post",
                "List-Unsubscribe=One-Click".to_owned(),
            ));
    }
    if let Some(id) = &mail.list_id {
        message = message.raw_header(verbatim("List-Id", bracketed(id)));
    }
    if mail.auto {
        message = message.raw_header(verbatim("Auto-Submitted", "auto-generated".to_owned()));
    }
    let parts = MultiPart::alternative()
        .singlepart(part(ContentType::TEXT_PLAIN, &mail.text))
        .singlepart(part(ContentType::TEXT_HTML, &mail.html));
    message
        .multipart(parts)
        .map_err(|error| MailError::later(format!("the mail could not be put together: {error}")))
}

/// Quoted-printable: readable in its source, and safe on every way.
fn part(kind: ContentType, text: &str) -> SinglePart {
    let encoding = ContentTransferEncoding::QuotedPrintable;
    let body = Body::new_with_encoding(text.to_owned(), encoding).unwrap_or_else(Body::new);
    SinglePart::builder().header(kind).body(body)
}

/// A header that may not be folded or encoded, as programs read it.
fn verbatim(name: &'static str, value: String) -> HeaderValue {
    let name = HeaderName::new_from_ascii_str(name);
    HeaderValue::dangerous_new_pre_encoded(name, value.clone(), value)
}

/// In angle brackets, with nothing in it that could end a header.
fn bracketed(text: &str) -> String {
    let safe: String = text.chars().filter(char::is_ascii_graphic).collect();
    format!("<{}>", safe.replace(['<', '>'], ""))
}

/// One line: whatever could end a header is a blank.
fn line(text: &str) -> String {
    let blank = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(blank).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail() -> Mail {
        Mail {
            to: "astronomer@example.org".to_owned(),
            subject: "Swift observed η Car".to_owned(),
            text: "Swift observed η Car.\n".to_owned(),
            html: "<p>Swift observed η Car.".to_owned(),
            message_id: "two@board.example.org".to_owned(),
            references: vec![
                "zero@board.example.org".to_owned(),
                "one@board.example.org".to_owned(),
            ],
            unsubscribe: Some("https://board.example.org/unsubscribe/abc.def".to_owned()),
            list_id: Some("subscription.board.example.org".to_owned()),
            auto: true,
        }
    }

    fn composed(mail: &Mail) -> String {
        let from = "Board <board@example.org>".parse().unwrap();
        let now = "2026-11-21T06:00:00Z".parse().unwrap();
        String::from_utf8(compose(&from, mail, now).unwrap().formatted()).unwrap()
    }

    #[test]
    fn everything_a_mail_program_looks_for_is_in_the_head() {
        let whole = composed(&mail());
        let (head, _) = whole.split_once("\r\n\r\n").unwrap();
        let head = head.replace("\r\n ", " ");
        for line in [
            "From: Board <board@example.org>",
            "To: astronomer@example.org",
            "Subject: Swift observed =?utf-8?b?zrc=?= Car",
            "Date: Sat, 21 Nov 2026 06:00:00 +0000",
            "Message-ID: <two@board.example.org>",
            "In-Reply-To: <one@board.example.org>",
            "References: <zero@board.example.org> <one@board.example.org>",
            "List-Unsubscribe: <https://board.example.org/unsubscribe/abc.def>",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            "List-Id: <subscription.board.example.org>",
            "Auto-Submitted: auto-generated",
        ] {
            assert!(head.lines().any(|l| l == line), "{line} in\n{head}");
        }
    }

    #[test]
    fn text_comes_before_html_and_both_are_seven_bit() {
        let whole = composed(&mail());
        assert!(whole.is_ascii());
        let text = whole
            .find("Content-Type: text/plain; charset=utf-8")
            .unwrap();
        let html = whole
            .find("Content-Type: text/html; charset=utf-8")
            .unwrap();
        assert!(text < html);
        assert!(whole.contains("Swift observed =CE=B7 Car."));
    }

    #[test]
    fn no_value_begins_a_header_of_its_own() {
        let mut mail = mail();
        mail.subject = "one\r\nBcc: other@example.org".to_owned();
        mail.message_id = "a@b\r\nBcc: other@example.org".to_owned();
        mail.list_id = Some("x>\r\nBcc: other@example.org".to_owned());
        let whole = composed(&mail);
        assert!(
            !whole.lines().any(|line| line.starts_with("Bcc")),
            "{whole}"
        );
    }

    #[test]
    fn what_is_no_address_is_refused_for_good() {
        let mut mail = mail();
        mail.to = "nobody, at home".to_owned();
        let from = "board@example.org".parse().unwrap();
        let refused = compose(&from, &mail, Utc::now()).unwrap_err();
        assert!(matches!(refused, MailError::Rejected { code: 553, .. }));
    }
}
