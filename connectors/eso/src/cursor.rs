//! Where the next harvest starts: one place by the exposures' start, one by their last change.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use upstream::Cursor;

/// Changed rows are asked for at most once in this time.
const CHANGES_EVERY: TimeDelta = TimeDelta::hours(1);

/// How far each look at the changes goes back behind the last: rows become visible out of order.
const CHANGES_OVERLAP: TimeDelta = TimeDelta::minutes(10);

/// The two cursors. As text: JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// Start of the newest exposure seen.
    pub(crate) exp_start: DateTime<Utc>,
    /// Changes are known up to here.
    pub(crate) last_mod_date: DateTime<Utc>,
    /// When changes were last asked for.
    pub(crate) checked: DateTime<Utc>,
    /// There were more changes than one harvest may follow; the next goes on at once.
    #[serde(default)]
    pub(crate) behind: bool,
}

impl Place {
    /// The place before the first harvest.
    pub(crate) fn first(exp_start: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        let now = now.trunc_subsecs(0);
        Place {
            exp_start,
            last_mod_date: now,
            checked: now,
            behind: false,
        }
    }

    /// Reads a cursor; nothing when it is none of ours.
    pub(crate) fn parse(cursor: &Cursor) -> Option<Self> {
        serde_json::from_str(&cursor.0).ok()
    }

    /// The cursor as text.
    pub(crate) fn cursor(&self) -> Option<Cursor> {
        serde_json::to_string(self).ok().map(Cursor)
    }

    /// Whether it is time to ask for changes. A `checked` in the future comes from a clock that was
    /// set back and counts for nothing.
    pub(crate) fn is_due(&self, now: DateTime<Utc>) -> bool {
        let waited = now.signed_duration_since(self.checked);
        self.behind || waited >= CHANGES_EVERY || waited < TimeDelta::zero()
    }

    /// Since when to ask for changes.
    pub(crate) fn changes_since(&self) -> DateTime<Utc> {
        let overlap = if self.behind {
            TimeDelta::zero()
        } else {
            CHANGES_OVERLAP
        };
        self.last_mod_date
            .checked_sub_signed(overlap)
            .unwrap_or(self.last_mod_date)
            .trunc_subsecs(0)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn at(hour: u32, minute: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 21, hour, minute, 0).unwrap()
    }

    #[test]
    fn a_place_survives_its_text() {
        let place = Place::first(at(1, 0), at(4, 0));

        assert_eq!(place.cursor().as_ref().and_then(Place::parse), Some(place));
        assert_eq!(Place::parse(&Cursor("2026-11-21".to_owned())), None);
    }

    #[test]
    fn changes_are_due_every_hour_with_an_overlap() {
        let place = Place::first(at(1, 0), at(4, 0));

        assert!(!place.is_due(at(4, 55)));
        assert!(place.is_due(at(5, 0)));
        assert!(place.is_due(at(3, 0)), "the clock was set back");
        assert_eq!(place.changes_since(), at(3, 50));
    }

    #[test]
    fn changes_that_did_not_fit_are_followed_at_once() {
        let place = Place {
            behind: true,
            ..Place::first(at(1, 0), at(4, 0))
        };

        assert!(place.is_due(at(4, 5)));
        assert_eq!(place.changes_since(), at(4, 0));
    }
}
