//! What a record changes: which attempt it speaks of, whether it is to be believed, and what follows.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Activity, Basis, Claim, EventKind, Input, Moment, Record, Status, Step, starts_anew, transition,
};
use uuid::Uuid;

use super::Changes;
use crate::areas::activities::apply::{Counts, Telling};
use crate::areas::activities::row::Row;

/// Over for longer than this at first sight: news only to us.
const LONG_OVER: TimeDelta = TimeDelta::hours(48);
/// Begins what is kept as a row's doubt when a plan moves it in a way that is hard to believe.
pub(in crate::areas::activities) const MOVED: &str = "moved ";

/// Planned starts of those `obs_id`s that a telling plans more than once.
pub(in crate::areas::activities) type RepeatedStarts = HashMap<String, Vec<DateTime<Utc>>>;

/// What one record led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Learnt {
    New,
    Changed,
    Same,
    Doubted,
}

impl Changes {
    pub(in crate::areas::activities) fn learn_all(
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
