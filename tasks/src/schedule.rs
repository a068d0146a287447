//! When recurring jobs are queued.
//!
//! Ticks are instants of the wall clock that every process computes alike, so the tick itself is
//! the key that makes one job of it. What was missed while nobody ran is not replayed: a harvest
//! asks for the news since its cursor, not for the last five minutes.

use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};

/// The instants at which a recurring job is queued.
#[derive(Clone, Debug)]
pub struct Schedule {
    rhythm: Rhythm,
    catches_up: bool,
}

#[derive(Clone, Debug)]
enum Rhythm {
    /// Seconds between ticks, and of the first one after 1970.
    Every {
        period: i64,
        phase: i64,
    },
    Cron(Box<cron::Schedule>),
}

impl Schedule {
    /// Every so often, in whole seconds, at least one, counted from 1970-01-01T00:00Z: every hour
    /// means on the hour.
    #[must_use]
    pub fn every(period: Duration) -> Self {
        let period = i64::try_from(period.as_secs()).unwrap_or(i64::MAX).max(1);
        Self {
            rhythm: Rhythm::Every { period, phase: 0 },
            catches_up: false,
        }
    }

    /// The same rhythm shifted by a part of the period that follows from the label alone, so that
    /// thirty sources with one period are not asked in the same second. Cron stays as it is.
    #[must_use]
    pub fn phased(mut self, label: &str) -> Self {
        if let Rhythm::Every { period, phase } = &mut self.rhythm {
            *phase = i64::try_from(fingerprint(label.as_bytes()) >> 1).unwrap_or(0) % *period;
        }
        self
    }

    /// By a cron expression with six fields, seconds first, in UTC: `0 30 3 * * *` is half past
    /// three every night.
    pub fn cron(expression: &str) -> Result<Self> {
        let cron = cron::Schedule::from_str(expression)
            .with_context(|| format!("reading the cron expression `{expression}`"))?;
        Ok(Self {
            rhythm: Rhythm::Cron(Box::new(cron)),
            catches_up: false,
        })
    }

    /// Also queues the last tick before the start, if no process has: after a night without
    /// power, and on the first start of all, nobody waits for the next one.
    #[must_use]
    pub fn catching_up(mut self) -> Self {
        self.catches_up = true;
        self
    }

    pub(crate) fn catches_up(&self) -> bool {
        self.catches_up
    }

    /// The first tick after this instant. None when the calendar ends or the expression has none.
    #[must_use]
    pub fn next(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match &self.rhythm {
            Rhythm::Every { period, phase } => {
                let passed = after.timestamp().checked_sub(*phase)?.div_euclid(*period);
                let next = passed
                    .checked_add(1)?
                    .checked_mul(*period)?
                    .checked_add(*phase)?;
                DateTime::from_timestamp(next, 0)
            }
            Rhythm::Cron(cron) => cron.after(&after).next(),
        }
    }

    /// The last tick at or before this instant.
    #[must_use]
    pub fn last(&self, before: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match &self.rhythm {
            Rhythm::Every { period, phase } => {
                let passed = before.timestamp().checked_sub(*phase)?.div_euclid(*period);
                DateTime::from_timestamp(passed.checked_mul(*period)?.checked_add(*phase)?, 0)
            }
            Rhythm::Cron(cron) => {
                let just_after = before.checked_add_signed(TimeDelta::seconds(1))?;
                cron.after(&just_after).rev().find(|tick| *tick <= before)
            }
        }
    }
}

/// The same number for the same bytes in every build and process (FNV-1a).
pub(crate) fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    const QUARTER: Duration = Duration::from_secs(900);

    #[test]
    fn a_period_ticks_on_the_round_instants_and_never_twice() {
        let schedule = Schedule::every(QUARTER);

        assert_eq!(
            schedule.next(at("2026-11-21T08:41:27Z")),
            Some(at("2026-11-21T08:45:00Z"))
        );
        assert_eq!(
            schedule.next(at("2026-11-21T08:45:00Z")),
            Some(at("2026-11-21T09:00:00Z"))
        );
        assert_eq!(
            schedule.last(at("2026-11-21T08:45:00Z")),
            Some(at("2026-11-21T08:45:00Z"))
        );
        assert_eq!(
            schedule.last(at("2026-11-21T08:44:59Z")),
            Some(at("2026-11-21T08:30:00Z"))
        );
    }

    #[test]
    fn a_phase_shifts_by_the_label_and_keeps_the_period() {
        let eso = Schedule::every(QUARTER).phased("eso");
        let first = eso.next(at("2026-11-21T00:00:00Z")).unwrap();
        let second = eso.next(first).unwrap();

        assert_eq!(second - first, TimeDelta::seconds(900));
        assert_eq!(eso.last(first), Some(first));
        assert_eq!(
            Schedule::every(QUARTER)
                .phased("eso")
                .next(at("2026-11-21T00:00:00Z")),
            Some(first)
        );
        assert_ne!(
            Schedule::every(QUARTER)
                .phased("jwst")
                .next(at("2026-11-21T00:00:00Z")),
            Some(first)
        );
    }

    #[test]
    fn cron_has_six_fields_in_utc() {
        let nightly = Schedule::cron("0 30 3 * * *").unwrap();

        assert_eq!(
            nightly.next(at("2026-11-21T03:30:00Z")),
            Some(at("2026-11-22T03:30:00Z"))
        );
        assert_eq!(
            nightly.last(at("2026-11-21T03:30:00Z")),
            Some(at("2026-11-21T03:30:00Z"))
        );
        assert_eq!(
            nightly.last(at("2026-11-21T03:29:59.5Z")),
            Some(at("2026-11-20T03:30:00Z"))
        );
        assert_eq!(
            format!("{:#}", Schedule::cron("every morning").unwrap_err())
                .split(':')
                .next(),
            Some("reading the cron expression `every morning`")
        );
    }

    #[test]
    fn the_edges_of_the_calendar_end_a_schedule_quietly() {
        let long = Schedule::every(Duration::MAX).phased("eso");

        assert_eq!(long.next(DateTime::<Utc>::MAX_UTC), None);
        assert!(
            Schedule::every(Duration::ZERO)
                .next(at("2026-11-21T00:00:00Z"))
                .is_some()
        );
        assert_eq!(
            Schedule::every(QUARTER).next(DateTime::<Utc>::MAX_UTC),
            None
        );
    }
}
