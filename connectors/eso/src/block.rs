//! Exposures into activities: one for each observing block in one night on one telescope.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use domain::{Basis, Claim, Facts, Instrument, Intent, Link, Record, Role, TMaxKind, TrackingType};

use crate::exposure::{Exposure, Kind};
use crate::night::Night;
use crate::{target, telescope};

/// What belongs together. As text it is the `obs_id`, the same however many exposures are known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Block {
    telescope: String,
    run: Run,
    night: Night,
}

/// What the telescope was running.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Run {
    /// An observing block; carried out twice in one night it is still one activity.
    Ob(i64),
    /// Without a block: one run of a template, which starts at a published time.
    Template {
        instrument: String,
        tpl_start: String,
    },
    /// Without either: a file on its own.
    File(String),
}

impl Block {
    fn of(exposure: &Exposure) -> Self {
        let run = match (exposure.ob_id, &exposure.tpl_start) {
            (Some(ob_id), _) => Run::Ob(ob_id),
            (None, Some(tpl_start)) => Run::Template {
                instrument: exposure.instrument.clone(),
                tpl_start: tpl_start.clone(),
            },
            (None, None) => Run::File(exposure.dp_id.clone()),
        };
        Block {
            telescope: exposure.telescope.clone(),
            run,
            night: exposure.night(),
        }
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.telescope)?;
        match &self.run {
            Run::Ob(ob_id) => write!(f, "{ob_id}")?,
            Run::Template {
                instrument,
                tpl_start,
            } => write!(f, "{instrument}.{tpl_start}")?,
            Run::File(dp_id) => f.write_str(dp_id)?,
        }
        write!(f, ":{}", self.night)
    }
}

/// One record for each block, by start, with the number of its rows. `header` is the rows' header
/// line.
pub(crate) fn records(exposures: Vec<Exposure>, header: &str) -> Vec<(Record, usize)> {
    let mut blocks: BTreeMap<Block, Vec<Exposure>> = BTreeMap::new();
    for exposure in exposures {
        blocks
            .entry(Block::of(&exposure))
            .or_default()
            .push(exposure);
    }
    let mut records: Vec<(Record, usize)> = blocks
        .into_iter()
        .map(|(block, mut exposures)| {
            exposures.sort_by(|a, b| (a.start, &a.dp_id).cmp(&(b.start, &b.dp_id)));
            (record(&block, &exposures, header), exposures.len())
        })
        .collect();
    records.sort_by(|(a, _), (b, _)| (a.facts.t_min, &a.obs_id).cmp(&(b.facts.t_min, &b.obs_id)));
    records
}

fn record(block: &Block, exposures: &[Exposure], header: &str) -> Record {
    let obs_id = block.to_string();
    let intent = intent(exposures);
    let raw = std::iter::once(header)
        .chain(exposures.iter().map(|exposure| exposure.raw.as_str()))
        .collect::<Vec<_>>()
        .join("\n");
    let facts = facts(block, &obs_id, intent, exposures);
    let mut record = Record::new(obs_id, Claim::Happened(Basis::Archived), facts, raw);
    record.first_science = science(exposures).map(|exposure| exposure.start).min();
    record.on_track = matches!(intent, Some(Intent::Science | Intent::Acquisition));
    record
}

fn facts(block: &Block, obs_id: &str, intent: Option<Intent>, exposures: &[Exposure]) -> Facts {
    let telling = telling(exposures);
    let first = |pick: fn(&Exposure) -> Option<&String>| {
        telling.iter().find_map(|exposure| pick(exposure)).cloned()
    };
    let instruments = instruments(&telling);
    let target_name = first(|exposure| exposure.target.as_ref());
    let proposal_id = first(|exposure| exposure.proposal_id.as_ref());
    let starting = exposures.iter().min_by_key(|exposure| exposure.start);
    Facts {
        obs_collection: "ESO".to_owned(),
        group_id: Some(obs_id.to_owned()),
        intent,
        role: Role::Prime,
        facility_name: block.telescope.clone(),
        telescopes: telescope::combined(&block.telescope),
        site: telescope::site(&block.telescope).map(str::to_owned),
        instrument_name: instruments
            .first()
            .map(|instrument| instrument.name.clone()),
        instrument_mode: instruments
            .first()
            .and_then(|instrument| instrument.mode.clone()),
        band: bands(&block.telescope, &instruments),
        instruments,
        em_min: science(exposures)
            .filter_map(|exposure| exposure.em_min)
            .reduce(f64::min),
        em_max: science(exposures)
            .filter_map(|exposure| exposure.em_max)
            .reduce(f64::max),
        tracking_type: tracking(intent, target_name.as_deref()),
        target_name,
        s_ra: pointing(exposures).map(|(ra, _)| ra),
        s_dec: pointing(exposures).map(|(_, dec)| dec),
        t_planning: exposures
            .iter()
            .filter_map(|exposure| exposure.modified)
            .max(),
        t_min: starting.map(|exposure| exposure.start),
        t_max: exposures.iter().map(|exposure| exposure.end).max(),
        t_max_kind: Some(TMaxKind::LowerBound),
        t_uncertainty: starting.filter(|exposure| exposure.rough).map(|_| 1.0),
        t_exptime: science(exposures)
            .filter_map(|exposure| exposure.seconds)
            .reduce(|a, b| a + b),
        n_exposures: count(intent, exposures),
        obs_release_date: science(exposures)
            .filter_map(|exposure| exposure.released)
            .max(),
        links: proposal_id
            .as_deref()
            .and_then(schedule_page)
            .into_iter()
            .collect(),
        proposal_id,
        proposal_title: first(|exposure| exposure.proposal_title.as_ref()),
        proposal_pi: first(|exposure| exposure.proposal_pi.as_ref()),
        ..Facts::default()
    }
}

