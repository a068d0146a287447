//! The sources, at the foot of the board and on a page of their own: how they do, how old their
//! news is, who is credited.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::page::{self, is_web, time};
use super::present::{self, Standing};
use crate::areas::archives::Health;
use crate::error::Result;
use crate::hub::Hub;
use crate::plain::Plain;
use crate::words;

/// The page of all sources.
///
/// # Errors
/// Those of the database.
pub(super) async fn page(hub: &Hub) -> Result<Plain> {
    let now = hub.clock.now();
    let sources = present::sources(hub).await?;
    let body = html! {
        (page::head("Sources", hub.demo.is_some(), false))
        main {
            (page::as_of(now))
            @for source in &sources {
                section {
                    h2 { (source.title) }
                    (one(source, now))
                    (more(source, now))
                }
            }
        }
        (page::foot())
    };
    Ok(Plain::new("Sources · Starboard", body))
}

/// What the board has no room for.
fn more(source: &Standing, now: DateTime<Utc>) -> Markup {
    html! {
        p { "Tells of " (source.facilities.join(", ")) }
        @if let Some(horizon) = source.horizon {
            p { "Its plan reaches to " (time(horizon, &format!("{} UTC", words::minute(horizon)))) }
        }
        @if let Some(next) = source.next_run { p { "Asked next " (time(next, &words::beside(next, now))) } }
        @if let Some(error) = &source.failing { p { "Failed last: " (words::plain(error)) } }
    }
}

/// The part of the board.
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
