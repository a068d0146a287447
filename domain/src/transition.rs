//! The table of transitions of `docs/contract.md` section 3, as one pure function.
//!
//! Cases the table does not name are decided as follows, always towards saying less:
//! * an archive or log row for what was `planned` or `withdrawn` is `observed`, as if unknown: it
//!   happened, and nobody had been told of a time for it;
//! * nothing brings an `aborted` activity back but a new start in the plan;
//! * a failure of something nobody knew of is no activity;
//! * a plan that corrects the past of an activity that ran by plan is `changed`, and does not move it;
//! * a text that is corrected is `enriched`: live only, and no revision.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::activity::{Activity, Basis, Status};
use crate::event::EventKind;
use crate::merge::{Depth, Diff, blank, merge};
use crate::record::{Claim, Record};

/// What is learnt.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// An upstream claims something.
    Record(&'a Record),
    /// A re-issued plan covers its time and does not hold it.
    Gone,
    /// Its planned start has come.
    Start,
    /// Its planned end has come, or the next prime on its track started at this time.
    End(DateTime<Utc>),
    /// No more exposures came from the archive.
    Quiet,
}

/// Where and when something is learnt: all that [`transition`] takes from outside.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// The time now.
    pub now: DateTime<Utc>,
    /// Id for an activity that is new.
    pub fresh: Uuid,
    /// The source that tells.
    pub source: &'a str,
    /// The source plays the demo.
    pub demo: bool,
}

/// One event, and the activity as it stands right after it.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What happened.
    pub event: EventKind,
    /// The world's time of it.
    pub at: DateTime<Utc>,
    /// The snapshot.
    pub activity: Activity,
}

/// What follows from an input: the events in their order, none when nothing changed. A step whose
/// activity has another id than the one before is a new attempt.
pub type Outcome = Vec<Step>;

/// Decides what becomes of an activity.
#[must_use]
pub fn transition(old: Option<&Activity>, input: Input<'_>, moment: Moment<'_>) -> Outcome {
    match (old, input) {
        (None, Input::Record(record)) => first_sight(record, moment),
        (None, _) => Vec::new(),
        (Some(old), Input::Record(record)) => {
            let mut steps = Vec::new();
            let mut known = old.clone();
            if blank(&mut known.facts, &record.withheld) {
                known.last_changed = moment.now;
                steps.push(step(EventKind::Redacted, moment.now, known.clone()));
            }
            steps.extend(told(&known, record, moment));
            steps
        }
        (Some(old), Input::Gone) => gone(old, moment),
        (Some(old), Input::Start) => start(old, moment),
        (Some(old), Input::End(at)) => end(old, at, moment),
        (Some(old), Input::Quiet) => quiet(old, moment),
    }
}

/// Whether `record` gives an activity whose start has passed a new start, which makes a new attempt.
#[must_use]
pub fn starts_anew(old: &Activity, record: &Record, now: DateTime<Utc>) -> bool {
    record.claim == Claim::Plan
        && !matches!(old.status, Status::Planned | Status::Withdrawn)
        && old.facts.t_min.is_some_and(|was| was <= now)
        && record
            .facts
            .t_min
            .is_some_and(|new| new > now && Some(new) != old.facts.t_min)
}

fn first_sight(record: &Record, moment: Moment<'_>) -> Outcome {
    let facts = &record.facts;
    let (status, basis, event, at) = match record.claim {
        Claim::Plan if facts.t_min.is_some() => (
            Status::Scheduled,
            Basis::Scheduled,
            EventKind::Scheduled,
            moment.now,
        ),
        Claim::Plan => (
            Status::Planned,
            Basis::Scheduled,
            EventKind::Planned,
            moment.now,
        ),
        Claim::Running => (
            Status::InProgress,
            Basis::Reported,
            EventKind::Started,
            facts.t_min.unwrap_or(moment.now),
        ),
        Claim::Happened(basis) => (
            Status::Performed,
            basis,
            EventKind::Observed,
            first_light(record, moment.now),
        ),
        Claim::Failed | Claim::Described => return Vec::new(),
    };
    vec![step(event, at, new_activity(record, status, basis, moment))]
}

