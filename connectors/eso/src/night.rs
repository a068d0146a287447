//! Nights in Chile.

use std::fmt;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};

/// When one night ends and the next begins, UTC: about noon by the sun at all three sites (70° W),
/// where no telescope works. Independent of the longitude and of summer time, so that a night has
/// the same borders on every telescope and in every season.
const BORDER: NaiveTime = match NaiveTime::from_hms_opt(16, 0, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};

/// The same as a stretch of time.
const SINCE_MIDNIGHT: TimeDelta = TimeDelta::hours(16);

/// A night, from noon to noon, named by the date on which it begins (as astronomers and ESO do).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Night(NaiveDate);

impl Night {
    /// The night that holds this instant.
    pub(crate) fn of(at: DateTime<Utc>) -> Self {
        Night(
            at.checked_sub_signed(SINCE_MIDNIGHT)
                .unwrap_or(at)
                .date_naive(),
        )
    }

    /// Its first instant.
    pub(crate) fn start(self) -> DateTime<Utc> {
        self.0.and_time(BORDER).and_utc()
    }

    /// The first instant of the next night.
    pub(crate) fn end(self) -> DateTime<Utc> {
        self.next().start()
    }

    /// The night after it.
    pub(crate) fn next(self) -> Self {
        Night(self.0.succ_opt().unwrap_or(self.0))
    }

    /// The night so many nights before it.
    pub(crate) fn back(self, nights: u64) -> Self {
        Night(
            self.0
                .checked_sub_days(Days::new(nights))
                .unwrap_or(NaiveDate::MIN),
        )
    }

    /// The nights from this one to `last`, both included.
    pub(crate) fn through(self, last: Night) -> impl Iterator<Item = Night> {
        let mut next = (self <= last).then_some(self);
        std::iter::from_fn(move || {
            let night = next?;
            next = Some(night.next()).filter(|after| *after > night && *after <= last);
            Some(night)
        })
    }
}

impl fmt::Display for Night {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn at(day: u32, hour: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, day, hour, 0, 0).unwrap()
    }

    #[test]
    fn a_night_is_named_by_the_day_it_begins() {
        assert_eq!(Night::of(at(20, 23)).to_string(), "2026-11-20");
        assert_eq!(Night::of(at(21, 3)).to_string(), "2026-11-20");
        assert_eq!(Night::of(at(21, 15)).to_string(), "2026-11-20");
        assert_eq!(Night::of(at(21, 16)).to_string(), "2026-11-21");
    }

    #[test]
    fn nights_follow_each_other_without_a_gap() {
        let night = Night::of(at(21, 3));

        assert_eq!(night.start(), at(20, 16));
        assert_eq!(night.end(), at(21, 16));
        assert_eq!(night.back(3).through(night).count(), 4);
        assert_eq!(night.through(night.back(1)).count(), 0);
    }

    #[test]
    fn the_ends_of_the_calendar_are_no_trap() {
        let last = Night::of(DateTime::<Utc>::MAX_UTC);
        let first = Night::of(DateTime::<Utc>::MIN_UTC);

        assert_eq!(last.next().through(last.next()).count(), 1);
        assert_eq!(first.back(5), first.back(6));
    }
}
