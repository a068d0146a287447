//! From snapshots to records.

use chrono::NaiveDateTime;
use domain::{Basis, Category, Claim, Facts, Intent, Link, Record, TMaxKind, TrackingType};

use crate::answer::Kind;
use crate::clock::SpacecraftClock;
use crate::entry::Snapshot;
use crate::modes;

/// What a plan entry that nobody has flown yet, or ever, claims.
pub(crate) fn planned(entry: &Snapshot, claim: Claim, clock: SpacecraftClock) -> Record {
    let mut facts = facts(entry, Kind::Plan, clock);
    facts.t_plan_exptime = entry.exposure;
    record(entry.id(), claim, facts, entry.raw.clone())
}

/// What an as-flown entry claims: under the identifier of its plan entry where it has one.
///
/// The plan's name of the target stays, for the same target goes by several; everything else is
/// as it was flown. The raw text is then the list of both rows.
pub(crate) fn flown(entry: &Snapshot, plan: Option<&Snapshot>, clock: SpacecraftClock) -> Record {
    let mut facts = facts(&merged(entry, plan), Kind::AsFlown, clock);
    let settled = entry.settled();
    facts.t_exptime = settled.or(entry.exposure);
    facts.t_plan_exptime = plan.and_then(|plan| plan.exposure);
    let id = plan.unwrap_or(entry).id();
    let raw = match plan {
        Some(plan) => format!("[{},{}]", plan.raw, entry.raw),
        None => entry.raw.clone(),
    };
    let mut record = record(id, Claim::Happened(Basis::Reported), facts, raw);
    record.first_science = entry
        .settle
        .filter(|_| settled > Some(0.0))
        .map(|at| clock.utc(at));
    record
}

fn record(id: String, claim: Claim, facts: Facts, raw: String) -> Record {
    let mut record = Record::new(id, claim, facts, raw);
    record.on_track = true;
    record
}

fn merged(entry: &Snapshot, plan: Option<&Snapshot>) -> Snapshot {
    let mut merged = entry.clone();
    if let Some(plan) = plan {
        merged.target_name = plan.target_name.clone().or(merged.target_name);
        merged.target_class = merged.target_class.or_else(|| plan.target_class.clone());
        merged.pointing = merged.pointing.or(plan.pointing);
        merged.xrt = merged.xrt.or_else(|| plan.xrt.clone());
        merged.uvot = merged.uvot.or_else(|| plan.uvot.clone());
        merged.bat = merged.bat.or_else(|| plan.bat.clone());
    }
    merged
}

fn facts(entry: &Snapshot, kind: Kind, clock: SpacecraftClock) -> Facts {
    let engineering = entry.is_belt_passage() || entry.is_drag_attitude();
    Facts {
        obs_collection: "Swift".to_owned(),
        group_id: Some(entry.obs.digits()),
        intent: Some(if engineering {
            Intent::Engineering
        } else {
            Intent::Science
        }),
        facility_name: crate::FACILITY.to_owned(),
        instrument_name: Some("XRT".to_owned()),
        instrument_mode: entry.xrt.clone(),
        instruments: modes::instruments(entry),
        band: modes::bands(entry),
        target_name: entry.target_name.clone(),
        target_class: entry.target_class.clone(),
        tracking_type: Some(TrackingType::Sidereal),
        s_ra: entry.pointing.map(|(ra, _)| ra),
        s_dec: entry.pointing.map(|(_, dec)| dec),
        category: Some(Category::Other),
        t_min: Some(clock.utc(entry.begin)),
        t_max: entry.end.map(|end| clock.utc(end)),
        t_max_kind: entry.end.map(|_| match kind {
            Kind::Plan => TMaxKind::Planned,
            Kind::AsFlown => TMaxKind::Exact,
        }),
        t_uncertainty: clock.uncertainty(),
        links: vec![day_page(entry.begin, kind)],
        ..Facts::default()
    }
}

/// The operators' page of that day: the plan, or the day as flown.
fn day_page(begin: NaiveDateTime, kind: Kind) -> Link {
    let (title, list) = match kind {
        Kind::Plan => ("Plan of the day", 0),
        Kind::AsFlown => ("The day as flown", 1),
    };
    let day = begin.date();
    Link {
        title: title.to_owned(),
        url: format!("https://www.swift.psu.edu/operations/obsSchedule.php?d={day}&a={list}"),
    }
}
