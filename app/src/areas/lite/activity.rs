//! Activities in sentences.

use chrono::{DateTime, Utc};
use domain::{Activity, Basis};
use maud::{Markup, html};

use super::page::{is_web, time};
use crate::words;

/// One in progress.
pub(super) fn running(activity: &Activity, now: DateTime<Utc>) -> Markup {
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

/// What was last known.
pub(super) fn last_known(activity: &Activity, now: DateTime<Utc>) -> Markup {
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

/// What comes next, by plan.
pub(super) fn coming(activity: &Activity, now: DateTime<Utc>) -> Markup {
    html! {
        p.next {
            "Next, by plan: " (what(activity))
            @if let Some(start) = activity.facts.t_min { ", " (clock(start, now)) }
        }
    }
}

/// One of a list, whatever became of it.
pub(super) fn listed(activity: &Activity, now: DateTime<Utc>) -> Markup {
    html! {
        p.what { (badge(activity.basis)) " " (words::status(activity.status)) ": " (what(activity)) }
        p.when {
            @match activity.facts.t_min {
                Some(start) => (clock(start, now)),
                None => "start unknown",
            }
            @if let Some(end) = words::ended(activity, now) { ", " (end) }
        }
        (programme(activity))
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