fn new_activity(record: &Record, status: Status, basis: Basis, moment: Moment<'_>) -> Activity {
    let mut facts = record.facts.clone();
    blank(&mut facts, &record.withheld);
    Activity {
        id: moment.fresh,
        source: moment.source.to_owned(),
        obs_id: record.obs_id.clone(),
        attempt: 1,
        repeat_of: None,
        parallel_of: None,
        revision: 1,
        seq: 0,
        status,
        basis,
        demo: moment.demo,
        first_seen: moment.now,
        last_changed: moment.now,
        facts,
    }
}

fn told(old: &Activity, record: &Record, moment: Moment<'_>) -> Outcome {
    match record.claim {
        Claim::Plan => planned(old, record, moment),
        Claim::Running => running(old, record, moment),
        Claim::Happened(basis) => happened(old, record, basis, moment),
        Claim::Failed => failed(old, moment),
        Claim::Described => described(old, record, moment),
    }
}

fn planned(old: &Activity, record: &Record, moment: Moment<'_>) -> Outcome {
    if starts_anew(old, record, moment.now) {
        return new_attempt(old, record, moment);
    }
    let mut new = old.clone();
    match old.status {
        Status::Planned if record.facts.t_min.is_some() => {
            merge_visible(&mut new, record, Depth::Replace);
            (new.status, new.basis) = (Status::Scheduled, Basis::Scheduled);
            changed_to(new, EventKind::Scheduled, moment.now, moment)
        }
        Status::Withdrawn if record.facts.t_min.is_some_and(|t| t > moment.now) => {
            let diff = merge_visible(&mut new, record, Depth::Replace);
            (new.status, new.basis) = (Status::Scheduled, Basis::Scheduled);
            new.revision += u32::from(diff.replanned);
            changed_to(new, EventKind::Scheduled, moment.now, moment)
        }
        Status::Planned | Status::Scheduled | Status::Elapsed => {
            replanned_or_enriched(new, record, moment)
        }
        Status::InProgress if old.basis == Basis::Scheduled => {
            replanned_or_enriched(new, record, moment)
        }
        Status::Withdrawn => Vec::new(),
        // What is reported or archived is surer than any plan: the plan may only fill in.
        Status::InProgress | Status::Performed | Status::Aborted => {
            let diff = merge_visible(&mut new, record, Depth::Fill);
            enriched_if(diff.any(), new, moment)
        }
    }
}

fn replanned_or_enriched(mut new: Activity, record: &Record, moment: Moment<'_>) -> Outcome {
    let diff = merge_visible(&mut new, record, Depth::Replace);
    if diff.replanned {
        new.revision += 1;
        return changed_to(new, EventKind::Changed, moment.now, moment);
    }
    enriched_if(diff.any(), new, moment)
}

fn new_attempt(old: &Activity, record: &Record, moment: Moment<'_>) -> Outcome {
    let mut steps = Vec::new();
    if old.status == Status::InProgress && old.basis == Basis::Scheduled {
        let mut was = old.clone();
        was.status = Status::Withdrawn;
        steps.extend(changed_to(was, EventKind::Withdrawn, moment.now, moment));
    }
    let mut next = new_activity(record, Status::Scheduled, Basis::Scheduled, moment);
    next.attempt = old.attempt + 1;
    next.repeat_of = Some(old.id);
    steps.push(step(EventKind::Scheduled, moment.now, next));
    steps
}

fn running(old: &Activity, record: &Record, moment: Moment<'_>) -> Outcome {
    let mut new = old.clone();
    let diff = merge_visible(&mut new, record, Depth::Replace);
    let by_plan = old.basis == Basis::Scheduled;
    match old.status {
        Status::Aborted => Vec::new(),
        Status::InProgress if !by_plan => enriched_if(diff.any(), new, moment),
        was => {
            (new.status, new.basis) = (Status::InProgress, Basis::Reported);
            if was == Status::InProgress {
                return changed_to(new, EventKind::Confirmed, moment.now, moment);
            }
            let at = record.facts.t_min.unwrap_or(moment.now);
            changed_to(new, EventKind::Started, at, moment)
        }
    }
}

