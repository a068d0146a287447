//! One test per row of the contract's table, and one per case it leaves open.

mod clock;
mod happening;
mod planning;
mod values;

use chrono::TimeDelta;
use uuid::Uuid;

use super::*;
use crate::activity::Facts;

fn noon() -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn hours(n: i64) -> DateTime<Utc> {
    noon() + TimeDelta::hours(n)
}

fn moment_at(now: DateTime<Utc>) -> Moment<'static> {
    Moment {
        now,
        fresh: Uuid::from_u128(7),
        source: "jwst",
        demo: false,
    }
}

fn visit(start: Option<i64>) -> Record {
    let facts = Facts {
        obs_collection: "JWST".into(),
        facility_name: "JWST".into(),
        target_name: Some("M-31".into()),
        instrument_name: Some("NIRCAM".into()),
        t_min: start.map(hours),
        t_max: start.map(|n| hours(n + 1)),
        ..Facts::default()
    };
    Record::new("4501:13:1", Claim::Plan, facts, "row")
}

fn claiming(claim: Claim, start: i64) -> Record {
    Record {
        claim,
        ..visit(Some(start))
    }
}

/// The visit from +1 h to +2 h, as it stands in `status`.
fn known(status: Status, basis: Basis) -> Activity {
    let steps = transition(None, Input::Record(&visit(Some(1))), moment_at(noon()));
    Activity {
        status,
        basis,
        id: Uuid::from_u128(1),
        ..steps[0].activity.clone()
    }
}

fn told_at(old: &Activity, record: &Record, now: DateTime<Utc>) -> Outcome {
    transition(Some(old), Input::Record(record), moment_at(now))
}

#[track_caller]
fn assert_step(
    outcome: &Outcome,
    event: EventKind,
    status: Status,
    basis: Basis,
    at: DateTime<Utc>,
) {
    let steps: Vec<_> = outcome
        .iter()
        .map(|s| (s.event, s.activity.status, s.activity.basis, s.at))
        .collect();
    assert_eq!(steps, [(event, status, basis, at)]);
}
