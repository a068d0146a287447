//! What happened in a sentence, by how we know it.
//!
//! A plan says what should be, a report what a facility said, an archive what its data show; no
//! sentence claims more. Times are beside the moment of telling: a start by plan whose planned end
//! has passed is told as one that should have been.

use domain::{Activity, Basis, EventKind, Intent, Status, TMaxKind};

use super::Notice;
use super::position::sexagesimal;
use super::times;
use crate::mail::layout::plain;

/// Longest name from outside, in characters.
const LONGEST_NAME: usize = 120;
/// Longest title, in characters.
const LONGEST_TITLE: usize = 400;

/// A name from outside, on one line and not endless.
pub(super) fn cut(name: &str) -> String {
    cut_at(name, LONGEST_NAME)
}

/// A title from outside, which may take some lines.
pub(super) fn cut_title(title: &str) -> String {
    cut_at(title, LONGEST_TITLE)
}

fn cut_at(name: &str, longest: usize) -> String {
    let name = plain(name);
    match name.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or_default()),
        None => name,
    }
}

/// A name as it was given, in quotes.
pub(super) fn quoted(name: &str) -> String {
    format!("“{}”", cut(name))
}

/// What is observed.
fn object(activity: &Activity) -> String {
    let facts = &activity.facts;
    if let Some(name) = facts.target_name.as_deref().map(cut)
        && !name.is_empty()
    {
        return name;
    }
    match (facts.intent, facts.s_ra, facts.s_dec) {
        (Some(Intent::Calibration), ..) => "a calibration".to_owned(),
        (Some(Intent::Engineering), ..) => "an engineering activity".to_owned(),
        (_, Some(ra), Some(dec)) => format!("a field at {}", sexagesimal(ra, dec)),
        _ => "a target it does not name".to_owned(),
    }
}

/// The subject: who, the verb, what.
pub(super) fn subject(notice: &Notice) -> String {
    let activity = &notice.envelope.activity;
    let (who, what) = (plain(&notice.facility), object(activity));
    let start = activity.facts.t_min;
    let by_plan = activity.basis == Basis::Scheduled;
    match notice.envelope.event {
        EventKind::Planned => format!("{who} plans to observe {what}"),
        EventKind::Scheduled => match start {
            Some(start) => format!("{who} is to observe {what}: {}", times::short(start)),
            None => format!("{who} is to observe {what}"),
        },
        EventKind::Changed => match start {
            Some(start) => format!("{who} changed its plan for {what}: {}", times::short(start)),
            None => format!("{who} changed its plan for {what}"),
        },
        EventKind::Started if by_plan && is_over(notice) => {
            format!("{who} should have observed {what}")
        }
        EventKind::Started if by_plan => format!("{who} should now be observing {what}"),
        EventKind::Started if is_over(notice) => format!("{who} began to observe {what}"),
        EventKind::Started => format!("{who} is observing {what}"),
        EventKind::Ended if by_plan => format!("{who} should have finished {what}"),
        EventKind::Ended => format!("{who} has finished {what}"),
        EventKind::Confirmed if activity.status == Status::InProgress => {
            format!("{who} is observing {what}")
        }
        EventKind::Confirmed | EventKind::Observed => format!("{who} observed {what}"),
        EventKind::Aborted => format!("{who} failed or skipped {what}"),
        EventKind::Withdrawn => format!("{who} took {what} out of its plan"),
        EventKind::Progress => format!("{who} goes on observing {what}"),
        EventKind::Enriched => format!("{who} tells more of {what}"),
        EventKind::Redacted => format!("{who} withholds a value of {what}"),
    }
}

