//! Times as readers of mails meet them: UTC first, then their own.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::words;

/// `06:00 UTC on 21 Nov 2026`.
pub(super) fn told(time: DateTime<Utc>) -> String {
    time.format("%H:%M UTC on %-d %b %Y").to_string()
}

/// `21 Nov, 06:00 UTC`, for subjects.
pub(super) fn short(time: DateTime<Utc>) -> String {
    time.format("%-d %b, %H:%M UTC").to_string()
}

/// `20 Nov 2026`.
pub(super) fn day(time: DateTime<Utc>) -> String {
    time.format("%-d %b %Y").to_string()
}

/// `06:00 UTC`, with the day where that is another one than `than`'s.
pub(super) fn clock(time: DateTime<Utc>, than: DateTime<Utc>) -> String {
    if time.date_naive() == than.date_naive() {
        return time.format("%H:%M UTC").to_string();
    }
    told(time)
}

/// A time in two lines, UTC and the reader's zone, or in one where they are the same.
pub(super) fn lines(time: DateTime<Utc>, zone: Tz) -> Vec<String> {
    let mut lines = vec![time.format("%a %-d %b %Y, %H:%M UTC").to_string()];
    if zone != Tz::UTC && zone != Tz::Etc__UTC {
        let own = time.with_timezone(&zone);
        let hand = own.format("%Z").to_string();
        // Zones without letters of their own are called by their distance.
        let hand = match hand.starts_with(['+', '-']) {
            true => format!("UTC{hand}"),
            false => hand,
        };
        lines.push(format!(
            "{} {hand} ({zone})",
            own.format("%a %-d %b %Y, %H:%M")
        ));
    }
    lines
}

/// How much later: `9 min later`, `at once`.
pub(super) fn later(from: DateTime<Utc>, to: DateTime<Utc>) -> String {
    let delay = to.signed_duration_since(from).max(TimeDelta::zero());
    match words::span(delay) {
        Some(span) => format!("{span} later"),
        None => "at once".to_owned(),
    }
}
