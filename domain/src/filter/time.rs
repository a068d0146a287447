//! Times of the filter: fixed, or counted from the moment of asking.

use std::fmt;

use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat, TimeDelta, Utc};

/// A time, to the microsecond (what both databases keep).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TimeSpec {
    /// This one.
    At(DateTime<Utc>),
    /// That many seconds after now; negative before.
    Now(i64),
}

impl TimeSpec {
    /// What the filter takes for a time.
    pub(super) const TAKES: &'static str = "a UTC time (2026-11-20T18:00:00Z), a date (2026-11-20, its 00:00 UTC), now, now-2h, now+30m or now-1d";

    /// Reads a time. A blank stands where a query string lost its `+`.
    pub(super) fn parse(written: &str) -> Option<Self> {
        let written = written.trim();
        if let Some(offset) = strip_now(written) {
            return seconds(offset).map(TimeSpec::Now);
        }
        fixed(written).and_then(storable).map(TimeSpec::At)
    }

    /// The time it means when asked at `now`, within the years 1 to 9999.
    #[must_use]
    pub fn resolve(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            TimeSpec::At(time) => *time,
            TimeSpec::Now(seconds) => {
                let end = if *seconds < 0 { first() } else { last() };
                TimeDelta::try_seconds(*seconds)
                    .and_then(|by| now.checked_add_signed(by))
                    .unwrap_or(end)
                    .clamp(first(), last())
            }
        }
    }

    /// Whether it depends on the time of asking.
    #[must_use]
    pub fn is_relative(&self) -> bool {
        matches!(self, TimeSpec::Now(_))
    }
}

/// As the filter takes it.
impl fmt::Display for TimeSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TimeSpec::At(time) => f.write_str(&time.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
            TimeSpec::Now(0) => f.write_str("now"),
            TimeSpec::Now(seconds) => write!(f, "now{seconds:+}s"),
        }
    }
}

fn first() -> DateTime<Utc> {
    DateTime::from_timestamp_secs(-62_135_596_800).unwrap_or(DateTime::UNIX_EPOCH)
}

fn last() -> DateTime<Utc> {
    DateTime::from_timestamp_micros(253_402_300_799_999_999).unwrap_or(DateTime::UNIX_EPOCH)
}

/// To the microsecond and within the years the databases order as text and as time alike.
fn storable(time: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let micros = DateTime::from_timestamp_micros(time.timestamp_micros())?;
    (first()..=last()).contains(&micros).then_some(micros)
}

fn strip_now(written: &str) -> Option<&str> {
    let head = written.get(..3)?;
    head.eq_ignore_ascii_case("now")
        .then(|| written.get(3..))
        .flatten()
}

fn seconds(offset: &str) -> Option<i64> {
    if offset.is_empty() {
        return Some(0);
    }
    let (sign, amount) = match offset.chars().next()? {
        '-' => (-1, offset.strip_prefix('-')?),
        '+' => (1, offset.strip_prefix('+')?),
        ' ' => (1, offset.trim_start()),
        _ => return None,
    };
    let unit = amount.chars().last()?;
    let amount = amount.strip_suffix(unit)?;
    if amount.is_empty() || amount.len() > 9 || !amount.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let length: i64 = match unit.to_ascii_lowercase() {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return None,
    };
    amount
        .parse::<i64>()
        .ok()?
        .checked_mul(length)?
        .checked_mul(sign)
}

fn fixed(written: &str) -> Option<DateTime<Utc>> {
    if let Ok(date) = NaiveDate::parse_from_str(written, "%Y-%m-%d") {
        return Some(date.and_hms_opt(0, 0, 0)?.and_utc());
    }
    let mut written = written.to_owned();
    if written.is_ascii() {
        // `2026-11-20 18:00` has a blank before its time, `…T18:00:00 02:00` instead of a sign.
        if let Some((date, time)) = written.split_once(' ') {
            let between = if date.contains(['T', 't']) { '+' } else { 'T' };
            written = format!("{date}{between}{}", time.replacen(' ', "+", 1));
        }
    }
    if let Ok(time) = DateTime::parse_from_rfc3339(&written) {
        return Some(time.with_timezone(&Utc));
    }
    if let Ok(time) = DateTime::parse_from_str(&written, "%Y-%m-%dT%H:%M%:z") {
        return Some(time.with_timezone(&Utc));
    }
    let plain = written.strip_suffix(['Z', 'z']).unwrap_or(&written);
    ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(plain, format).ok())
        .map(|time| time.and_utc())
}
