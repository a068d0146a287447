//! The sources at the foot of the page: how they do, how old their news is, who is credited.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::page::{is_web, time};
use super::present::Standing;
use crate::areas::archives::Health;
use crate::words;

/// The part of the page.
pub(super) fn section(sources: &[Standing], now: DateTime<Utc>) -> Markup {
    html! {
        section #sources aria-labelledby="sources-name" {
            h2 #sources-name { "Sources" }
            ul.sources {
                @for source in sources { li { (one(source, now)) } }
            }
        }
    }
}

fn one(source: &Standing, now: DateTime<Utc>) -> Markup {
    html! {
        p {
            a href=(source.home) rel="noopener noreferrer" { (source.title) }
            ": " (health(source.health))
            @if let Some(at) = source.last_success {
                ", last answer " (time(at, &words::beside(at, now)))
            }
        }
        p.quiet {
            (source.credit)
            @if is_web(source.policy) {
                " " a href=(source.policy) rel="noopener noreferrer" {
                    "Data policy" span.hidden { " of " (source.title) }
                }
            }
        }
    }
}

fn health(health: Health) -> &'static str {
    match health {
        Health::Good => "good",
        Health::Late => "late",
        Health::Failing => "failing",
        Health::Waiting => "not asked yet",
        Health::Off => "switched off",
    }
}
