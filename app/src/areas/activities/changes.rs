//! What a transaction is about to change: rows, and the events that follow from what is learnt.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Activity, Basis, Claim, EventKind, Input, Moment, Record, Status, Step, starts_anew, transition,
};
use uuid::Uuid;

use super::apply::{Counts, Telling};
use super::event_log::Draft;
use super::row::{self, Row};

/// Over for longer than this at first sight: news only to us.
const LONG_OVER: TimeDelta = TimeDelta::hours(48);
/// An archive silent for this long has seen the end of a block.
pub(super) const QUIET: TimeDelta = TimeDelta::minutes(30);
/// Rows that arrive later than this say nothing about whether more are on their way.
const LATE_ARRIVAL: TimeDelta = TimeDelta::hours(3);

/// Planned starts of those `obs_id`s that a telling plans more than once.
pub(super) type RepeatedStarts = HashMap<String, Vec<DateTime<Utc>>>;

/// What one record led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Learnt {
    New,
    Changed,
    Same,
    Doubted,
}

/// Begins what is kept as a row's doubt when a plan moves it in a way that is hard to believe.
pub(super) const MOVED: &str = "moved ";

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

    pub(super) fn learn_all(
        &mut self,
        telling: Telling<'_>,
        records: &[&Record],
        repeated: &RepeatedStarts,
    ) -> Counts {
        let mut counts = Counts::default();
        for record in records {
            if self.is_outdated(record, repeated) {
                counts.unchanged += 1;
                continue;
            }
            match self.learn(telling, record) {
                Learnt::New => counts.new += 1,
                Learnt::Changed => counts.changed += 1,
                Learnt::Same => counts.unchanged += 1,
                Learnt::Doubted => {
                    counts.unchanged += 1;
                    counts.doubted += 1;
                }
            }
        }
        counts
    }

    /// Whether a plan line is one of several of its `obs_id`, and an older one: the newest attempt
    /// stands at another line's later start, and no attempt at this one's.
    fn is_outdated(&self, record: &Record, repeated: &RepeatedStarts) -> bool {
        let Some(starts) = repeated
            .get(&record.obs_id)
            .filter(|_| record.claim == Claim::Plan)
        else {
            return false;
        };
        let attempts = self
            .attempts
            .get(&record.obs_id)
            .map_or(&[][..], Vec::as_slice);
        let start = |id: &Uuid| self.rows[id].activity.facts.t_min;
        let Some(newest) = attempts.last().and_then(start) else {
            return false;
        };
        record.facts.t_min.is_some_and(|this| this < newest)
            && starts.contains(&newest)
            && !attempts.iter().any(|id| start(id) == record.facts.t_min)
    }

    /// Takes in one record.
    fn learn(&mut self, telling: Telling<'_>, record: &Record) -> Learnt {
        let hash = content_hash(record);
        let Some(id) = self.attempt_meant(record) else {
            return self.take_in(None, telling, record, hash);
        };
        let row = &self.rows[&id];
        let known_hash = match record.claim {
            Claim::Plan => row.plan_hash,
            _ => row.fact_hash,
        };
        // A parallel may have been told of before its prime.
        let lacks_prime = record.parallel_of.is_some() && row.activity.parallel_of.is_none();
        if known_hash == Some(hash) && row.doubt.is_none() && !lacks_prime {
            return Learnt::Same;
        }
        let saying = format!("{MOVED}{hash}");
        if self.is_hard_to_believe(row, record) && row.doubt.as_deref() != Some(saying.as_str()) {
            self.doubt(id, Some(saying));
            return Learnt::Doubted;
        }
        self.take_in(Some(id), telling, record, hash)
    }

    /// Whether a plan suddenly puts a running activity elsewhere, or one that is ahead into the
    /// past. One damaged digit would do for either, and what then starts or is withdrawn cannot be
    /// taken back, so a second harvest has to say it too.
    fn is_hard_to_believe(&self, row: &Row, record: &Record) -> bool {
        let moves_away = row.runs_by_plan() && starts_anew(&row.activity, record, self.now);
        let ahead = |start: Option<DateTime<Utc>>| start.is_some_and(|start| start > self.now);
        let moves_back = record.claim == Claim::Plan
            && row.activity.status == Status::Scheduled
            && ahead(row.activity.facts.t_min)
            && record.facts.t_min.is_some()
            && !ahead(record.facts.t_min);
        moves_away || moves_back
    }

    /// Which attempt a record speaks of: the one with its very start, else, for a plan, the
    /// newest, and for a log or archive the newest that had begun by the record's end.
    fn attempt_meant(&self, record: &Record) -> Option<Uuid> {
        let attempts = self.attempts.get(&record.obs_id)?;
        let start = |id: &&Uuid| self.rows[*id].activity.facts.t_min;
        let newest = attempts.last().copied();
        if let Some(same) = attempts
            .iter()
            .rev()
            .find(|id| start(id).is_some() && start(id) == record.facts.t_min)
        {
            return Some(*same);
        }
        if record.claim == Claim::Plan {
            return newest;
        }
        let end = record.facts.t_max.or(record.facts.t_min);
        let begun = attempts.iter().rev().find(|id| match (start(id), end) {
            (Some(start), Some(end)) => start <= end,
            _ => true,
        });
        begun.or(attempts.first()).copied()
    }

    fn take_in(
        &mut self,
        id: Option<Uuid>,
        telling: Telling<'_>,
        record: &Record,
        hash: i64,
    ) -> Learnt {
        let moment = Moment {
            now: self.now,
            fresh: Uuid::now_v7(),
            source: telling.source,
            demo: telling.demo,
        };
        let old = id.map(|id| self.rows[&id].activity.clone());
        let mut steps = transition(old.as_ref(), Input::Record(record), moment);
        let parallel_of = record
            .parallel_of
            .as_deref()
            .and_then(|prime| self.prime(prime, record));
        if let Some(old) = old.as_ref().filter(|old| {
            steps.is_empty() && parallel_of.is_some() && old.parallel_of != parallel_of
        }) {
            let activity = Activity {
                last_changed: self.now,
                ..old.clone()
            };
            steps.push(Step {
                event: EventKind::Enriched,
                at: self.now,
                activity,
            });
        }
        let last = steps.last().map(|step| step.activity.id).or(id);
        let learnt = match (&old, steps.is_empty()) {
            (None, false) => Learnt::New,
            (Some(_), false) => Learnt::Changed,
            (_, true) => Learnt::Same,
        };
        let over = record.facts.t_max.or(record.facts.t_min);
        let backfill = telling.backfill
            || (old.is_none() && over.is_some_and(|over| over + LONG_OVER < self.now));
        for mut step in steps {
            if Some(step.activity.id) == last {
                step.activity.parallel_of = parallel_of.or(step.activity.parallel_of);
            }
            if step.event == EventKind::Redacted {
                self.redacted
                    .push((step.activity.id, record.withheld.clone()));
            }
            self.step(step, backfill);
        }
        let Some(id) = last else { return learnt };
        self.touch(id);
        if let Some(row) = self.rows.get_mut(&id) {
            row.doubt = None;
            match record.claim {
                Claim::Plan => row.plan_hash = Some(hash),
                _ => row.fact_hash = Some(hash),
            }
            if record.claim == Claim::Plan {
                row.track = record
                    .on_track
                    .then(|| row.activity.facts.facility_name.clone());
            }
        }
        if learnt != Learnt::Same {
            self.raws
                .push((id, claim_word(record.claim), record.raw.clone()));
        }
        if let (Claim::Happened(Basis::Archived), Some(start)) = (record.claim, record.facts.t_min)
        {
            self.archived
                .push((record.facts.facility_name.clone(), start));
        }
        learnt
    }

    /// The prime a parallel runs beside: the attempt that starts when the parallel does, else the
    /// newest.
    fn prime(&self, obs_id: &str, record: &Record) -> Option<Uuid> {
        let attempts = self.attempts.get(obs_id)?;
        let same = |id: &&Uuid| self.rows[*id].activity.facts.t_min == record.facts.t_min;
        attempts
            .iter()
            .rev()
            .find(same)
            .or(attempts.last())
            .copied()
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

/// Changes whenever anything the record says does.
fn content_hash(record: &Record) -> i64 {
    let mut hasher = DefaultHasher::new();
    match serde_json::to_string(record) {
        Ok(text) => text.hash(&mut hasher),
        Err(_) => record.raw.hash(&mut hasher),
    }
    hasher.finish().cast_signed()
}

fn claim_word(claim: Claim) -> &'static str {
    match claim {
        Claim::Plan => "plan",
        Claim::Running => "telemetry",
        Claim::Happened(Basis::Archived) => "archive",
        Claim::Happened(_) => "log",
        Claim::Failed => "failure",
        Claim::Described => "description",
    }
}
