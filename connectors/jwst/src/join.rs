//! What MAST adds to the visits of a plan: where, who, with which filters, and that it happened.
//!
//! Rows are joined on the visit their `obs_id` begins with, never on the name of a target. Rows of
//! visits that are not in the plan, and products that combine several visits, only tell the title
//! and the investigator of their programme.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{Basis, Claim, Facts, Record, TMaxKind, Unreadable};
use upstream::Harvest;
use upstream::mast::MastRow;
use upstream::units::mjd_to_utc;

use crate::describe;
use crate::visit::{self, VisitId};

/// A visit may run this much ahead of its planned start and still be that start's visit.
const EARLY: TimeDelta = TimeDelta::hours(12);

/// Where a record stands in the harvest, and its start.
type Start = (usize, Option<DateTime<Utc>>);

/// Completes the records of a plan with rows of MAST. A visit that MAST holds data of becomes a
/// confirmation; when the plan has it ahead once more, the one before becomes a record of its own.
pub fn join(harvest: &mut Harvest, rows: &[MastRow]) {
    let archive = Archive::of(rows);
    let mut starts: BTreeMap<VisitId, Vec<Start>> = BTreeMap::new();
    for (index, row) in harvest.records.iter_mut().enumerate() {
        let Some((id, record)) = visit_of(row) else {
            continue;
        };
        if let Some(programme) = archive.programmes.get(&id.program) {
            describe::programme(&mut record.facts, programme);
        }
        if archive.visits.contains_key(&id) {
            starts
                .entry(id)
                .or_default()
                .push((index, record.facts.t_min));
        }
    }

    let mut before_the_plan = Vec::new();
    for (id, mut starts) in starts {
        let Some(rows) = archive.visits.get(&id) else {
            continue;
        };
        starts.sort_by_key(|(_, t_min)| *t_min);
        let mut exposures = rows.exposures();
        for (at, &(index, _)) in starts.iter().enumerate().rev() {
            let Some((_, record)) = harvest.records.get_mut(index).and_then(visit_of) else {
                continue;
            };
            let from = record.facts.t_min.and_then(|t| t.checked_sub_signed(EARLY));
            let own = exposures.partition_point(|exposure| Some(exposure.t_min) < from);
            let own = exposures.split_off(own);
            if at == 0 && !exposures.is_empty() {
                before_the_plan.push(Ok(earlier(record, &exposures)));
            }
            if own.is_empty() {
                describe::planned(record, &rows.planned);
            } else {
                confirm(record, &own);
            }
        }
    }
    harvest.records.extend(before_the_plan);
    harvest
        .records
        .sort_by_key(|row| row.as_ref().ok().and_then(|record| record.facts.t_min));
}

fn visit_of(row: &mut Result<Record, Unreadable>) -> Option<(VisitId, &mut Record)> {
    let record = row.as_mut().ok()?;
    Some((VisitId::from_report(&record.obs_id)?, record))
}

/// One exposure, from the rows of all its detectors and products.
pub(crate) struct Exposure<'a> {
    pub(crate) t_min: DateTime<Utc>,
    t_max: Option<DateTime<Utc>>,
    t_exptime: Option<f64>,
    pub(crate) rows: Vec<&'a MastRow>,
}

impl Exposure<'_> {
    pub(crate) fn is_calibration(&self) -> bool {
        self.rows
            .iter()
            .all(|row| row.intent_type.as_deref() == Some("calibration"))
    }

    fn is_by(&self, instrument: &str) -> bool {
        self.rows
            .iter()
            .any(|row| describe::instrument(row).is_some_and(|name| name == instrument))
    }
}

/// The rows of MAST by visit, and what they say of programmes.
#[derive(Default)]
struct Archive<'a> {
    visits: HashMap<VisitId, VisitRows<'a>>,
    programmes: HashMap<u32, describe::Programme<'a>>,
}

#[derive(Default)]
struct VisitRows<'a> {
    planned: Vec<&'a MastRow>,
    performed: Vec<&'a MastRow>,
}