/// What happened, in a whole sentence.
pub(super) fn sentence(notice: &Notice) -> String {
    let envelope = &notice.envelope;
    let activity = &envelope.activity;
    let (who, what) = (plain(&notice.facility), object(activity));
    let (at, logged) = (envelope.at, envelope.logged);
    let start = activity.facts.t_min.map(times::told);
    let issued = issued(activity);
    match envelope.event {
        EventKind::Planned => {
            format!("{who} plans to observe {what}; its plan{issued} sets no time yet.")
        }
        EventKind::Scheduled => match start {
            Some(start) => {
                format!("{who} is scheduled to observe {what} at {start}, by its plan{issued}.")
            }
            None => format!("{who} is scheduled to observe {what}, by its plan{issued}."),
        },
        EventKind::Changed => match start {
            Some(start) => {
                format!("{who} has changed its plan for {what}: the start is at {start} now.")
            }
            None => format!("{who} has changed its plan for {what}: it sets no time now."),
        },
        EventKind::Started => started(notice, &who, &what),
        EventKind::Ended => ended(notice, &who, &what),
        EventKind::Confirmed if activity.status == Status::InProgress => {
            format!(
                "{who} confirms that it is observing {what}, read {}.",
                times::told(logged)
            )
        }
        EventKind::Confirmed => match activity.basis {
            Basis::Archived => format!(
                "{who} observed {what}, as the plan said: its data were seen in {} at {}.",
                archive(&activity.source),
                times::told(logged)
            ),
            _ => format!(
                "{who} observed {what}, as the plan said: {} read {}.",
                report(&activity.source),
                times::told(logged)
            ),
        },
        EventKind::Observed => match activity.basis {
            Basis::Archived => format!(
                "{who} took its first exposure of {what} at {}, seen in {} {}.",
                times::told(at),
                archive(&activity.source),
                times::later(at, logged)
            ),
            _ => format!(
                "{who} observed {what} at {}, {} read {}.",
                times::told(at),
                report(&activity.source),
                times::clock(logged, at)
            ),
        },
        EventKind::Aborted => format!(
            "The observation of {what} by {who} failed or was skipped: {} read {}.",
            report(&activity.source),
            times::told(logged)
        ),
        EventKind::Withdrawn => match start {
            Some(start) => format!(
                "{who} no longer has the observation of {what} that was to start at {start} in its plan."
            ),
            None => format!("{who} no longer has the observation of {what} in its plan."),
        },
        EventKind::Progress => format!("{who} goes on observing {what}."),
        EventKind::Enriched => format!("More is known of the observation of {what} by {who}."),
        EventKind::Redacted => {
            format!("A value of the observation of {what} by {who} is withheld now.")
        }
    }
}

fn started(notice: &Notice, who: &str, what: &str) -> String {
    let activity = &notice.envelope.activity;
    let begun = times::told(notice.envelope.at);
    let source = &activity.source;
    if activity.basis != Basis::Scheduled {
        let read = times::clock(notice.envelope.logged, notice.envelope.at);
        return match is_over(notice) {
            true => format!("{who} began to observe {what} at {begun}, reported and read {read}."),
            false => format!("{who} is observing {what} since {begun}, reported and read {read}."),
        };
    }
    let known = match activity.facts.t_planning {
        Some(issued) => format!(
            "plan issued {}; {}",
            times::day(issued),
            unconfirmed(source, who)
        ),
        None => format!("by plan; {}", unconfirmed(source, who)),
    };
    match (is_over(notice), activity.facts.t_max) {
        (true, Some(end)) => format!(
            "{who} should have been observing {what} from {begun} until {} ({known}).",
            times::clock(end, notice.envelope.at)
        ),
        _ => format!("{who} should now be observing {what} ({known})."),
    }
}

fn ended(notice: &Notice, who: &str, what: &str) -> String {
    let activity = &notice.envelope.activity;
    let at = times::told(notice.envelope.at);
    let no_earlier = match activity.facts.t_max_kind {
        Some(TMaxKind::LowerBound) => "no earlier than ",
        _ => "at ",
    };
    match activity.basis {
        Basis::Scheduled => format!(
            "{who} should have finished observing {what} at {at} ({}).",
            unconfirmed(&activity.source, who)
        ),
        Basis::Reported => {
            format!("{who} finished observing {what} {no_earlier}{at}, as reported.")
        }
        Basis::Archived => format!(
            "{who} seems to have finished {what}: the last exposure seen in {} ended {no_earlier}{at}.",
            archive(&activity.source)
        ),
    }
}

/// Whether the end that is known has passed when it is told.
fn is_over(notice: &Notice) -> bool {
    let end = notice.envelope.activity.facts.t_max;
    end.is_some_and(|end| end <= notice.now)
}

/// ` (issued 20 Nov 2026)`, where that is known.
fn issued(activity: &Activity) -> String {
    let issued = activity.facts.t_planning.map(times::day);
    issued.map_or_else(String::new, |day| format!(" (issued {day})"))
}

/// That nobody has said so. Of some it is known that nobody will while it lasts.
fn unconfirmed(source: &str, who: &str) -> String {
    match source {
        "jwst" | "hst" => format!("{who} does not confirm live"),
        _ => "not confirmed so far".to_owned(),
    }
}

/// What a report is read from.
fn report(source: &str) -> &'static str {
    match source {
        "swift" => "as-flown log",
        _ => "report",
    }
}

/// What data arrive in.
fn archive(source: &str) -> &'static str {
    match source {
        "eso" => "the ESO archive",
        "jwst" | "hst" => "the MAST archive",
        _ => "the archive",
    }
}
