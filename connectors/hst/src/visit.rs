//! Exposures of a timeline into one planned activity per visit.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::{Category, Claim, Facts, Instrument, Intent, Link, Record, Role, TMaxKind};

use crate::timeline::{Exposure, Text, Timeline};
use crate::words::{self, Kind};

/// A visit as planned.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) record: Record,
    /// Nothing of it points at the sky, so it has no coordinates.
    pub(crate) internal: bool,
}

/// The visits of a timeline, in the order of their programmes.
pub(crate) fn plans(timeline: &Timeline) -> Vec<Plan> {
    let mut units: BTreeMap<(&str, &str), Vec<&Exposure>> = BTreeMap::new();
    for exposure in &timeline.exposures {
        let key = (exposure.program.as_str(), exposure.visit.as_str());
        units.entry(key).or_default().push(exposure);
    }
    units
        .into_values()
        .flat_map(starts)
        .filter_map(|exposures| plan(timeline, &exposures))
        .collect()
}

/// Divides the exposures of a visit by its starts.
///
/// Each exposure states the interval of its whole visit. Rows whose intervals meet therefore speak
/// of the same one, from the earliest begin to the latest end; one that begins after the others
/// have ended is the visit's return later in the week.
fn starts(mut exposures: Vec<&Exposure>) -> Vec<Vec<&Exposure>> {
    exposures.sort_by_key(|exposure| exposure.begin);
    let mut starts: Vec<Vec<&Exposure>> = Vec::new();
    let mut until: Option<DateTime<Utc>> = None;
    for exposure in exposures {
        match starts.last_mut() {
            Some(last) if until.is_some_and(|until| exposure.begin <= until) => last.push(exposure),
            _ => starts.push(vec![exposure]),
        }
        until = until.max(Some(exposure.end));
    }
    starts
}

fn kind(exposure: &Exposure) -> Kind {
    let target = exposure.target.as_ref().map(|target| target.text.as_str());
    Kind::of(target, exposure.mode.as_deref())
}

fn plan(timeline: &Timeline, exposures: &[&Exposure]) -> Option<Plan> {
    let first = |wanted: Kind| exposures.iter().find(|exposure| kind(exposure) == wanted);
    // What the visit is about: its first exposure of the most telling kind.
    let lead = [Kind::Science, Kind::Parallel, Kind::Internal]
        .into_iter()
        .find_map(first)
        .or(exposures.first())?;
    let lead_kind = kind(lead);
    let programme = timeline.programmes.get(&lead.program);
    let mut facts = Facts {
        intent: Some(match lead_kind {
            Kind::Science | Kind::Parallel => Intent::Science,
            Kind::Internal => Intent::Calibration,
            Kind::Acquisition => Intent::Acquisition,
        }),
        role: match lead_kind {
            Kind::Parallel => Role::PureParallel,
            _ => Role::Prime,
        },
        t_planning: timeline.issued,
        t_min: exposures.iter().map(|exposure| exposure.begin).min(),
        t_max: exposures.iter().map(|exposure| exposure.end).max(),
        t_max_kind: Some(TMaxKind::Planned),
        t_plan_exptime: exposures.iter().map(|exposure| exposure.seconds).sum(),
        ..of_programme(&lead.program, &lead.visit)
    };
    name_target(&mut facts, lead);
    name_people(&mut facts, lead, programme);
    name_instruments(&mut facts, lead, exposures);

    let lines = exposures.iter().map(|exposure| exposure.raw.as_str());
    let title = programme.map(|programme| programme.raw.as_str());
    let raw: Vec<&str> = lines.chain(title).collect();
    let obs_id = format!("{}:{}", lead.program, lead.visit);
    let mut record = Record::new(obs_id, Claim::Plan, facts, raw.join("\n"));
    record.on_track = matches!(lead_kind, Kind::Science | Kind::Acquisition);
    Some(Plan {
        record,
        internal: lead_kind == Kind::Internal,
    })
}

/// What every activity of a visit says, whoever tells of it.
pub(crate) fn of_programme(program: &str, visit: &str) -> Facts {
    Facts {
        obs_collection: "HST".to_owned(),
        facility_name: "HST".to_owned(),
        group_id: Some(format!("{program}:{visit}")),
        category: Some(Category::Other),
        proposal_id: Some(program.to_owned()),
        links: vec![Link {
            title: "Programme page".to_owned(),
            url: format!(
                "https://www.stsci.edu/cgi-bin/get-proposal-info?id={program}&observatory=HST"
            ),
        }],
        ..Facts::default()
    }
}

fn name_target(facts: &mut Facts, lead: &Exposure) {
    let Some(target) = &lead.target else { return };
    if matches!(target.text.as_str(), "NONE" | "ANY") {
        return; // the format's words for "no target"
    }
    facts.target_name = Some(target.text.clone());
    flag(facts, "target_name", target.cut);
}

