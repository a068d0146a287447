//! The plan and the archive, joined by programme and visit.
//!
//! Never by the target alone: the same name stands in many programmes, with other pointings.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use domain::{Facts, Intent, Record, Role};
use upstream::mast::MastRow;

use crate::archive::{Archive, Visit};
use crate::row;
use crate::visit::{Plan, add_instrument};
use crate::words;

/// Data older than this before a planned begin belong to an earlier start of the visit.
const EARLY: TimeDelta = TimeDelta::hours(12);

/// Rows whose name carries no visit must agree on the pointing to this, degrees: about the field
/// of a camera.
const AGREE: f64 = 0.05;

/// Fills the plans from the archive. A visit with data becomes one record: that it happened, with
/// the plan's facts merged in.
pub(crate) fn fill(plans: Vec<Plan>, archive: &Archive) -> Vec<Record> {
    let mut visits: BTreeMap<String, Vec<Plan>> = BTreeMap::new();
    for plan in plans {
        let starts = visits.entry(plan.record.obs_id.clone()).or_default();
        starts.push(plan);
    }
    let mut records = Vec::new();
    for (obs_id, mut starts) in visits {
        let visit = archive.visits.get(&obs_id);
        let happened = visit.and_then(Visit::happened);
        let at = happened.as_ref().and_then(|done| which(&starts, done));
        for (n, plan) in starts.iter_mut().enumerate() {
            describe(plan, archive, visit);
            match &happened {
                Some(done) if at == Some(n) => records.push(merge(plan, done.clone())),
                _ => records.push(plan.record.clone()),
            }
        }
        if at.is_none() {
            records.extend(happened);
        }
    }
    records
}

/// Which start of the visit was performed: the nearest one that does not lie well after the data.
fn which(starts: &[Plan], done: &Record) -> Option<usize> {
    let (begin, end) = done.facts.t_min.zip(done.facts.t_max)?;
    let distances = starts.iter().enumerate().filter_map(|(n, plan)| {
        let planned = plan.record.facts.t_min?;
        (planned - end <= EARLY).then(|| ((planned - begin).abs(), n))
    });
    distances.min().map(|(_, n)| n)
}

/// Names, titles and the pointing of a visit still to come.
fn describe(plan: &mut Plan, archive: &Archive, visit: Option<&Visit>) {
    let facts = &mut plan.record.facts;
    let program = facts.proposal_id.clone().unwrap_or_default();
    if let Some((pi, title)) = archive.programmes.get(&program) {
        complete(
            facts,
            "proposal_pi",
            |facts| &mut facts.proposal_pi,
            pi.as_ref(),
        );
        complete(
            facts,
            "proposal_title",
            |facts| &mut facts.proposal_title,
            title.as_ref(),
        );
    }
    if plan.internal {
        return;
    }
    let of_visit = visit.and_then(|visit| of_visit(facts, &visit.planned));
    let row = of_visit.or_else(|| of_programme(facts, archive.loose.get(&program)?));
    let Some(row) = row else { return };
    if row::role(row) == Role::PureParallel {
        facts.role = Role::PureParallel;
        plan.record.on_track = false;
    }
    facts.tracking_type = row::tracking(row);
    facts.target_class = row.target_classification.clone();
    complete(
        facts,
        "target_name",
        |facts| &mut facts.target_name,
        row.target_name.as_ref(),
    );
    // A planned row of a moving target holds no position worth the name.
    if row.mt_flag != Some(true) {
        facts.s_ra = row.s_ra;
        facts.s_dec = row.s_dec;
    }
}

/// Takes the archive's text where the plan has none, or a beginning of it.
fn complete(
    facts: &mut Facts,
    name: &str,
    field: impl Fn(&mut Facts) -> &mut Option<String>,
    full: Option<&String>,
) {
    let Some(full) = full else { return };
    let cut = facts.is_truncated(name);
    let text = field(facts);
    let begins = |short: &String| {
        let mut letters = full.chars().flat_map(char::to_lowercase);
        short
            .chars()
            .flat_map(char::to_lowercase)
            .all(|letter| letters.next() == Some(letter))
    };
    match text {
        Some(short) if !begins(short) || (!cut && name != "proposal_pi") => return,
        _ => *text = Some(full.clone()),
    }
    facts.truncated.retain(|field| field != name);
}