impl<'a> Archive<'a> {
    fn of(rows: &'a [MastRow]) -> Self {
        let mut rows: Vec<&MastRow> = rows
            .iter()
            .filter(|row| {
                row.obs_collection
                    .as_deref()
                    .is_none_or(|c| c == crate::JWST)
            })
            .collect();
        rows.sort_by(|a, b| a.obs_id.cmp(&b.obs_id));
        let mut archive = Archive::default();
        for row in rows {
            let visit = row.obs_id.as_deref().and_then(VisitId::from_archive);
            let program = visit.map(|id| id.program).or_else(|| {
                let program = row.proposal_id.as_deref()?.trim();
                program.parse().ok()
            });
            if let Some(program) = program {
                archive.programmes.entry(program).or_default().hear(row);
            }
            if let Some(visit) = visit {
                let rows = archive.visits.entry(visit).or_default();
                match row.calib_level {
                    Some(level) if level >= 1 && row.t_min.is_some() => rows.performed.push(row),
                    Some(level) if level >= 0 => {}
                    _ => rows.planned.push(row),
                }
            }
        }
        archive
    }
}

impl<'a> VisitRows<'a> {
    /// The performed exposures in the order of time. `jwPPPPPOOOVVV_GGSAA_EEEEE_detector…` is one
    /// detector of one exposure.
    fn exposures(&self) -> Vec<Exposure<'a>> {
        let mut exposures: BTreeMap<&str, Exposure> = BTreeMap::new();
        for &row in &self.performed {
            let instant = |mjd: Option<f64>| mjd_to_utc(mjd?).and_then(visit::plausible);
            let Some((id, t_min)) = row.obs_id.as_deref().zip(instant(row.t_min)) else {
                continue;
            };
            let end = id.match_indices('_').nth(2).map_or(id.len(), |(at, _)| at);
            let exposure = exposures
                .entry(id.get(..end).unwrap_or(id))
                .or_insert_with(|| Exposure {
                    t_min,
                    t_max: None,
                    t_exptime: None,
                    rows: vec![],
                });
            exposure.t_min = exposure.t_min.min(t_min);
            exposure.t_max = exposure.t_max.max(instant(row.t_max));
            exposure.t_exptime = longest(exposure.t_exptime, row.t_exptime);
            exposure.rows.push(row);
        }
        let mut exposures: Vec<Exposure> = exposures.into_values().collect();
        exposures.sort_by_key(|exposure| exposure.t_min);
        exposures
    }
}

fn longest(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    let b = b.filter(|b| b.is_finite() && *b >= 0.0);
    match (a, b) {
        (Some(a), Some(b)) => Some(a.max(b)),
        (a, b) => a.or(b),
    }
}

/// Turns a plan's record into a confirmation.
fn confirm(record: &mut Record, exposures: &[Exposure]) {
    let facts = &mut record.facts;
    facts.t_min = exposures.iter().map(|exposure| exposure.t_min).min();
    facts.t_max = exposures
        .iter()
        .filter_map(|exposure| exposure.t_max)
        .max()
        .filter(|t_max| Some(*t_max) >= facts.t_min);
    facts.t_max_kind = facts.t_max.map(|_| TMaxKind::LowerBound);
    facts.n_exposures = u32::try_from(exposures.len()).ok();
    facts.t_exptime = exposure_time(facts, exposures);
    facts.obs_release_date = exposures
        .iter()
        .flat_map(|exposure| &exposure.rows)
        .filter_map(|row| mjd_to_utc(row.t_obs_release?))
        .max();
    record.claim = Claim::Happened(Basis::Archived);
    record.first_science = exposures
        .iter()
        .find(|exposure| !exposure.is_calibration())
        .map(|exposure| exposure.t_min);
    describe::performed(record, exposures);
}

/// What the leading instrument exposed; of coordinated instruments only the first one counts.
fn exposure_time(facts: &Facts, exposures: &[Exposure]) -> Option<f64> {
    let leading = facts.instrument_name.as_deref();
    let by_leading = |exposure: &&Exposure| leading.is_some_and(|name| exposure.is_by(name));
    let any = exposures.iter().any(|exposure| by_leading(&exposure));
    exposures
        .iter()
        .filter(|exposure| !any || by_leading(exposure))
        .filter_map(|exposure| exposure.t_exptime)
        .reduce(|sum, exposure| sum + exposure)
}

/// The visit as it was performed before the start the plan has now.
fn earlier(planned: &Record, exposures: &[Exposure]) -> Record {
    let mut record = planned.clone();
    record.facts.t_planning = None;
    record.parallel_of = None;
    record.raw.clear();
    confirm(&mut record, exposures);
    record
}