/// Title and PI; the titles' section cuts names later than the rows do.
fn name_people(facts: &mut Facts, lead: &Exposure, programme: Option<&crate::timeline::Programme>) {
    let titled = programme.and_then(|programme| programme.pi.as_ref());
    let longer = |short: &Text, long: &Text| long.text.starts_with(&short.text);
    let pi = match (&lead.pi, titled) {
        (Some(row), Some(titled)) if !longer(row, titled) => Some(row),
        (row, titled) => titled.or(row.as_ref()),
    };
    if let Some(pi) = pi {
        facts.proposal_pi = Some(pi.text.clone());
        flag(facts, "proposal_pi", pi.cut);
    }
    if let Some(title) = programme.and_then(|programme| programme.title.as_ref()) {
        facts.proposal_title = Some(title.text.clone());
        flag(facts, "proposal_title", title.cut);
    }
}

fn name_instruments(facts: &mut Facts, lead: &Exposure, exposures: &[&Exposure]) {
    for exposure in std::iter::once(&lead).chain(exposures) {
        let Some(name) = &exposure.instrument else {
            continue;
        };
        let mode = exposure
            .mode
            .as_deref()
            .map(|printed| words::mode(printed).0);
        add_instrument(&mut facts.instruments, name, mode, &exposure.elements);
    }
    if let Some(leading) = facts
        .instruments
        .first()
        .filter(|_| lead.instrument.is_some())
    {
        facts.instrument_name = Some(leading.name.clone());
        facts.instrument_mode = leading.mode.clone();
    }
    let cut = lead.mode.as_deref().is_some_and(|mode| words::mode(mode).1);
    flag(
        facts,
        "instrument_mode",
        cut && facts.instrument_mode.is_some(),
    );
    facts.band = bands(&facts.instruments);
}

/// Adds an instrument in a mode, or only its filters where it is listed already.
pub(crate) fn add_instrument(
    instruments: &mut Vec<Instrument>,
    name: &str,
    mode: Option<String>,
    filters: &[String],
) {
    let listed = instruments
        .iter()
        .position(|one| one.name == name && one.mode == mode);
    let at = listed.unwrap_or_else(|| {
        instruments.push(Instrument {
            name: name.to_owned(),
            mode,
            filters: Vec::new(),
        });
        instruments.len() - 1
    });
    if let Some(one) = instruments.get_mut(at) {
        for filter in filters {
            if !one.filters.contains(filter) {
                one.filters.push(filter.clone());
            }
        }
    }
}

/// The bands of all instruments, each once.
pub(crate) fn bands(instruments: &[Instrument]) -> Vec<String> {
    let mut bands: Vec<String> = Vec::new();
    for band in instruments.iter().flat_map(|one| words::bands(&one.name)) {
        if !bands.iter().any(|known| known == band) {
            bands.push((*band).to_owned());
        }
    }
    bands
}

fn flag(facts: &mut Facts, field: &str, cut: bool) {
    if cut {
        facts.truncated.push(field.to_owned());
    }
}

/// Names the prime each pure parallel runs beside, where only one can be meant: the visits that
/// hold the line of sight while it lasts are counted, and one must be left.
pub(crate) fn name_primes(records: &mut [Record]) {
    let span = |record: &Record| record.facts.t_min.zip(record.facts.t_max);
    let mut primes: Vec<(DateTime<Utc>, DateTime<Utc>, String)> = records
        .iter()
        .filter(|record| record.on_track)
        .filter_map(|record| span(record).map(|(from, to)| (from, to, record.obs_id.clone())))
        .collect();
    primes.sort();
    let mut ends: Vec<DateTime<Utc>> = primes.iter().map(|(_, to, _)| *to).collect();
    ends.sort();
    // Of the first n primes, the one that lasts longest.
    let mut longest: Vec<usize> = Vec::with_capacity(primes.len());
    for (at, (_, to, _)) in primes.iter().enumerate() {
        let before = longest.last().copied();
        let longer = before.filter(|other| primes.get(*other).is_some_and(|p| p.1 >= *to));
        longest.push(longer.unwrap_or(at));
    }
    let parallels = |record: &&mut Record| record.facts.role == Role::PureParallel;
    for record in records.iter_mut().filter(parallels) {
        let Some((from, to)) = span(record) else {
            continue;
        };
        let begun = primes.partition_point(|prime| prime.0 < to);
        let over = ends.partition_point(|end| *end <= from);
        if from < to && begun.checked_sub(over) == Some(1) {
            let prime = longest.get(begun - 1).and_then(|at| primes.get(*at));
            record.parallel_of = prime.map(|prime| prime.2.clone());
        }
    }
}
