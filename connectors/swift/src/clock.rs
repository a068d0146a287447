//! The spacecraft clock, and what makes UTC of it.
//!
//! Plan and as-flown log are written in spacecraft time: UTC = spacecraft time + UTCF, a correction
//! of some minus thirty seconds that holds leap seconds and drift. Spacecraft times are
//! `NaiveDateTime` throughout this crate, so that they cannot be taken for UTC.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, SubsecRound, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use upstream::{Cursor, Error, Result};

use crate::answer;

/// What a spacecraft time taken as UTC may be wrong by, seconds.
const UNCORRECTED: f64 = 30.0;
/// No correction is larger than this, seconds: anything else is a damaged answer.
const LARGEST: f64 = 600.0;
/// The correction drifts by milliseconds a day. A plan has whole seconds, so a new value within
/// this of the one in use is not taken over: a plan that stands still must not seem to move.
const DRIFT: f64 = 0.5;

/// How spacecraft time becomes UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct SpacecraftClock {
    /// Seconds to add; none when we could not learn it.
    pub(crate) utcf: Option<f64>,
}

impl SpacecraftClock {
    /// The time in UTC, to the microsecond; as given when the correction is not known.
    pub(crate) fn utc(self, spacecraft: NaiveDateTime) -> DateTime<Utc> {
        let correction = self.utcf.map_or(TimeDelta::zero(), |s| {
            TimeDelta::microseconds((s * 1e6).round() as i64)
        });
        spacecraft
            .checked_add_signed(correction)
            .unwrap_or(spacecraft)
            .and_utc()
            .trunc_subsecs(6)
    }

    /// What the times may be wrong by, seconds; none once they are corrected.
    pub(crate) fn uncertainty(self) -> Option<f64> {
        self.utcf.is_none().then_some(UNCORRECTED)
    }
}

/// What is kept from one harvest to the next.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// The correction in use, seconds.
    pub(crate) utcf: f64,
    /// The day it was asked for, UTC.
    pub(crate) asked: NaiveDate,
}

impl Kept {
    /// Reads the cursor; one we do not understand is none.
    pub(crate) fn of(cursor: Option<&Cursor>) -> Option<Self> {
        let kept: Kept = serde_json::from_str(&cursor?.0).ok()?;
        (kept.utcf.abs() < LARGEST).then_some(kept)
    }

    /// The cursor that says this.
    pub(crate) fn cursor(self) -> Option<Cursor> {
        serde_json::to_string(&self).ok().map(Cursor)
    }

    /// What to keep after the upstream said `fresh` on the day `asked`.
    pub(crate) fn renewed(kept: Option<Self>, fresh: f64, asked: NaiveDate) -> Self {
        let utcf = match kept {
            Some(kept) if (kept.utcf - fresh).abs() <= DRIFT => kept.utcf,
            _ => fresh,
        };
        Kept { utcf, asked }
    }
}

/// Reads the answer of `/swift/clock`: the correction, seconds.
///
/// # Errors
/// `Unreadable` when it is another answer, or says something impossible.
pub(crate) fn read(body: &[u8]) -> Result<f64> {
    let unreadable = |why: &str| Error::Unreadable(format!("clock: {why}"));
    let answer: Value =
        serde_json::from_slice(body).map_err(|e| unreadable(&format!("not JSON: {e}")))?;
    if let Some(why) = answer.get("status").and_then(answer::refused) {
        return Err(unreadable(&why));
    }
    answer
        .pointer("/entries/0/utcf")
        .or_else(|| answer.get("utcf"))
        .and_then(Value::as_f64)
        .filter(|utcf| utcf.abs() < LARGEST)
        .ok_or_else(|| unreadable("expected a correction `utcf` of some seconds"))
}

/// Reads a spacecraft time: `2022-09-24T10:12:00`, with a blank for the `T` or a fraction, or the
/// clock's own count (`{"met": …}`, seconds since 2001). Blank and null are none.
pub(crate) fn instant(value: Option<&Value>) -> Result<Option<NaiveDateTime>, String> {
    let time = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => match text.trim() {
            "" | "None" => return Ok(None),
            text => written(text),
        },
        Some(Value::Object(counted)) => counted.get("met").and_then(Value::as_f64).and_then(of_met),
        Some(_) => None,
    };
    let time = time.ok_or("is no spacecraft time (2022-09-24T10:12:00)")?;
    if !(1990..=2100).contains(&time.year()) {
        return Err("lies outside the years 1990 to 2100".to_owned());
    }
    Ok(Some(time.trunc_subsecs(6)))
}

fn written(text: &str) -> Option<NaiveDateTime> {
    if text.len() > 40 {
        return None;
    }
    NaiveDateTime::parse_from_str(&text.replacen(' ', "T", 1), "%Y-%m-%dT%H:%M:%S%.f").ok()
}

fn of_met(met: f64) -> Option<NaiveDateTime> {
    if !met.is_finite() || met.abs() > 1e10 {
        return None;
    }
    NaiveDate::from_ymd_opt(2001, 1, 1)?
        .and_hms_opt(0, 0, 0)?
        .checked_add_signed(TimeDelta::microseconds((met * 1e6).round() as i64))
}
