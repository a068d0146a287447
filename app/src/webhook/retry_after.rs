//! `Retry-After`: when an endpoint wants to be asked again.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};

/// The longest wait an endpoint can ask for.
pub const LONGEST_WAIT: Duration = Duration::from_secs(12 * 60 * 60);

/// Reads the field's value, seconds or a date in any of the three forms of HTTP: how long to wait
/// from now on, at most [`LONGEST_WAIT`]. None when it is neither.
pub(super) fn read(value: &str, now: DateTime<Utc>) -> Option<Duration> {
    let value = value.trim();
    let wait = if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit mean the longest wait as well.
        Duration::from_secs(value.parse().unwrap_or(u64::MAX))
    } else {
        let then = httpdate::parse_http_date(value).ok()?;
        // A time that is over means now.
        then.duration_since(SystemTime::from(now))
            .unwrap_or_default()
    };
    Some(wait.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    #[test]
    fn seconds_and_dates_are_understood_and_capped() {
        let now = Utc.with_ymd_and_hms(2026, 11, 21, 6, 0, 0).unwrap();
        for (value, seconds) in [
            ("0", Some(0)),
            (" 120 ", Some(120)),
            ("43200", Some(43_200)),
            ("999999", Some(43_200)),
            ("99999999999999999999999999", Some(43_200)),
            ("Sat, 21 Nov 2026 06:05:00 GMT", Some(300)),
            ("Saturday, 21-Nov-26 06:05:00 GMT", Some(300)),
            ("Sat Nov 21 06:05:00 2026", Some(300)),
            ("Sat, 21 Nov 2026 05:00:00 GMT", Some(0)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(43_200)),
            ("", None),
            ("-1", None),
            ("soon", None),
            ("1.5", None),
        ] {
            assert_eq!(
                read(value, now),
                seconds.map(Duration::from_secs),
                "{value}"
            );
        }
    }
}
