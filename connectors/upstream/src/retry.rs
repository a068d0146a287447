//! What went wrong with one try, and when to try again.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use http::HeaderMap;
use http::header::RETRY_AFTER;
use rand::Rng;

use crate::{Answer, Error};

/// The longest wait believed: a longer one is a mistake of the upstream.
const DAY: Duration = Duration::from_secs(86_400);

/// The longest back-off.
const CEILING: Duration = Duration::from_secs(30);

/// One try that failed.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What to say if it stays like this.
    pub(crate) error: Error,
    /// Another try may go better.
    pub(crate) again: bool,
    /// How long the upstream asks to wait.
    pub(crate) wait: Option<Duration>,
    /// What it answered, for those who want to read errors.
    pub(crate) answer: Option<Box<Answer>>,
}

impl Failure {
    /// Asking again changes nothing.
    pub(crate) fn last(error: Error) -> Self {
        Failure {
            error,
            again: false,
            wait: None,
            answer: None,
        }
    }

    /// Asking again may help.
    pub(crate) fn passing(error: Error) -> Self {
        Failure {
            again: true,
            ..Failure::last(error)
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for Failure {}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let text = with_causes(&error);
        if error.is_redirect() || error.is_builder() {
            Failure::last(Error::Unreadable(text))
        } else if error.is_timeout() && !error.is_connect() {
            // It had its two minutes; three more tries would hold up everybody behind us.
            Failure::last(Error::Unreachable(text))
        } else {
            Failure::passing(Error::Unreachable(text))
        }
    }
}

impl From<reqwest_middleware::Error> for Failure {
    fn from(error: reqwest_middleware::Error) -> Self {
        match error {
            reqwest_middleware::Error::Reqwest(error) => error.into(),
            reqwest_middleware::Error::Middleware(error) => match error.downcast::<Failure>() {
                Ok(failure) => failure,
                Err(error) => Failure::last(Error::Unreachable(error.to_string())),
            },
        }
    }
}

/// An error with its causes: reqwest's own words ("error sending request") say nothing.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    for _ in 0..6 {
        let Some(inner) = cause else { break };
        let words = inner.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        cause = inner.source();
    }
    text
}

/// How long `Retry-After` asks to wait, in seconds or until a date; at most a day.
pub(crate) fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match text.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let until = DateTime::parse_from_rfc2822(text).ok()?;
            let wait = until.to_utc().signed_duration_since(now);
            wait.to_std().unwrap_or(Duration::ZERO)
        }
    };
    Some(wait.min(DAY))
}

/// The wait after `tried` tries: 1, 2, 4 … s, at most 30 s, of which a random half to whole is
/// spent, so that many hubs do not come back at once.
pub(crate) fn back_off(tried: u32) -> Duration {
    let full = Duration::from_secs(1)
        .saturating_mul(2_u32.saturating_pow(tried.saturating_sub(1)))
        .min(CEILING);
    full.mul_f64(rand::rng().random_range(0.5..=1.0))
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use http::HeaderValue;

    use super::*;

    fn asked(text: &'static str) -> Option<Duration> {
        let now = Utc.with_ymd_and_hms(2026, 11, 21, 9, 0, 0).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_static(text));
        retry_after(&headers, now)
    }

    #[test]
    fn a_wait_comes_in_seconds_or_as_a_date() {
        assert_eq!(asked("120"), Some(Duration::from_secs(120)));
        assert_eq!(
            asked("Sat, 21 Nov 2026 09:01:30 GMT"),
            Some(Duration::from_secs(90))
        );
    }

    #[test]
    fn a_date_gone_by_is_no_wait_and_nonsense_is_none() {
        assert_eq!(asked("Sat, 21 Nov 2026 08:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(asked("soon"), None);
        assert_eq!(asked("-5"), None);
    }

    #[test]
    fn nobody_waits_longer_than_a_day() {
        assert_eq!(asked("18446744073709551615"), Some(DAY));
    }

    #[test]
    fn back_offs_double_up_to_a_ceiling() {
        for (tried, full) in [(1, 1.0), (2, 2.0), (3, 4.0), (6, 30.0), (u32::MAX, 30.0)] {
            let wait = back_off(tried).as_secs_f64();
            assert!((full / 2.0..=full).contains(&wait), "{tried}: {wait}");
        }
    }
}
