//! The board and its neighbours as HTML.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use maud::{Markup, html};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::present::{Facility, Present};
use super::{activity, sources};
use crate::plain::Plain;
use crate::words;

/// What a name in a path has to be written otherwise.
const UNSAFE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// The board. `bare`: it stands where the web app would.
pub(super) fn board(present: &Present, bare: bool) -> Plain {
    let body = html! {
        (head("Starboard", present.demo, bare))
        (main(present))
        (foot())
    };
    Plain::new("Starboard", body).live()
}

/// The top of every page: its heading, and what holds for all of it.
pub(super) fn head(title: &str, demo: bool, bare: bool) -> Markup {
    html! {
        header {
            h1 { (title) }
            p { "What the world’s telescopes are doing, in plain pages." }
            @if demo {
                p.demo { strong { "Demo data." } " Real programmes, replayed as if they ran today." }
            }
            @if bare {
                p.bare {
                    "This server was built without the web app (it takes Node.js 20.19 or newer): "
                    "these plain pages stand in for it."
                }
            }
            p #line role="status" {}
        }
    }
}

/// The ways on from every page.
pub(super) fn foot() -> Markup {
    html! {
        footer {
            nav aria-label="More" {
                a href="/lite" { "Now" }
                a href="/lite/sources" { "Sources" }
                a href="/" { "Web app" }
                a href="/api/docs" { "API" }
                a href="/api/now" { "Now as JSON" }
            }
        }
    }
}

/// A page that says that there is none.
pub(super) fn missing() -> Plain {
    let body = html! {
        header { h1 { "Nothing here" } }
        main.text {
            p { "There is no such page." }
            p { a href="/lite" { "What the telescopes are doing now" } }
        }
    };
    Plain::new("Nothing here · Starboard", body).unlisted()
}

/// A page of the web app, where that is missing.
pub(super) fn unbuilt() -> Plain {
    let body = html! {
        header { h1 { "This page needs the web app" } }
        main.text {
            p { "This server was built without it (it takes Node.js 20.19 or newer)." }
            p { a href="/lite" { "What the telescopes are doing now, in plain pages" } }
            p { "Accounts and subscriptions: " code { "starboard login --help" } }
        }
    };
    Plain::new("No web app · Starboard", body).unlisted()
}

/// What the script replaces.
fn main(present: &Present) -> Markup {
    let now = present.now;
    html! {
        main {
            (as_of(now))
            @if !present.is_known() {
                section #nothing {
                    h2 { "No source has answered yet" }
                    p { "The first answers usually take a minute. This page will show them." }
                }
            }
            @for facility in present.facilities.iter().filter(|f| f.is_known()) {
                (of_facility(facility, now))
            }
            @if present.is_known() { (silent(present)) }
            (sources::section(&present.sources, now))
        }
    }
}

/// When a page was made.
pub(super) fn as_of(now: DateTime<Utc>) -> Markup {
    html! { p.asof { "As of " (time(now, &format!("{} UTC", words::minute(now)))) } }
}

/// The facilities of which there is nothing to say, in one place.
fn silent(present: &Present) -> Markup {
    let silent: Vec<&Facility> = present
        .facilities
        .iter()
        .filter(|f| !f.is_known())
        .collect();
    html! {
        @if !silent.is_empty() {
            section #silent aria-labelledby="silent-name" {
                h2 #silent-name { "Nothing known" }
                p.quiet { "The sources have told nothing of these so far." }
                ul.names { @for facility in silent { li { (link(&facility.name)) } } }
            }
        }
    }
}

fn of_facility(facility: &Facility, now: DateTime<Utc>) -> Markup {
    let id = anchor(&facility.name);
    let heading = format!("{id}-name");
    html! {
        section id=(id) aria-labelledby=(heading) {
            h2 id=(heading) { (link(&facility.name)) }
            @if let Some(place) = place(facility) { p.place { (place) } }
            (doing(facility, now))
        }
    }
}

/// What a facility does, did last and does next, and how old that is.
pub(super) fn doing(facility: &Facility, now: DateTime<Utc>) -> Markup {
    html! {
        @if facility.in_progress.is_empty() {
            @match &facility.last {
                Some(last) => (activity::last_known(last, now)),
                None => p.quiet { "Nothing is known of what it does now." },
            }
        } @else {
            ul.running {
                @for one in &facility.in_progress { li { (activity::running(one, now)) } }
            }
        }
        @if let Some(next) = &facility.next { (activity::coming(next, now)) }
        p.quiet {
            @match facility.as_of {
                Some(at) => { "Newest information: " (time(at, &words::beside(at, now))) },
                None => "No source has told of it yet",
            }
        }
    }
}

/// A facility's name, leading to its page.
fn link(name: &str) -> Markup {
    let path: Cow<str> = utf8_percent_encode(name, UNSAFE).into();
    html! { a href={ "/lite/facilities/" (path) } { (name) } }
}

/// What it is called in full, and where it stands.
pub(super) fn place(facility: &Facility) -> Option<String> {
    let title = facility
        .title
        .iter()
        .filter(|title| **title != facility.name);
    let words: Vec<&str> = title.chain(&facility.site).map(String::as_str).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// A time for people and machines.
pub(super) fn time(at: DateTime<Utc>, shown: &str) -> Markup {
    html! { time datetime=(at.format("%Y-%m-%dT%H:%M:%SZ")) { (shown) } }
}

/// Whether a link leads to the web; anything else is not followed.
pub(super) fn is_web(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// The id of a facility's part: what stays the same when the page changes.
fn anchor(name: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    format!("facility-{}", name.chars().map(plain).collect::<String>())
}

#[cfg(test)]
mod tests;
