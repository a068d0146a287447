//! The page as HTML. Whatever comes from elsewhere is text to the browser: the macro escapes it.

use chrono::{DateTime, Utc};
use domain::{Activity, Basis};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::present::{Facility, Present};
use super::sources;
use crate::words;

/// A star, so that the browser asks for no icon.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' \
    viewBox='0 0 16 16'%3E%3Cpath fill='%23d99a1c' \
    d='M8 0l2 6 6 2-6 2-2 6-2-6-6-2 6-2z'/%3E%3C/svg%3E";

/// The whole page.
pub(super) fn board(present: &Present) -> String {
    let body = html! {
        header {
            h1 { "Starboard" }
            p { "What the world’s telescopes are doing." }
            @if present.demo {
                p.demo { strong { "Demo data." } " Real programmes, replayed as if they ran today." }
            }
            p #line role="status" {}
        }
        (main(present))
        footer {
            nav aria-label="More" {
                a href="/api/docs" { "API" }
                a href="/api/now" { "This page as JSON" }
            }
        }
    };
    document("Starboard", true, &body)
}

/// A page that says that there is none.
pub(super) fn missing() -> String {
    let body = html! {
        header { h1 { "Nothing here" } }
        main {
            p { "There is no such page." }
            p { a href="/" { "What the telescopes are doing now" } }
        }
    };
    document("Nothing here · Starboard", false, &body)
}

fn document(title: &str, live: bool, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                link rel="icon" href=(PreEscaped(ICON));
                link rel="stylesheet" href="/board.css";
                @if live {
                    script src="/board.js" defer {}
                    noscript { meta http-equiv="refresh" content="60"; }
                }
            }
            body { (body) }
        }
    };
    page.into_string()
}

/// What the script replaces.
fn main(present: &Present) -> Markup {
    let now = present.now;
    html! {
        main {
            p.asof { "As of " (time(now, &format!("{} UTC", words::minute(now)))) }
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
                ul.names { @for facility in silent { li { (facility.name) } } }
            }
        }
    }
}

fn of_facility(facility: &Facility, now: DateTime<Utc>) -> Markup {
    let id = anchor(&facility.name);
    let heading = format!("{id}-name");
    html! {
        section id=(id) aria-labelledby=(heading) {
            h2 id=(heading) { (facility.name) }
            @if let Some(place) = place(facility) { p.place { (place) } }
            @if facility.in_progress.is_empty() {
                @match &facility.last {
                    Some(last) => (last_known(last, now)),
                    None => p.quiet { "Nothing is known of what it does now." },
                }
            } @else {
                ul.running {
                    @for activity in &facility.in_progress { li { (running(activity, now)) } }
                }
            }
            @if let Some(next) = &facility.next { (coming(next, now)) }
            p.quiet {
                @match facility.as_of {
                    Some(at) => { "Newest information: " (time(at, &words::beside(at, now))) },
                    None => "No source has told of it yet",
                }
            }
        }
    }
}

/// What it is called in full, and where it stands.
fn place(facility: &Facility) -> Option<String> {
    let title = facility
        .title
        .iter()
        .filter(|title| **title != facility.name);
    let words: Vec<&str> = title.chain(&facility.site).map(String::as_str).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

fn running(activity: &Activity, now: DateTime<Utc>) -> Markup {
    let facts = &activity.facts;
    html! {
        p.what { (badge(activity.basis)) " In progress: " (what(activity)) }
        p.when {
            @match facts.t_min {
                Some(start) => { "started " (clock(start, now)) },
                None => "start unknown",
            }
            @if let Some(end) = facts.t_max {
                @if end > now { ", planned to end " } @else { ", was to end " }
                (clock(end, now))
            }
        }
        (programme(activity))
    }
}

fn last_known(activity: &Activity, now: DateTime<Utc>) -> Markup {
    html! {
        p.what {
            (badge(activity.basis)) " Last known: " (what(activity))
            @if let Some(ended) = words::ended(activity, now) { ", " (ended) }
        }
        @if let Some(start) = activity.facts.t_min {
            p.when { "began " (clock(start, now)) ", " (words::status(activity.status)) }
        }
        (programme(activity))
    }
}

fn coming(activity: &Activity, now: DateTime<Utc>) -> Markup {
    html! {
        p.next {
            "Next, by plan: " (what(activity))
            @if let Some(start) = activity.facts.t_min { ", " (clock(start, now)) }
        }
    }
}

/// Target and instrument.
fn what(activity: &Activity) -> Markup {
    let facts = &activity.facts;
    let kind = words::kind(facts);
    html! {
        @match (&facts.target_name, kind) {
            (Some(target), _) => strong { (target) },
            (None, Some(_)) => strong { (activity.obs_id) },
            (None, None) => { "observation " strong { (activity.obs_id) } },
        }
        @if let Some(kind) = kind { " (" (kind) ")" }
        @if let Some(instrument) = &facts.instrument_name { " with " (instrument) }
    }
}

fn programme(activity: &Activity) -> Markup {
    let facts = &activity.facts;
    let Some(id) = &facts.proposal_id else {
        return html! {};
    };
    let link = facts
        .links
        .iter()
        .map(|link| link.url.as_str())
        .find(|url| is_web(url));
    html! {
        p.programme {
            "Programme "
            @match link {
                Some(url) => a href=(url) rel="noopener noreferrer" { (id) },
                None => (id),
            }
            @if let Some(title) = &facts.proposal_title { ", " cite { (title) } }
            @if let Some(pi) = &facts.proposal_pi { ", PI " (pi) }
        }
    }
}

/// How we know, in a word that stands out.
fn badge(basis: Basis) -> Markup {
    html! { span.badge.(basis.as_str()) { (words::basis(basis)) } }
}

/// `06:00 UTC (9 min ago)`; with its date when that is another day.
fn clock(at: DateTime<Utc>, now: DateTime<Utc>) -> Markup {
    let shown = match at.date_naive() == now.date_naive() {
        true => at.format("%H:%M").to_string(),
        false => words::minute(at),
    };
    html! { (time(at, &format!("{shown} UTC"))) " (" (words::beside(at, now)) ")" }
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
