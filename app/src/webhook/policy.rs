//! When an endpoint that fails is given up.

use chrono::{DateTime, TimeDelta, Utc};

use super::answer::{Answer, WebhookError};

/// How long an endpoint may fail, without one success between, before it is switched off.
pub const PATIENCE: TimeDelta = TimeDelta::days(5);

/// Where an endpoint stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// The last delivery succeeded.
    Works,
    /// Deliveries fail.
    Fails {
        /// Since when every one did.
        since: DateTime<Utc>,
    },
    /// To be switched off, and its owner told.
    Off {
        /// Since when every delivery failed.
        since: DateTime<Utc>,
        /// The last failure, for its owner to read.
        why: String,
    },
}

/// Where an endpoint stands after a delivery. It was failing since `failing_since`, or working.
/// One that answers 410 is off at once; any other after failing for [`PATIENCE`].
#[must_use]
pub fn after(
    failing_since: Option<DateTime<Utc>>,
    outcome: &Result<Answer, WebhookError>,
    now: DateTime<Utc>,
) -> Endpoint {
    let Err(error) = outcome else {
        return Endpoint::Works;
    };
    let since = failing_since.unwrap_or(now);
    let spent = now.signed_duration_since(since) >= PATIENCE;
    if spent || matches!(error, WebhookError::Gone(_)) {
        let why = error.to_string();
        return Endpoint::Off { since, why };
    }
    Endpoint::Fails { since }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn now() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 21, 6, 0, 0).unwrap()
    }

    fn failed() -> WebhookError {
        WebhookError::Later {
            why: "the endpoint answered 503 Service Unavailable".to_owned(),
            answer: None,
            retry_after: None,
        }
    }

    #[test]
    fn an_endpoint_is_off_after_failing_for_five_days_on_end() {
        let outcome = Err(failed());
        assert_eq!(
            after(None, &outcome, now()),
            Endpoint::Fails { since: now() }
        );
        let almost = now() - PATIENCE + TimeDelta::seconds(1);
        assert_eq!(
            after(Some(almost), &outcome, now()),
            Endpoint::Fails { since: almost }
        );
        let since = now() - PATIENCE;
        let why = "the endpoint answered 503 Service Unavailable".to_owned();
        assert_eq!(
            after(Some(since), &outcome, now()),
            Endpoint::Off { since, why }
        );
    }

    #[test]
    fn one_success_forgives_everything_before() {
        let answer = Ok(Answer::new(204, Vec::new()));
        let long_ago = now() - TimeDelta::days(30);
        assert_eq!(after(Some(long_ago), &answer, now()), Endpoint::Works);
    }

    #[test]
    fn an_endpoint_that_is_gone_is_off_at_once() {
        let gone = Err(WebhookError::Gone(Answer::new(410, Vec::new())));
        assert!(matches!(after(None, &gone, now()), Endpoint::Off { since, .. } if since == now()));
    }
}
