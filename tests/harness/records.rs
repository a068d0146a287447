//! What an upstream might say, as short as a test can say it.

use chrono::{DateTime, Utc};
use domain::{Basis, Claim, Facts, Record, Role, TMaxKind};

/// A time, such as `2026-11-21T06:00:00Z`.
pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// JWST plans to observe from one time to another, with its only line of sight.
pub(crate) fn planned(obs_id: &str, from: &str, to: &str) -> Record {
    let mut record = record(obs_id, Claim::Plan, from, to);
    record.facts.t_max_kind = Some(TMaxKind::Planned);
    record.on_track = true;
    record
}

/// A log or an archive says that JWST observed from one time to another.
pub(crate) fn happened(obs_id: &str, basis: Basis, from: &str, to: &str) -> Record {
    let mut record = record(obs_id, Claim::Happened(basis), from, to);
    record.facts.t_max_kind = Some(TMaxKind::Exact);
    record.first_science = record.facts.t_min;
    record
}

fn record(obs_id: &str, claim: Claim, from: &str, to: &str) -> Record {
    let facts = Facts {
        obs_collection: "JWST".to_owned(),
        facility_name: "JWST".to_owned(),
        role: Role::Prime,
        t_min: Some(at(from)),
        t_max: Some(at(to)),
        ..Facts::default()
    };
    Record::new(obs_id, claim, facts, format!("{obs_id} {from} {to}"))
}
