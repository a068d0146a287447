//! Rows of the archive (MAST) into what was done, and where the rest is planned to be.
//!
//! A dataset is named `IPPPSSOOT`: instrument, programme code, visit (the observation set),
//! exposure, kind. So a row belongs to the visit in its letters 5 and 6, of the programme in
//! `proposal_id`; names of another form carry no visit.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::{Claim, Facts, Record, Role, TMaxKind, Unreadable};
use upstream::mast::MastRow;
use upstream::{Result, units};

use crate::page;
use crate::row::{
    intent, is_association, is_pointed, is_science, published_bands, region, role, tracking,
    visit_of, wavelengths,
};
use crate::visit::{add_instrument, bands, of_programme};
use crate::words;

/// Rows of the archive, sorted out.
#[derive(Debug, Default)]
pub(crate) struct Archive {
    /// By `obs_id` of the visit.
    pub(crate) visits: BTreeMap<String, Visit>,
    /// Planned rows whose name carries no visit, by programme.
    pub(crate) loose: BTreeMap<String, Vec<MastRow>>,
    /// Principal investigator and title, by programme.
    pub(crate) programmes: BTreeMap<String, (Option<String>, Option<String>)>,
    /// Rows that could not be read.
    pub(crate) unreadable: Vec<Unreadable>,
    /// Rows left out on purpose, by reason.
    pub(crate) skipped: BTreeMap<&'static str, usize>,
    /// Rows of any kind.
    pub(crate) rows: usize,
    /// Rows of this telescope, readable or not.
    pub(crate) ours: usize,
}

/// What the archive holds of a visit.
#[derive(Debug, Default)]
pub(crate) struct Visit {
    program: String,
    visit: String,
    /// Rows without data yet.
    pub(crate) planned: Vec<MastRow>,
    /// Rows with data, by start.
    performed: Vec<Performed>,
}

#[derive(Debug)]
struct Performed {
    begin: DateTime<Utc>,
    end: DateTime<Utc>,
    row: MastRow,
}

/// Where a row belongs.
enum Place {
    Performed {
        visit: String,
        begin: DateTime<Utc>,
        end: DateTime<Utc>,
    },
    Planned(Option<String>),
    Skip(&'static str),
}

impl Archive {
    /// Takes rows in, in any order and portion.
    pub(crate) fn take(&mut self, rows: Vec<Result<MastRow, Unreadable>>) {
        for row in rows {
            self.rows += 1;
            let row = match row {
                Ok(row) => row,
                Err(unreadable) => {
                    self.unreadable.push(unreadable);
                    continue;
                }
            };
            if row.obs_collection.as_deref() != Some("HST") {
                *self.skipped.entry("not of the collection HST").or_default() += 1;
                continue;
            }
            self.ours += 1;
            if let Err(unreadable) = self.sort(row) {
                self.unreadable.push(unreadable);
            }
        }
        for visit in self.visits.values_mut() {
            visit.performed.sort_by_key(|one| one.begin);
        }
    }

    fn sort(&mut self, row: MastRow) -> Result<(), Unreadable> {
        let program = row.proposal_id.as_deref().and_then(words::program);
        let program = program.ok_or("proposal_id: missing or not a number".to_owned());
        let program = program.map_err(|why| row.unreadable(why))?;
        let place = place(&row, &program).map_err(|why| row.unreadable(why))?;
        let told = self.programmes.entry(program.clone()).or_default();
        told.0 = told.0.take().or_else(|| row.proposal_pi.clone());
        told.1 = told.1.take().or_else(|| row.obs_title.clone());
        match place {
            Place::Skip(reason) => *self.skipped.entry(reason).or_default() += 1,
            Place::Performed { visit, begin, end } => {
                let entry = self.visit(&program, visit);
                entry.performed.push(Performed { begin, end, row });
            }
            Place::Planned(Some(visit)) => self.visit(&program, visit).planned.push(row),
            Place::Planned(None) => self.loose.entry(program).or_default().push(row),
        }
        Ok(())
    }

    fn visit(&mut self, program: &str, visit: String) -> &mut Visit {
        let entry = self.visits.entry(format!("{program}:{visit}"));
        entry.or_insert_with(|| Visit {
            program: program.to_owned(),
            visit,
            ..Visit::default()
        })
    }
}

fn place(row: &MastRow, program: &str) -> Result<Place, String> {
    let obs_id = row.obs_id.as_deref().ok_or("obs_id: missing")?;
    for (name, text) in [
        ("target_name", &row.target_name),
        ("target_classification", &row.target_classification),
        ("instrument_name", &row.instrument_name),
        ("filters", &row.filters),
        ("obs_title", &row.obs_title),
        ("proposal_pi", &row.proposal_pi),
    ] {
        if text
            .as_deref()
            .is_some_and(|text| text.contains(char::is_control))
        {
            return Err(format!("{name}: holds control characters"));
        }
    }
    let visit = visit_of(obs_id, program);
    let Some(level) = row.calib_level else {
        return Ok(Place::Skip("without a calibration level"));
    };
    if level < 1 {
        return Ok(Place::Planned(visit));
    }
    if obs_id.contains('_') {
        return Ok(Place::Skip("made from other datasets"));
    }
    let visit = visit.ok_or("obs_id: not the name of a dataset")?;
    let instant = |mjd| units::mjd_to_utc(mjd).and_then(page::known);
    let begin = row.t_min.and_then(instant);
    let begin = begin.ok_or("t_min: missing or out of range, though there are data")?;
    let end = match row.t_max {
        Some(end) => instant(end).ok_or("t_max: out of range")?,
        None => begin,
    };
    if end < begin {
        return Err("t_max: before t_min".to_owned());
    }
    Ok(Place::Performed { visit, begin, end })
}

impl Visit {
    /// How many rows tell of it.
    pub(crate) fn rows(&self) -> usize {
        self.planned.len() + self.performed.len()
    }

