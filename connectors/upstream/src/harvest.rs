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

    /// Moves every time in it by `by` (the demo replays the past as if it were today).
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
                *time = time.map(|t| t + by);
            }
        }
        for scope in &mut self.covers {
            scope.from += by;
            scope.to += by;
        }
        self.horizon = self.horizon.map(|t| t + by);
    }
}
