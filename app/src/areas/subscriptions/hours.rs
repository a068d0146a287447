//! Hours in the user's time zone: when it is quiet, when a digest is due.

use chrono::{DateTime, Days, DurationRound, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::model::Quiet;

/// Longest gap a time zone may skip: an island that changed sides of the date line skipped a day.
const LONGEST_GAP: i64 = 48 * 60;

/// When the local clock shows `time` on `date`. A minute that does not exist means the next that
/// does; one that comes twice, the first.
fn instant(zone: Tz, date: NaiveDate, time: NaiveTime) -> Option<DateTime<Utc>> {
    let local = date.and_time(time);
    (0..=LONGEST_GAP).find_map(|later| {
        let local = local.checked_add_signed(TimeDelta::minutes(later))?;
        let found = zone.from_local_datetime(&local).earliest()?;
        Some(found.with_timezone(&Utc))
    })
}

/// When the quiet that lasts now ends; none when it is not quiet.
pub(super) fn quiet_ends(quiet: Quiet, zone: Tz, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let of_day = |minute: u16| {
        let seconds = u32::from(minute) * 60;
        NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0)
    };
    let (from, to) = (of_day(quiet.from)?, of_day(quiet.to)?);
    let today = now.with_timezone(&zone).date_naive();
    // The quiet that lasts now began yesterday or today.
    [today.checked_sub_days(Days::new(1))?, today]
        .into_iter()
        .find_map(|date| {
            let begins = instant(zone, date, from)?;
            let last = match to < from {
                true => date.checked_add_days(Days::new(1))?,
                false => date,
            };
            let ends = instant(zone, last, to)?;
            (begins <= now && now < ends).then_some(ends)
        })
}

/// When a digest is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rhythm {
    /// At every full hour, UTC.
    Hourly,
    /// At this local hour.
    Nightly {
        /// The hour, from 0.
        hour: u32,
        /// Where it is that hour.
        zone: Tz,
    },
}

/// One digest of a rhythm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    /// The UTC hour, or the local date: one digest each.
    pub(super) name: String,
    /// When it is due; what was told before belongs to it.
    pub(super) due: DateTime<Utc>,
}

impl Rhythm {
    /// The slot that was due last.
    pub(super) fn last(self, now: DateTime<Utc>) -> Option<Slot> {
        match self {
            Rhythm::Hourly => Some(hour(now.duration_trunc(TimeDelta::hours(1)).ok()?)),
            Rhythm::Nightly { .. } => {
                let mut slots = self.around(now)?.into_iter().rev();
                slots.find(|slot| slot.due <= now)
            }
        }
    }

    /// The slot that is due next.
    pub(super) fn next(self, now: DateTime<Utc>) -> Option<Slot> {
        match self {
            Rhythm::Hourly => {
                let this = now.duration_trunc(TimeDelta::hours(1)).ok()?;
                Some(hour(this.checked_add_signed(TimeDelta::hours(1))?))
            }
            Rhythm::Nightly { .. } => {
                let mut slots = self.around(now)?.into_iter();
                slots.find(|slot| slot.due > now)
            }
        }
    }

    /// The nightly slots of the local dates around today, in their order.
    fn around(self, now: DateTime<Utc>) -> Option<Vec<Slot>> {
        let Rhythm::Nightly { hour, zone } = self else {
            return None;
        };
        let today = now.with_timezone(&zone).date_naive();
        let time = NaiveTime::from_hms_opt(hour, 0, 0)?;
        let first = today.checked_sub_days(Days::new(3))?;
        let slot = |date: NaiveDate| {
            let due = instant(zone, date, time)?;
            let name = date.to_string();
            Some(Slot { name, due })
        };
        Some(first.iter_days().take(7).filter_map(slot).collect())
    }
}

