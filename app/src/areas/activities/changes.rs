//! What a transaction is about to change: rows, and the events that follow from what is learnt.

mod learning;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{Activity, Basis, EventKind, Status, Step};
use uuid::Uuid;

pub(super) use self::learning::{MOVED, RepeatedStarts};
use super::event_log::Draft;
use super::row::{self, Row};

/// An archive silent for this long has seen the end of a block.
pub(super) const QUIET: TimeDelta = TimeDelta::minutes(30);
/// Rows that arrive later than this say nothing about whether more are on their way.
const LATE_ARRIVAL: TimeDelta = TimeDelta::hours(3);

/// Rows as they change during a transaction, and the events that follow.
pub(super) struct Changes {
    pub(super) now: DateTime<Utc>,
    pub(super) rows: BTreeMap<Uuid, Row>,
    /// Attempts of each `obs_id`, in their order.
    attempts: HashMap<String, Vec<Uuid>>,
    /// Known rows that change, as they were.
    pub(super) before: HashMap<Uuid, Activity>,
    pub(super) touched: BTreeSet<Uuid>,
    pub(super) drafts: Vec<Draft>,
    pub(super) raws: Vec<(Uuid, &'static str, String)>,
    pub(super) redacted: Vec<(Uuid, Vec<String>)>,
    pub(super) archived: Vec<(String, DateTime<Utc>)>,
}

impl Changes {
    pub(super) fn new(known: Vec<Row>, now: DateTime<Utc>) -> Changes {
        let mut changes = Changes {
            now,
            rows: BTreeMap::new(),
            attempts: HashMap::new(),
            before: HashMap::new(),
            touched: BTreeSet::new(),
            drafts: Vec::new(),
            raws: Vec::new(),
            redacted: Vec::new(),
            archived: Vec::new(),
        };
        for row in known {
            let activity = &row.activity;
            changes
                .attempts
                .entry(activity.obs_id.clone())
                .or_default()
                .push(activity.id);
            changes.rows.insert(activity.id, row);
        }
        changes
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.values()
    }

    pub(super) fn row(&self, id: Uuid) -> Option<&Row> {
        self.rows.get(&id)
    }

    /// Takes a row off the clock's list.
    pub(super) fn not_due(&mut self, id: Uuid) {
        self.touch(id);
        if let Some(row) = self.rows.get_mut(&id) {
            row.due_at = None;
        }
    }

    /// Makes the clock look at a row at `time`, if it would not before.
    pub(super) fn due_by(&mut self, id: Uuid, time: DateTime<Utc>) {
        self.touch(id);
        if let Some(row) = self.rows.get_mut(&id) {
            row.due_at = Some(row.due_at.map_or(time, |due| due.min(time)));
        }
    }

    /// Takes in one event: the row as it stands now, and the line of the log.
    pub(super) fn step(&mut self, step: Step, backfill: bool) {
        let Step {
            event,
            at,
            activity,
        } = step;
        let id = activity.id;
        if !self.rows.contains_key(&id) {
            self.attempts
                .entry(activity.obs_id.clone())
                .or_default()
                .push(id);
            self.rows.insert(id, Row::new(activity.clone(), backfill));
            self.touched.insert(id);
        } else {
            self.touch(id);
        }
        let Some(row) = self.rows.get_mut(&id) else {
            return;
        };
        row.due_at = due_at(&activity, event, row.due_at, self.now);
        row.activity = activity;
        if let Ok(body) = row::body(&row.activity) {
            let facts = &row.activity.facts;
            self.drafts.push(Draft {
                activity_id: id,
                event,
                at,
                backfill,
                t_min: facts.t_min,
                t_max: facts.t_max,
                body,
            });
        }
    }

    /// Notes what one harvest says and a second has to confirm, or that it no longer says it.
    pub(super) fn doubt(&mut self, id: Uuid, saying: Option<String>) {
        self.touch(id);
        if let Some(row) = self.rows.get_mut(&id) {
            row.doubt = saying;
        }
    }

    /// Forgets what was last applied, so that the same record would be taken in again.
    pub(super) fn forget_plan(&mut self, id: Uuid) {
        if let Some(row) = self.rows.get_mut(&id) {
            row.plan_hash = None;
            row.doubt = None;
        }
    }

    /// Marks a known row as about to change, remembering how it was.
    fn touch(&mut self, id: Uuid) {
        if let Some(row) = self.rows.get(&id)
            && self.touched.insert(id)
        {
            self.before.insert(id, row.activity.clone());
        }
    }
}

/// When the clock has to look at an activity, after `event`.
fn due_at(
    activity: &Activity,
    event: EventKind,
    before: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let facts = &activity.facts;
    match (activity.status, activity.basis) {
        (Status::Scheduled, _) => facts.t_min,
        (Status::InProgress, Basis::Scheduled) => facts.t_max,
        (Status::Performed, Basis::Archived) => match event {
            EventKind::Observed | EventKind::Progress => facts.t_max.map(|end| {
                let fresh = now - end < LATE_ARRIVAL;
                if fresh {
                    end.max(now) + QUIET
                } else {
                    end + QUIET
                }
            }),
            EventKind::Ended | EventKind::Confirmed => None,
            _ => before,
        },
        _ => None,
    }
}
