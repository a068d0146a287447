//! What people read: the contract's words in sentences, times beside a moment, text made safe for
//! a terminal. The page and the command line say the same.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{Activity, Basis, Envelope, EventKind, Facts, Intent, Role, Status, TMaxKind};

/// How we know, in words.
#[must_use]
pub fn basis(basis: Basis) -> &'static str {
    match basis {
        Basis::Scheduled => "by plan",
        Basis::Reported => "reported",
        Basis::Archived => "archived",
    }
}

/// Where an activity stands, in a word or two.
#[must_use]
pub fn status(status: Status) -> &'static str {
    match status {
        Status::Planned => "planned",
        Status::Scheduled => "scheduled",
        Status::InProgress => "in progress",
        Status::Elapsed => "elapsed",
        Status::Performed => "performed",
        Status::Aborted => "aborted",
        Status::Withdrawn => "withdrawn",
    }
}

/// What an activity is besides a prime science observation; none for one.
#[must_use]
pub fn kind(facts: &Facts) -> Option<&'static str> {
    match (facts.role, facts.intent) {
        (Role::CoordinatedParallel, _) => Some("coordinated parallel"),
        (Role::PureParallel, _) => Some("pure parallel"),
        (Role::Prime, Some(Intent::Calibration)) => Some("calibration"),
        (Role::Prime, Some(Intent::Acquisition)) => Some("acquisition"),
        (Role::Prime, Some(Intent::Engineering)) => Some("engineering"),
        (Role::Prime, Some(Intent::Science) | None) => None,
    }
}

/// What happened, in words: `started, by plan`.
#[must_use]
pub fn happened(envelope: &Envelope) -> String {
    let activity = &envelope.activity;
    let start = || {
        activity
            .facts
            .t_min
            .map_or_else(|| "a time unknown".to_owned(), minute)
    };
    let known = basis(activity.basis);
    match envelope.event {
        EventKind::Planned => "planned, without a time yet".to_owned(),
        EventKind::Scheduled => format!("scheduled for {}", start()),
        EventKind::Changed => format!("plan changed, now for {}", start()),
        EventKind::Started => format!("started, {known}"),
        EventKind::Ended => format!("ended, {known}"),
        EventKind::Confirmed => format!("confirmed as {}, {known}", status(activity.status)),
        EventKind::Observed => format!("observed, {known}"),
        EventKind::Progress => match activity.facts.n_exposures {
            Some(1) => "goes on, 1 exposure so far".to_owned(),
            Some(count) => format!("goes on, {count} exposures so far"),
            None => "goes on".to_owned(),
        },
        EventKind::Aborted => format!("aborted, {known}"),
        EventKind::Withdrawn => "withdrawn from the plan".to_owned(),
        EventKind::Enriched => "more is known".to_owned(),
        EventKind::Redacted => "a value is withheld now".to_owned(),
    }
}

/// When an activity that is over ended, as far as anybody knows: `ended 12 min ago`.
#[must_use]
pub fn ended(activity: &Activity, now: DateTime<Utc>) -> Option<String> {
    let end = activity.facts.t_max?;
    let when = beside(end, now);
    if end > now {
        return Some(format!("to end {when}"));
    }
    Some(match (activity.status, activity.facts.t_max_kind) {
        (Status::Elapsed, _) | (_, Some(TMaxKind::Planned)) => format!("was to end {when}"),
        (_, Some(TMaxKind::LowerBound)) => format!("ended no earlier than {when}"),
        _ => format!("ended {when}"),
    })
}

/// A time beside another: `in 12 min`, `9 min ago`, `now`.
#[must_use]
pub fn beside(time: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let away = time.signed_duration_since(now);
    match span(away) {
        None => "now".to_owned(),
        Some(span) if away > TimeDelta::zero() => format!("in {span}"),
        Some(span) => format!("{span} ago"),
    }
}

/// A length of time in its largest sensible unit; none below half a minute.
#[must_use]
pub fn span(length: TimeDelta) -> Option<String> {
    let seconds = length.num_seconds().unsigned_abs();
    let minutes = seconds.saturating_add(30) / 60;
    Some(match minutes {
        0 => return None,
        1..=89 => format!("{minutes} min"),
        90..=2879 => format!("{} h", (minutes + 30) / 60),
        _ => format!("{} days", (minutes + 720) / 1440),
    })
}

/// A time to the minute, UTC: `2026-11-21 06:00`.
#[must_use]
pub fn minute(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M").to_string()
}

/// Text from elsewhere on one line, without what a terminal would obey.
#[must_use]
pub fn plain(text: &str) -> String {
    let shown = |c: char| if c.is_control() || is_bidi(c) { ' ' } else { c };
    text.chars().map(shown).collect()
}

/// Marks that turn the direction of what follows.
fn is_bidi(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    #[test]
    fn times_are_told_beside_the_present() {
        let now = Utc.with_ymd_and_hms(2026, 11, 21, 9, 0, 0).unwrap();
        for (seconds, words) in [
            (0, "now"),
            (-29, "now"),
            (31, "in 1 min"),
            (-540, "9 min ago"),
            (720, "in 12 min"),
            (-5_340, "89 min ago"),
            (5_400, "in 2 h"),
            (-172_770, "2 days ago"),
            (864_000, "in 10 days"),
        ] {
            let time = now + TimeDelta::seconds(seconds);
            assert_eq!(beside(time, now), words, "{seconds}");
        }
        assert!(beside(DateTime::<Utc>::MAX_UTC, DateTime::<Utc>::MIN_UTC).starts_with("in "));
    }

    #[test]
    fn a_name_cannot_command_a_terminal() {
        assert_eq!(plain("M\u{1b}[2J 31\n\u{202e}x\u{9b}"), "M [2J 31  x ");
        assert_eq!(plain("Sgr A*, 47 Tuc, é"), "Sgr A*, 47 Tuc, é");
    }
}