fn science(exposures: &[Exposure]) -> impl Iterator<Item = &Exposure> {
    exposures
        .iter()
        .filter(|exposure| exposure.kind == Kind::Science)
}

/// The exposures in the order in which they may speak for the block: on target, then beside it,
/// then the rest; within each by time.
fn telling(exposures: &[Exposure]) -> Vec<&Exposure> {
    let mut telling: Vec<&Exposure> = exposures.iter().collect();
    telling.sort_by_key(|exposure| (!exposure.is_on_target(), exposure.kind != Kind::Science));
    telling
}

/// What the block is for: science if any of it is, else calibration, engineering or acquisition.
/// Acquisition comes last, because most blocks begin with one.
fn intent(exposures: &[Exposure]) -> Option<Intent> {
    [
        (Kind::Science, Intent::Science),
        (Kind::Calibration, Intent::Calibration),
        (Kind::Engineering, Intent::Engineering),
        (Kind::Acquisition, Intent::Acquisition),
    ]
    .into_iter()
    .find(|(kind, _)| exposures.iter().any(|exposure| exposure.kind == *kind))
    .map(|(_, intent)| intent)
}

/// Where the first science exposure that is no sky offset points. Acquisitions may be centred on a
/// star nearby and calibrations on nothing at all, so they give no position.
fn pointing(exposures: &[Exposure]) -> Option<(f64, f64)> {
    exposures
        .iter()
        .filter(|exposure| exposure.is_on_target())
        .find_map(|exposure| exposure.position)
}

/// Science exposures so far; unknown for blocks that are there for something else.
fn count(intent: Option<Intent>, exposures: &[Exposure]) -> Option<u32> {
    match intent {
        Some(Intent::Science | Intent::Acquisition) => {
            u32::try_from(science(exposures).count()).ok()
        }
        _ => None,
    }
}

/// Sidereal unless the target is known to move; nothing for what has no target.
fn tracking(intent: Option<Intent>, target: Option<&str>) -> Option<TrackingType> {
    match (intent, target) {
        (_, Some(name)) if target::is_moving(name) => Some(TrackingType::SolarSystem),
        (Some(Intent::Science | Intent::Acquisition), _) => Some(TrackingType::Sidereal),
        _ => None,
    }
}

/// Each instrument once, with the mode it was first used in and all filters.
fn instruments(telling: &[&Exposure]) -> Vec<Instrument> {
    let mut instruments: Vec<Instrument> = Vec::new();
    let mut filters = BTreeSet::new();
    for exposure in telling {
        let at = instruments
            .iter()
            .position(|known| known.name == exposure.instrument);
        let at = at.unwrap_or_else(|| {
            instruments.push(Instrument {
                name: exposure.instrument.clone(),
                mode: None,
                filters: Vec::new(),
            });
            instruments.len() - 1
        });
        let Some(instrument) = instruments.get_mut(at) else {
            continue;
        };
        if instrument.mode.is_none() {
            instrument.mode.clone_from(&exposure.mode);
        }
        if let Some(filter) = &exposure.filter
            && filters.insert((at, filter.as_str()))
        {
            instrument.filters.push(filter.clone());
        }
    }
    instruments
}

fn bands(telescope: &str, instruments: &[Instrument]) -> Vec<String> {
    let mut bands = Vec::new();
    for band in instruments
        .iter()
        .filter_map(|instrument| telescope::band(telescope, &instrument.name))
    {
        if !bands.iter().any(|known| known == band) {
            bands.push(band.to_owned());
        }
    }
    bands
}

/// The run in ESO's schedule, for ids that can stand in a link as they are.
fn schedule_page(proposal_id: &str) -> Option<Link> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "().-".contains(letter);
    proposal_id.chars().all(plain).then(|| Link {
        title: "Run in ESO's observing schedule".to_owned(),
        url: format!(
            "https://archive.eso.org/wdb/wdb/eso/sched_rep_arc/query?progid={proposal_id}"
        ),
    })
}
