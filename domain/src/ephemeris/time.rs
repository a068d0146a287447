//! The time scales positions and the Earth's rotation need.

use chrono::{DateTime, Utc};

/// Seconds of TT − TAI.
const TT_MINUS_TAI: f64 = 32.184;

/// TAI − UTC, from the second (since 1970, UTC) on which it holds. IERS Bulletin C; none has been
/// announced after 2017.
const LEAP_SECONDS: &[(i64, f64)] = &[
    (63_072_000, 10.0),    // 1972-01-01
    (78_796_800, 11.0),    // 1972-07-01
    (94_694_400, 12.0),    // 1973-01-01
    (126_230_400, 13.0),   // 1974-01-01
    (157_766_400, 14.0),   // 1975-01-01
    (189_302_400, 15.0),   // 1976-01-01
    (220_924_800, 16.0),   // 1977-01-01
    (252_460_800, 17.0),   // 1978-01-01
    (283_996_800, 18.0),   // 1979-01-01
    (315_532_800, 19.0),   // 1980-01-01
    (362_793_600, 20.0),   // 1981-07-01
    (394_329_600, 21.0),   // 1982-07-01
    (425_865_600, 22.0),   // 1983-07-01
    (489_024_000, 23.0),   // 1985-07-01
    (567_993_600, 24.0),   // 1988-01-01
    (631_152_000, 25.0),   // 1990-01-01
    (662_688_000, 26.0),   // 1991-01-01
    (709_948_800, 27.0),   // 1992-07-01
    (741_484_800, 28.0),   // 1993-07-01
    (773_020_800, 29.0),   // 1994-07-01
    (820_454_400, 30.0),   // 1996-01-01
    (867_715_200, 31.0),   // 1997-07-01
    (915_148_800, 32.0),   // 1999-01-01
    (1_136_073_600, 33.0), // 2006-01-01
    (1_230_768_000, 34.0), // 2009-01-01
    (1_341_100_800, 35.0), // 2012-07-01
    (1_435_708_800, 36.0), // 2015-07-01
    (1_483_228_800, 37.0), // 2017-01-01
];

/// The Julian day, UTC. To some 40 µs, the grain of a double.
pub(super) fn julian_day_utc(t: DateTime<Utc>) -> f64 {
    let seconds = t.timestamp() as f64 + f64::from(t.timestamp_subsec_micros()) / 1e6;
    2_440_587.5 + seconds / 86_400.0
}

/// The Julian day, TT, that positions are computed for.
pub(super) fn julian_day_tt(t: DateTime<Utc>) -> f64 {
    julian_day_utc(t) + tt_minus_utc(t) / 86_400.0
}

/// TT − UTC, seconds. Before 1972, when UTC had no whole leap seconds, that of 1972.
pub(super) fn tt_minus_utc(t: DateTime<Utc>) -> f64 {
    let passed = LEAP_SECONDS.partition_point(|(from, _)| *from <= t.timestamp());
    let (_, tai_minus_utc) = LEAP_SECONDS[passed.saturating_sub(1)];
    tai_minus_utc + TT_MINUS_TAI
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    fn day(year: i32, month: u32) -> DateTime<Utc> {
        let date = NaiveDate::from_ymd_opt(year, month, 1).unwrap();
        date.and_hms_opt(0, 0, 0).unwrap().and_utc()
    }

    #[test]
    fn terrestrial_time_follows_the_leap_seconds() {
        for (year, month, expected) in [
            (1960, 1, 42.184),
            (1972, 1, 42.184),
            (1972, 7, 43.184),
            (1999, 1, 64.184),
            (2016, 12, 68.184),
            (2017, 1, 69.184),
            (2026, 11, 69.184),
        ] {
            let found = tt_minus_utc(day(year, month));
            assert!((found - expected).abs() < 1e-9, "{year}-{month}: {found}");
        }
    }

    #[test]
    fn a_leap_second_comes_only_at_the_start_of_january_or_july() {
        use chrono::Datelike;
        for (from, _) in LEAP_SECONDS {
            let at = DateTime::from_timestamp(*from, 0).unwrap();
            assert!(
                at.day() == 1 && (at.month() == 1 || at.month() == 7),
                "{at}"
            );
        }
        assert!(LEAP_SECONDS.is_sorted());
    }

    #[test]
    fn the_julian_day_of_the_epoch_is_that_of_the_books() {
        let noon = day(2000, 1) + chrono::TimeDelta::hours(12);
        assert_eq!(julian_day_utc(noon), 2_451_545.0);
    }
}
