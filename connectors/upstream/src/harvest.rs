//! One reading of an upstream.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{Record, Unreadable};
use serde::{Deserialize, Serialize};

/// Where the next harvest starts. Its text is the connector's own business.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor(pub String);

/// A stretch of a plan that an answer shows as a whole: whatever we hold there as ahead and the
/// answer does not, is gone from the plan.
///
/// Only for answers that are provably whole ([`Answer::whole`](crate::Answer), a trailer, a row
/// count); a saved file proves nothing and covers nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// First instant covered (by `t_min`).
    pub from: DateTime<Utc>,
    /// First instant no longer covered.
    pub to: DateTime<Utc>,
}

/// One reading of an upstream.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Harvest {
    /// Rows read, before grouping, whatever became of them.
    pub read: usize,
    /// What was claimed, and the rows that could not be read. At most one record for one
    /// `obs_id` and start.
    pub records: Vec<Result<Record, Unreadable>>,
    /// Rows left out on purpose, by reason.
    pub skipped: BTreeMap<String, usize>,
    /// What this answer shows as a whole; empty for archives and saved files.
    pub covers: Vec<Scope>,
    /// Where the next harvest starts.
    pub cursor: Option<Cursor>,
    /// How far ahead the plan reaches, if this is a plan.
    pub horizon: Option<DateTime<Utc>>,
    /// What went less than well (a join that failed): shown at the source, stops nothing.
    pub notes: Vec<String>,
}

impl Harvest {
    /// Counts a row left out on purpose.
    pub fn skip(&mut self, reason: &str) {
        *self.skipped.entry(reason.to_owned()).or_default() += 1;
    }

    /// The readable records.
    pub fn readable(&self) -> impl Iterator<Item = &Record> {
        self.records.iter().filter_map(|row| row.as_ref().ok())
    }

    /// The rows that could not be read.
    pub fn unreadable(&self) -> impl Iterator<Item = &Unreadable> {
        self.records.iter().filter_map(|row| row.as_ref().err())
    }

    /// Moves every time in it by `by` (the demo replays the past as if it were today). A time that
    /// would leave the calendar is forgotten.
    pub fn shift(&mut self, by: TimeDelta) {
        for record in self.records.iter_mut().filter_map(|row| row.as_mut().ok()) {
            let facts = &mut record.facts;
            for time in [
                &mut facts.t_planning,
                &mut facts.t_min,
                &mut facts.t_max,
                &mut facts.obs_release_date,
                &mut record.first_science,
            ] {
                *time = time.and_then(|t| t.checked_add_signed(by));
            }
        }
        for scope in &mut self.covers {
            for end in [&mut scope.from, &mut scope.to] {
                *end = end.checked_add_signed(by).unwrap_or(*end);
            }
        }
        self.horizon = self.horizon.and_then(|t| t.checked_add_signed(by));
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use domain::{Claim, Facts};

    use super::*;

    #[test]
    fn every_time_is_shifted_and_none_leaves_the_calendar() {
        let at = Utc.with_ymd_and_hms(2026, 11, 21, 9, 0, 0).unwrap();
        let facts = Facts {
            t_min: Some(at),
            t_max: Some(DateTime::<Utc>::MAX_UTC),
            ..Facts::default()
        };
        let mut harvest = Harvest {
            records: vec![Ok(Record::new("a", Claim::Plan, facts, ""))],
            covers: vec![Scope {
                from: at,
                to: DateTime::<Utc>::MAX_UTC,
            }],
            horizon: Some(at),
            ..Harvest::default()
        };

        harvest.shift(TimeDelta::days(1));

        let later = at + TimeDelta::days(1);
        let record = harvest.readable().next().unwrap();
        assert_eq!(
            (record.facts.t_min, record.facts.t_max),
            (Some(later), None)
        );
        assert_eq!(harvest.covers[0].from, later);
        assert_eq!(harvest.covers[0].to, DateTime::<Utc>::MAX_UTC);
        assert_eq!(harvest.horizon, Some(later));
    }
}