fn hour(due: DateTime<Utc>) -> Slot {
    Slot {
        name: due.format("%Y-%m-%dT%H").to_string(),
        due,
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::America::Santiago;
    use chrono_tz::Europe::{Berlin, London};
    use chrono_tz::Pacific::Apia;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn nightly(zone: Tz, hour: u32) -> Rhythm {
        Rhythm::Nightly { hour, zone }
    }

    #[test]
    fn a_quiet_night_ends_in_the_morning_of_the_user() {
        let quiet = Quiet {
            from: 22 * 60,
            to: 7 * 60,
        };
        for (now, ends) in [
            ("2026-11-21T20:59:59Z", None),
            ("2026-11-21T21:00:00Z", Some("2026-11-22T06:00:00Z")),
            ("2026-11-22T05:59:59Z", Some("2026-11-22T06:00:00Z")),
            ("2026-11-22T06:00:00Z", None),
        ] {
            assert_eq!(quiet_ends(quiet, Berlin, at(now)), ends.map(at), "{now}");
        }
    }

    #[test]
    fn a_quiet_noon_does_not_reach_over_midnight() {
        let quiet = Quiet {
            from: 12 * 60,
            to: 13 * 60 + 30,
        };
        let noon = at("2026-07-01T11:30:00Z");
        assert_eq!(
            quiet_ends(quiet, London, noon),
            Some(at("2026-07-01T12:30:00Z"))
        );
        assert_eq!(quiet_ends(quiet, London, at("2026-07-01T23:30:00Z")), None);
    }

    #[test]
    fn an_hourly_digest_has_the_name_of_its_utc_hour() {
        let slot = |name: &str, due: &str| Slot {
            name: name.to_owned(),
            due: at(due),
        };
        let now = at("2026-11-21T06:59:59.5Z");
        let (last, next) = (Rhythm::Hourly.last(now), Rhythm::Hourly.next(now));
        assert_eq!(last, Some(slot("2026-11-21T06", "2026-11-21T06:00:00Z")));
        assert_eq!(next, Some(slot("2026-11-21T07", "2026-11-21T07:00:00Z")));
    }

    #[test]
    fn a_nightly_digest_has_the_name_of_its_local_date() {
        let rhythm = nightly(Santiago, 8);
        let slot = rhythm.last(at("2026-11-21T11:00:00Z")).unwrap();
        assert_eq!(
            (slot.name.as_str(), slot.due),
            ("2026-11-21", at("2026-11-21T11:00:00Z"))
        );
        let before = rhythm.last(at("2026-11-21T10:59:59Z")).unwrap();
        assert_eq!(before.name, "2026-11-20");
        let next = rhythm.next(at("2026-11-21T11:00:00Z")).unwrap();
        assert_eq!(next.name, "2026-11-22");
    }

    #[test]
    fn an_hour_that_does_not_exist_means_the_next_minute_that_does() {
        let slot = nightly(Berlin, 2).last(at("2027-03-28T12:00:00Z")).unwrap();
        assert_eq!(
            (slot.name.as_str(), slot.due),
            ("2027-03-28", at("2027-03-28T01:00:00Z"))
        );
    }

    #[test]
    fn an_hour_that_comes_twice_means_the_first() {
        let slot = nightly(Berlin, 2).last(at("2026-10-25T12:00:00Z")).unwrap();
        assert_eq!(
            (slot.name.as_str(), slot.due),
            ("2026-10-25", at("2026-10-25T00:00:00Z"))
        );
        let next = nightly(Berlin, 2).next(at("2026-10-25T00:00:00Z")).unwrap();
        assert_eq!(next.name, "2026-10-26");
    }

    #[test]
    fn a_day_that_was_skipped_has_its_digest_as_the_next_begins() {
        let slots = nightly(Apia, 8).around(at("2011-12-30T12:00:00Z")).unwrap();
        let of = |name: &str| slots.iter().find(|slot| slot.name == name).unwrap().due;
        assert_eq!(of("2011-12-30"), at("2011-12-30T10:00:00Z"));
        assert_eq!(of("2011-12-31"), at("2011-12-30T18:00:00Z"));
    }
}