    /// Begin of the first exposure with data.
    pub(crate) fn begin(&self) -> Option<DateTime<Utc>> {
        self.performed.first().map(|one| one.begin)
    }

    /// End of the last exposure with data.
    pub(crate) fn end(&self) -> Option<DateTime<Utc>> {
        self.performed.iter().map(|one| one.end).max()
    }

    /// What was done, if anything was. Times are those of the exposures, without the overheads
    /// around them.
    pub(crate) fn happened(&self) -> Option<Record> {
        let science = self.performed.iter().find(|one| is_science(&one.row));
        let pointed = self.performed.iter().find(|one| is_pointed(&one.row));
        let lead = &science.or(pointed).or(self.performed.first())?.row;
        let rows = || self.performed.iter().map(|one| &one.row);
        let exposures = u32::try_from(self.performed.len()).ok();
        let mut facts = Facts {
            t_min: self.begin(),
            t_max: self.end(),
            t_max_kind: Some(TMaxKind::LowerBound),
            t_exptime: rows().map(|row| row.t_exptime).sum(),
            n_exposures: exposures.filter(|_| !rows().any(is_association)),
            obs_release_date: rows()
                .filter_map(|row| row.t_obs_release)
                .filter_map(|mjd| units::mjd_to_utc(mjd).and_then(page::known))
                .max(),
            ..self.facts(lead, &rows().collect::<Vec<_>>())
        };
        if is_pointed(lead) {
            facts.s_ra = lead.s_ra;
            facts.s_dec = lead.s_dec;
            facts.s_region = lead.s_region.as_deref().and_then(region);
        }
        let claim = Claim::Happened(domain::Basis::Archived);
        let mut record = self.record(claim, facts, rows());
        record.first_science = science.map(|one| one.begin);
        record.on_track = record.facts.role == Role::Prime && is_pointed(lead);
        Some(record)
    }

    /// What is known of a visit that has no data yet; it says nothing about when.
    pub(crate) fn described(&self) -> Option<Record> {
        let lead = self.planned.iter().find(|row| is_pointed(row));
        let lead = lead.or(self.planned.first())?;
        let rows: Vec<&MastRow> = self.planned.iter().collect();
        let mut facts = self.facts(lead, &rows);
        if is_pointed(lead) && lead.mt_flag != Some(true) {
            facts.s_ra = lead.s_ra;
            facts.s_dec = lead.s_dec;
        }
        Some(self.record(Claim::Described, facts, rows.into_iter()))
    }

    fn record<'r>(
        &self,
        claim: Claim,
        facts: Facts,
        rows: impl Iterator<Item = &'r MastRow>,
    ) -> Record {
        let obs_id = format!("{}:{}", self.program, self.visit);
        let raw: Vec<&str> = rows.map(|row| row.raw.as_str()).collect();
        Record::new(obs_id, claim, facts, raw.join("\n"))
    }

    fn facts(&self, lead: &MastRow, rows: &[&MastRow]) -> Facts {
        let mut facts = Facts {
            intent: intent(lead),
            role: role(lead),
            target_name: lead.target_name.clone(),
            target_class: lead.target_classification.clone(),
            tracking_type: tracking(lead),
            proposal_title: lead.obs_title.clone(),
            proposal_pi: lead.proposal_pi.clone(),
            em_min: wavelengths(rows, |row| row.em_min).reduce(f64::min),
            em_max: wavelengths(rows, |row| row.em_max).reduce(f64::max),
            ..of_programme(&self.program, &self.visit)
        };
        if !matches!(lead.target_name.as_deref(), Some(name) if name != "NONE" && name != "ANY") {
            facts.target_name = None;
        }
        for row in std::iter::once(&lead).chain(rows) {
            let Some(name) = &row.instrument_name else {
                continue;
            };
            let filters: Vec<String> = row
                .filters
                .iter()
                .flat_map(|filters| filters.split(';'))
                .map(|filter| filter.trim().to_owned())
                .filter(|filter| !filter.is_empty())
                .collect();
            add_instrument(&mut facts.instruments, name, None, &filters);
        }
        facts.instrument_name = lead.instrument_name.clone();
        facts.band = published_bands(rows);
        if facts.band.is_empty() {
            facts.band = bands(&facts.instruments);
        }
        facts
    }
}