fn happened(old: &Activity, record: &Record, basis: Basis, moment: Moment<'_>) -> Outcome {
    let mut new = old.clone();
    match old.status {
        Status::Aborted => Vec::new(),
        Status::Performed => {
            let diff = merge_visible(&mut new, record, Depth::Grow);
            let surer = basis > old.basis;
            new.basis = basis.max(old.basis);
            if diff.grown && old.basis == Basis::Archived {
                let at = new.facts.t_max.unwrap_or(moment.now);
                return changed_to(new, EventKind::Progress, at, moment);
            }
            enriched_if(diff.any() || surer, new, moment)
        }
        was => {
            merge_visible(&mut new, record, Depth::Replace);
            (new.status, new.basis) = (Status::Performed, basis);
            if matches!(was, Status::Planned | Status::Withdrawn) {
                let at = first_light(record, moment.now);
                return changed_to(new, EventKind::Observed, at, moment);
            }
            changed_to(new, EventKind::Confirmed, moment.now, moment)
        }
    }
}

fn failed(old: &Activity, moment: Moment<'_>) -> Outcome {
    match old.status {
        Status::Scheduled | Status::InProgress | Status::Elapsed | Status::Performed => {
            let mut new = old.clone();
            (new.status, new.basis) = (Status::Aborted, Basis::Reported);
            changed_to(new, EventKind::Aborted, moment.now, moment)
        }
        Status::Planned | Status::Aborted | Status::Withdrawn => Vec::new(),
    }
}

fn described(old: &Activity, record: &Record, moment: Moment<'_>) -> Outcome {
    let mut new = old.clone();
    let diff = merge_visible(&mut new, record, Depth::Fill);
    enriched_if(diff.any(), new, moment)
}

fn gone(old: &Activity, moment: Moment<'_>) -> Outcome {
    let ahead = old.facts.t_min.is_none_or(|t| t > moment.now);
    if !ahead || !matches!(old.status, Status::Planned | Status::Scheduled) {
        return Vec::new();
    }
    let mut new = old.clone();
    new.status = Status::Withdrawn;
    changed_to(new, EventKind::Withdrawn, moment.now, moment)
}

fn start(old: &Activity, moment: Moment<'_>) -> Outcome {
    let Some(at) = old.facts.t_min.filter(|t| *t <= moment.now) else {
        return Vec::new();
    };
    if old.status != Status::Scheduled {
        return Vec::new();
    }
    let mut new = old.clone();
    (new.status, new.basis) = (Status::InProgress, Basis::Scheduled);
    changed_to(new, EventKind::Started, at, moment)
}

fn end(old: &Activity, at: DateTime<Utc>, moment: Moment<'_>) -> Outcome {
    if old.status != Status::InProgress || old.basis != Basis::Scheduled || at > moment.now {
        return Vec::new();
    }
    let mut new = old.clone();
    new.status = Status::Elapsed;
    changed_to(new, EventKind::Ended, at, moment)
}

fn quiet(old: &Activity, moment: Moment<'_>) -> Outcome {
    if old.status != Status::Performed || old.basis != Basis::Archived {
        return Vec::new();
    }
    let at = old.facts.t_max.unwrap_or(moment.now);
    changed_to(old.clone(), EventKind::Ended, at, moment)
}

/// Merges what the record says, except what it says is withheld.
fn merge_visible(new: &mut Activity, record: &Record, depth: Depth) -> Diff {
    if record.withheld.is_empty() {
        return merge(&mut new.facts, &record.facts, depth);
    }
    let mut facts = record.facts.clone();
    blank(&mut facts, &record.withheld);
    merge(&mut new.facts, &facts, depth)
}

fn enriched_if(any: bool, new: Activity, moment: Moment<'_>) -> Outcome {
    if any {
        changed_to(new, EventKind::Enriched, moment.now, moment)
    } else {
        Vec::new()
    }
}

fn changed_to(
    mut new: Activity,
    event: EventKind,
    at: DateTime<Utc>,
    moment: Moment<'_>,
) -> Outcome {
    new.last_changed = moment.now;
    vec![step(event, at, new)]
}

fn first_light(record: &Record, now: DateTime<Utc>) -> DateTime<Utc> {
    record.first_science.or(record.facts.t_min).unwrap_or(now)
}

fn step(event: EventKind, at: DateTime<Utc>, activity: Activity) -> Step {
    Step {
        event,
        at,
        activity,
    }
}

#[cfg(test)]
mod tests;
