//! The pages of the outbox, without scripts.

use maud::{Markup, html};

use super::{KEPT, Kept};
use crate::plain::Plain;
use crate::words;

pub(super) fn list(mails: &[Kept]) -> Plain {
    let content = html! {
        h1 { "Outbox" }
        p.quiet {
            "This hub has no mail server (" code { "SMTP_URL" } "): what it would send is kept here, "
            "the newest " (KEPT) " mails."
        }
        @if mails.is_empty() {
            p { "No mail so far." }
        } @else {
            ul.mails {
                @for mail in mails {
                    li {
                        a href={ "/outbox/" (mail.id) } { (mail.subject) }
                        span.quiet { "to " (mail.to) ", " (words::minute(mail.at)) " UTC" }
                    }
                }
            }
        }
    };
    page("Outbox", &content)
}

pub(super) fn mail(mail: &Kept) -> Plain {
    let content = html! {
        p { a href="/outbox" { "Outbox" } }
        h1 { (mail.subject) }
        p.quiet { "to " (mail.to) ", " (words::minute(mail.at)) " UTC" }
        h2 #text { "As text" }
        pre { (linked(&mail.text)) }
        h2 #html { "As HTML" }
        iframe title="The mail as HTML" src={ "/outbox/" (mail.id) "/html" }
            sandbox="allow-popups allow-popups-to-escape-sandbox" {}
        p {
            a href={ "/outbox/" (mail.id) "/html" } { "HTML alone" }
            " · "
            a href={ "/outbox/" (mail.id) "/source" } { "Source" }
        }
    };
    page(&mail.subject, &content).framing()
}

/// Addresses of pages, as links.
fn linked(text: &str) -> Markup {
    let is_address = |word: &str| word.starts_with("https://") || word.starts_with("http://");
    html! {
        @for part in text.split_inclusive(char::is_whitespace) {
            @let word = part.trim_end();
            @if is_address(word) {
                a href=(word) rel="noopener noreferrer" { (word) } (part.get(word.len()..).unwrap_or_default())
            } @else { (part) }
        }
    }
}

fn page(title: &str, content: &Markup) -> Plain {
    Plain::new(
        format!("{title} · Starboard"),
        html! { main.text { (content) } },
    )
    .unlisted()
}
