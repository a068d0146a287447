//! The facts of a visit that MAST knows and the weekly report does not.

use domain::{Facts, Intent, Record, Role, TrackingType};
use upstream::mast::MastRow;
use upstream::units::nm_to_m;

use crate::join::Exposure;

/// Planned rows of moving targets stand this near to RA 0, Dec 0, degrees: a placeholder.
const PLACEHOLDER: f64 = 0.05;

/// More optical elements than this are no longer a description.
const FILTERS: usize = 40;

/// What MAST says of a programme.
#[derive(Default)]
pub(crate) struct Programme<'a> {
    title: Option<&'a str>,
    pi: Option<&'a str>,
}

impl<'a> Programme<'a> {
    /// The first row that says something is believed.
    pub(crate) fn hear(&mut self, row: &'a MastRow) {
        let text = |text: &'a Option<String>| {
            text.as_deref()
                .map(str::trim)
                .filter(|text| !text.is_empty())
        };
        self.title = self.title.or_else(|| text(&row.obs_title));
        self.pi = self.pi.or_else(|| text(&row.proposal_pi));
    }
}

/// Adds title and investigator.
pub(crate) fn programme(facts: &mut Facts, programme: &Programme) {
    facts.proposal_title = programme.title.map(str::to_owned);
    facts.proposal_pi = programme.pi.map(str::to_owned);
}

/// Adds what the planned exposures say.
///
/// Visits beside a prime take no pointing from them: where a parallel will point is only known
/// once it has been.
pub(crate) fn planned(record: &mut Record, rows: &[&MastRow]) {
    describe(&mut record.facts, rows);
    if record.facts.role == Role::Prime {
        point(record, rows);
    }
}

/// Adds what the performed exposures say; its position is that of the first one for science.
pub(crate) fn performed(record: &mut Record, exposures: &[Exposure]) {
    let all: Vec<&MastRow> = rows(exposures, |_| true);
    describe(&mut record.facts, &all);
    point(
        record,
        &rows(exposures, |exposure| !exposure.is_calibration()),
    );
}

fn rows<'a>(exposures: &[Exposure<'a>], which: impl Fn(&Exposure) -> bool) -> Vec<&'a MastRow> {
    let wanted = exposures.iter().filter(|exposure| which(exposure));
    wanted
        .flat_map(|exposure| exposure.rows.iter().copied())
        .collect()
}

/// The instrument of a row in the report's words: `NIRCAM/IMAGE` is `NIRCAM`.
pub(crate) fn instrument(row: &MastRow) -> Option<&str> {
    row.instrument_name.as_deref()?.split('/').next()
}

fn describe(facts: &mut Facts, rows: &[&MastRow]) {
    for used in &mut facts.instruments {
        let own = rows
            .iter()
            .filter(|row| instrument(row) == Some(&used.name));
        for element in own
            .filter_map(|row| row.filters.as_deref())
            .flat_map(|f| f.split(';'))
        {
            let element = element.trim();
            let known = used.filters.iter().any(|filter| filter == element);
            if !element.is_empty() && !known && used.filters.len() < FILTERS {
                used.filters.push(element.to_owned());
            }
        }
    }
    let wavelengths = |column: fn(&MastRow) -> Option<f64>| {
        rows.iter().filter_map(move |row| nm_to_m(column(row)?))
    };
    facts.em_min = wavelengths(|row| row.em_min).reduce(f64::min);
    facts.em_max = wavelengths(|row| row.em_max).reduce(f64::max);
    if facts.intent.is_none() {
        facts.intent = rows
            .iter()
            .find_map(|row| match row.intent_type.as_deref()? {
                "science" => Some(Intent::Science),
                "calibration" => Some(Intent::Calibration),
                _ => None,
            });
    }
}

/// Adds the pointing: that of the first row with the visit's target and leading instrument, and
/// the footprint if all such rows agree on one.
fn point(record: &mut Record, rows: &[&MastRow]) {
    let facts = &mut record.facts;
    let internal = facts.role == Role::Prime && facts.target_name.is_none()
        || facts.role == Role::PureParallel && facts.intent == Some(Intent::Calibration);
    let moving = facts.tracking_type == Some(TrackingType::SolarSystem)
        || rows.iter().any(|row| row.mt_flag == Some(true));
    if internal || moving {
        return;
    }
    let target = facts.target_name.as_deref().map(folded);
    let of_target = |row: &MastRow| row.target_name.as_deref().map(folded) == target;
    let leading = |row: &MastRow| instrument(row) == facts.instrument_name.as_deref();
    let of_target = preferring(rows, of_target);
    let rows = preferring(&of_target, leading);
    let Some((row, ra, dec)) = rows.iter().find_map(|row| {
        let (ra, dec) = row.s_ra.zip(row.s_dec)?;
        (!is_placeholder(ra, dec)).then_some((row, ra, dec))
    }) else {
        return;
    };
    facts.s_ra = Some(ra);
    facts.s_dec = Some(dec);
    if rows.iter().all(|other| other.s_region == row.s_region) {
        facts.s_region = row.s_region.as_deref().and_then(footprint);
    }
    if !record.raw.is_empty() {
        record.raw.push('\n');
    }
    record.raw.push_str(&row.raw);
}

/// The rows that fit, or all of them when none does.
fn preferring<'a>(rows: &[&'a MastRow], fits: impl Fn(&MastRow) -> bool) -> Vec<&'a MastRow> {
    let fitting: Vec<&MastRow> = rows.iter().copied().filter(|row| fits(row)).collect();
    if fitting.is_empty() {
        rows.to_vec()
    } else {
        fitting
    }
}

fn folded(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

fn is_placeholder(ra: f64, dec: f64) -> bool {
    ra.min(360.0 - ra) < PLACEHOLDER && dec.abs() < PLACEHOLDER
}

/// A published `POLYGON` or `CIRCLE` with its frame spelled `ICRS`; nothing for other shapes.
fn footprint(region: &str) -> Option<String> {
    let mut words = region.split_whitespace().peekable();
    let shape = words.next()?.to_ascii_uppercase();
    if words.peek()?.starts_with(|c: char| c.is_ascii_alphabetic()) {
        words.next();
    }
    let numbers: Vec<&str> = words.collect();
    let finite = |word: &&str| word.parse::<f64>().is_ok_and(f64::is_finite);
    let fits = match shape.as_str() {
        "POLYGON" => numbers.len() >= 6 && numbers.len().is_multiple_of(2),
        "CIRCLE" => numbers.len() == 3,
        _ => false,
    };
    (fits && numbers.iter().all(finite)).then(|| format!("{shape} ICRS {}", numbers.join(" ")))
}
