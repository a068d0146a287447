//! How the API is asked.

use chrono::{DateTime, DurationRound, NaiveDateTime, TimeDelta, Utc};
use serde_json::Value;
use upstream::{Answer, Ask, Error, Result, Upstream};

use crate::answer;

/// Version 2 of the API; read-only calls need no login.
const BASE: &str = "https://www.swift.psu.edu/api/v2/swift";
/// How far back and ahead a harvest looks, days. Plans reach a day or two.
const BACK: i64 = 2;
const AHEAD: i64 = 4;
/// Whether a query's borders mean UTC or spacecraft time is not said: both are within this.
const BORDER: TimeDelta = TimeDelta::minutes(1);
/// How old the requests are that are joined, days.
const REQUESTS: i64 = 30;

/// The stretches one harvest asks for, to the minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    /// First instant of both lists.
    pub(crate) from: DateTime<Utc>,
    /// First instant no longer in the plan asked for.
    pub(crate) plan_to: DateTime<Utc>,
    /// First instant no longer in the log asked for.
    pub(crate) flown_to: DateTime<Utc>,
}

impl Stretch {
    /// The news, or the window somebody asked for.
    pub(crate) fn of(ask: &Ask) -> Self {
        let now = minute(ask.now);
        match &ask.window {
            Some(window) => {
                let to = minute(window.to);
                Stretch {
                    from: minute(window.from),
                    plan_to: to,
                    flown_to: to.min(now),
                }
            }
            None => Stretch {
                from: days(now, -BACK),
                plan_to: days(now, AHEAD),
                flown_to: now,
            },
        }
    }

    /// From here on both lists hold whatever begins, in spacecraft time.
    pub(crate) fn surely_from(self) -> NaiveDateTime {
        let from = self.from.naive_utc();
        from.checked_add_signed(BORDER).unwrap_or(from)
    }

    /// Up to here the plan holds whatever begins.
    pub(crate) fn plan_surely_to(self) -> DateTime<Utc> {
        self.plan_to
            .checked_sub_signed(BORDER)
            .unwrap_or(self.plan_to)
    }

    /// Whether any of it can have been flown yet.
    pub(crate) fn has_past(self) -> bool {
        self.from < self.flown_to
    }
}

fn minute(at: DateTime<Utc>) -> DateTime<Utc> {
    at.duration_trunc(TimeDelta::minutes(1)).unwrap_or(at)
}

fn days(at: DateTime<Utc>, days: i64) -> DateTime<Utc> {
    at.checked_add_signed(TimeDelta::days(days)).unwrap_or(at)
}

fn written(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S").to_string()
}

/// The plan.
pub(crate) async fn plan(upstream: &Upstream, stretch: Stretch) -> Result<Answer> {
    let (begin, end) = (written(stretch.from), written(stretch.plan_to));
    get(upstream, "planquery", &[("begin", &begin), ("end", &end)]).await
}

/// The as-flown log.
pub(crate) async fn flown(upstream: &Upstream, stretch: Stretch) -> Result<Answer> {
    let (begin, end) = (written(stretch.from), written(stretch.flown_to));
    get(upstream, "obsquery", &[("begin", &begin), ("end", &end)]).await
}

/// What makes UTC of the spacecraft clock at that time.
pub(crate) async fn clock(upstream: &Upstream, at: DateTime<Utc>) -> Result<Answer> {
    get(upstream, "clock", &[("utctime", &written(minute(at)))]).await
}

/// The requests of the weeks before. From midnight, so that the same question is asked all day.
pub(crate) async fn requests(upstream: &Upstream, by: DateTime<Utc>) -> Result<Answer> {
    let midnight = by.duration_trunc(TimeDelta::days(1)).unwrap_or(by);
    let begin = written(days(midnight, -REQUESTS));
    let length = (REQUESTS + 1).to_string();
    get(
        upstream,
        "too",
        &[("begin", &begin), ("length", &length), ("detail", "false")],
    )
    .await
}

/// Asks, and makes an error of a refusal that says its reason.
async fn get(upstream: &Upstream, call: &str, query: &[(&str, &str)]) -> Result<Answer> {
    let answer = upstream.get_any(&format!("{BASE}/{call}"), query).await?;
    match answer.status {
        200..=299 => Ok(answer),
        429 => Err(Error::Busy(std::time::Duration::from_secs(300))),
        500.. => Err(Error::Unreachable(format!(
            "{call}: status {}",
            answer.status
        ))),
        status => Err(Error::Unreadable(format!(
            "{call}: {}",
            refusal(status, &answer.body)
        ))),
    }
}

/// Why a query was refused, in the upstream's words where it has any.
pub(crate) fn refusal(status: u16, body: &[u8]) -> String {
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    let reason = match (said.get("detail"), said.get("status")) {
        (Some(detail), _) => Some(answer::complaint(detail)),
        (None, Some(state)) => answer::refused(state),
        (None, None) => None,
    };
    let reason = reason.map(|why| format!(": {why}")).unwrap_or_default();
    match status {
        401 | 403 => format!("the anonymous login was refused ({status}){reason}"),
        _ => format!("the query was refused ({status}){reason}"),
    }
}

/// Puts the name of the call before what is wrong with its answer.
pub(crate) fn named(call: &str, error: Error) -> Error {
    match error {
        Error::Unreadable(why) => Error::Unreadable(format!("{call}: {why}")),
        other => other,
    }
}
