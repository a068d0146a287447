//! Foreign units into ours.

use chrono::{DateTime, TimeDelta, Utc};

/// MJD of 1970-01-01.
const EPOCH: f64 = 40_587.0;

/// Milliseconds of a day.
const DAY: f64 = 86_400_000.0;

/// A Modified Julian Date (UTC) as an instant, to the millisecond (archives round MJD to about a
/// second). Nothing for what no telescope can mean: not a number, or outside the years 1950 to 2149.
#[must_use]
pub fn mjd_to_utc(mjd: f64) -> Option<DateTime<Utc>> {
    if !(33_282.0..106_000.0).contains(&mjd) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "checked above: below 2^43")]
    let millis = ((mjd - EPOCH) * DAY).round() as i64;
    DateTime::<Utc>::UNIX_EPOCH.checked_add_signed(TimeDelta::try_milliseconds(millis)?)
}

/// An instant as a Modified Julian Date (UTC).
#[must_use]
pub fn utc_to_mjd(at: DateTime<Utc>) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds of any calendar date fit"
    )]
    let millis = at.timestamp_millis() as f64;
    EPOCH + millis / DAY
}

/// Nanometres in metres. Nothing for what is no wavelength: zero (some archives' "unknown"),
/// negative, not finite.
#[must_use]
pub fn nm_to_m(nm: f64) -> Option<f64> {
    (nm.is_finite() && nm > 0.0).then_some(nm / 1e9)
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    #[test]
    fn an_mjd_is_an_instant_and_back() {
        let at = Utc.with_ymd_and_hms(2025, 8, 4, 12, 0, 0).unwrap();

        assert_eq!(mjd_to_utc(60_891.5), Some(at));
        assert_eq!(utc_to_mjd(at), 60_891.5);
    }

    #[test]
    fn absurd_dates_are_none() {
        for mjd in [0.0, -1.0, 1e300, f64::NAN, f64::INFINITY, 2_460_000.5] {
            assert_eq!(mjd_to_utc(mjd), None, "{mjd}");
        }
    }

    #[test]
    fn nanometres_become_metres_without_a_tail() {
        assert_eq!(nm_to_m(600.0), Some(6e-7));
        assert_eq!(nm_to_m(0.0), None);
        assert_eq!(nm_to_m(f64::NAN), None);
    }
}