/// The planned row of the visit that is nearest to what the timeline puts first.
fn of_visit<'r>(facts: &Facts, rows: &'r [MastRow]) -> Option<&'r MastRow> {
    let pointed = rows
        .iter()
        .filter(|row| !row.target_name.as_deref().is_some_and(words::is_internal));
    let rank = |row: &&MastRow| (!same_target(facts, row), !same_instrument(facts, row));
    pointed.min_by_key(rank)
}

/// A planned row of the programme on the same target with the same instrument, if all such rows
/// point at the same place.
fn of_programme<'r>(facts: &Facts, rows: &'r [MastRow]) -> Option<&'r MastRow> {
    let mut like = rows
        .iter()
        .filter(|row| same_target(facts, row) && same_instrument(facts, row));
    let first = like.next()?;
    like.all(|row| agree(first, row)).then_some(first)
}

fn same_target(facts: &Facts, row: &MastRow) -> bool {
    match (&facts.target_name, &row.target_name) {
        (Some(ours), Some(theirs)) if facts.is_truncated("target_name") => {
            theirs.starts_with(ours.as_str())
        }
        (Some(ours), Some(theirs)) => ours == theirs,
        _ => false,
    }
}

fn same_instrument(facts: &Facts, row: &MastRow) -> bool {
    facts.instrument_name.is_some() && facts.instrument_name == row.instrument_name
}

fn agree(one: &MastRow, other: &MastRow) -> bool {
    let apart = |a: Option<f64>, b: Option<f64>| a.zip(b).map(|(a, b)| (a - b).abs());
    let turn = |ra: f64| ra.min(360.0 - ra);
    let shrink = one.s_dec.unwrap_or(0.0).to_radians().cos();
    let ra = apart(one.s_ra, other.s_ra).map(|ra| turn(ra) * shrink);
    let dec = apart(one.s_dec, other.s_dec);
    ra.zip(dec)
        .is_some_and(|(ra, dec)| ra < AGREE && dec < AGREE)
}

/// That a planned visit happened, with what only the plan tells.
fn merge(plan: &Plan, mut done: Record) -> Record {
    let planned = &plan.record.facts;
    let facts = &mut done.facts;
    let archived = std::mem::replace(facts, planned.clone());
    facts.t_min = archived.t_min;
    facts.t_max = archived.t_max;
    facts.t_max_kind = archived.t_max_kind;
    facts.t_exptime = archived.t_exptime;
    facts.n_exposures = archived.n_exposures;
    facts.obs_release_date = archived.obs_release_date;
    facts.em_min = archived.em_min;
    facts.em_max = archived.em_max;
    facts.target_class = archived.target_class.or(facts.target_class.take());
    facts.tracking_type = archived.tracking_type.or(facts.tracking_type);
    complete(
        facts,
        "target_name",
        |facts| &mut facts.target_name,
        archived.target_name.as_ref(),
    );
    if archived.role == Role::PureParallel {
        facts.role = Role::PureParallel;
    }
    if plan.internal {
        facts.intent = Some(Intent::Calibration);
    } else {
        facts.intent = archived.intent.or(facts.intent);
        if archived.s_ra.is_some() && archived.s_dec.is_some() {
            facts.s_ra = archived.s_ra;
            facts.s_dec = archived.s_dec;
            facts.s_region = archived.s_region;
        }
    }
    if !archived.band.is_empty() {
        facts.band = archived.band;
    }
    for one in &archived.instruments {
        // The timeline knows modes, the archive only names.
        let known = facts
            .instruments
            .iter()
            .find(|known| known.name == one.name);
        let mode = known.and_then(|known| known.mode.clone());
        add_instrument(&mut facts.instruments, &one.name, mode, &one.filters);
    }
    if facts.instrument_name.is_none() {
        facts.instrument_name = archived.instrument_name;
    }
    done.on_track = plan.record.on_track && facts.role == Role::Prime;
    done.raw = format!("{}\n{}", plan.record.raw, done.raw);
    done
}
