//! A weekly report: one row per visit, and continuation lines that belong to the visit above.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use domain::{Category, Claim, Facts, Instrument, Link, Record, Role, TMaxKind, Unreadable};
use upstream::{Error, Harvest, Result};

use crate::table::Table;
use crate::visit::{self, VisitId};

/// What stands in place of a start where a visit runs beside a prime.
const ATTACHED: &str = "^ATTACHED TO PRIME^";

/// More instruments than this never work on one visit; further lines stay in `raw` alone.
const INSTRUMENTS: usize = 8;

/// Reads a report. Its name tells when it was issued (`20250804_report_20250802.txt`).
pub(crate) fn read(name: &str, body: &[u8]) -> Result<Harvest> {
    let text = String::from_utf8_lossy(body);
    let lines = || text.split('\n').map(str::trim_end);
    let (table, head) = Table::find(lines())?;
    let mut reading = Reading {
        table,
        issued: issued(name),
        harvest: Harvest::default(),
        above: Above::Nothing,
        prime: Prime::None,
        seen: HashSet::new(),
    };
    for (index, line) in lines().enumerate().skip(head) {
        if !line.is_empty() {
            reading.line(index + 1, line);
        }
    }
    let mut harvest = reading.harvest;
    if harvest.read == 0 {
        return Err(Error::Unreadable(
            "the weekly report holds no visit: expected rows under its ruler".to_owned(),
        ));
    }
    // A visit given twice has its earlier start first.
    harvest
        .records
        .sort_by_key(|row| row.as_ref().ok().and_then(|record| record.facts.t_min));
    harvest.horizon = harvest.readable().filter_map(|r| r.facts.t_max).max();
    Ok(harvest)
}

/// The day a report was issued, from its name.
pub(crate) fn issued(name: &str) -> Option<DateTime<Utc>> {
    let (_, rest) = name.rsplit_once("_report_")?;
    let next = rest.as_bytes().get(8);
    if next.is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    let day = NaiveDate::parse_from_str(rest.get(..8)?, "%Y%m%d").ok()?;
    visit::plausible(day.and_hms_opt(0, 0, 0)?.and_utc())
}

/// What a continuation line belongs to: a row of `harvest.records`, read or not.
enum Above {
    Nothing,
    Row(usize),
    Repeated,
}

/// The prime an attached visit runs beside.
enum Prime {
    None,
    Known {
        id: VisitId,
        t_min: DateTime<Utc>,
        t_max: Option<DateTime<Utc>>,
    },
    Lost,
}

struct Reading {
    table: Table,
    issued: Option<DateTime<Utc>>,
    harvest: Harvest,
    above: Above,
    prime: Prime,
    seen: HashSet<(VisitId, Option<DateTime<Utc>>)>,
}

impl Reading {
    fn line(&mut self, row: usize, line: &str) {
        self.harvest.read += 1;
        let damaged = |c: char| c.is_control() || c == char::REPLACEMENT_CHARACTER;
        let read = if line.contains(damaged) {
            self.lose_visit(line);
            Err("the line holds bytes that are no text".to_owned())
        } else if self.table.id.of(line).is_empty() {
            self.continuation(line)
        } else {
            self.visit(line).inspect_err(|_| self.lose_visit(line))
        };
        if let Err(reason) = read {
            self.harvest.records.push(Err(Unreadable {
                row,
                reason,
                raw: line.to_owned(),
            }));
        }
    }

    /// The line about to be kept aside was a visit: what follows belongs to it and to no other.
    fn lose_visit(&mut self, line: &str) {
        self.above = Above::Row(self.harvest.records.len());
        if self.table.start.of(line) != ATTACHED {
            self.prime = Prime::Lost;
        }
    }

    /// A line without a visit id: a further instrument or a further target of the visit above.
    fn continuation(&mut self, line: &str) -> Result<(), String> {
        let table = &self.table;
        let kind = table.kind.of(line);
        let mode = table.mode.of(line);
        let coordinated = kind == "COORDINATED PARALLEL";
        let timed = !table.start.of(line).is_empty() || !table.duration.of(line).is_empty();
        if let Some(column) = table.run_across(line) {
            let reason = format!("{column}: text runs into the column from the left");
            self.lose_visit(line);
            return Err(reason);
        }
        if timed || !(kind.is_empty() || coordinated) {
            self.lose_visit(line);
            return Err("VISIT ID: blank on a line with a start or a type of its own".to_owned());
        }
        if coordinated == mode.is_empty() {
            return Err(
                "SCIENCE INSTRUMENT AND MODE: expected on coordinated parallels, \
                        and there alone"
                    .to_owned(),
            );
        }
        match self.above {
            Above::Nothing => return Err("VISIT ID: blank, and no visit stands above".to_owned()),
            Above::Repeated => {}
            Above::Row(index) => match self.harvest.records.get_mut(index) {
                Some(Ok(record)) => {
                    append(&mut record.raw, line);
                    if coordinated {
                        add_instrument(&mut record.facts.instruments, mode);
                    }
                }
                Some(Err(lost)) => append(&mut lost.raw, line),
                None => {}
            },
        }
        Ok(())
    }

    /// A line with a visit id.
    fn visit(&mut self, line: &str) -> Result<(), String> {
        let table = &self.table;
        let start = table.start.of(line);
        let attached = start == ATTACHED;
        if let Some(column) = table.run_across(line) {
            return Err(format!("{column}: text runs into the column from the left"));
        }
        let id = table.id.of(line);
        let id = VisitId::from_report(id)
            .ok_or_else(|| format!("VISIT ID: {id:?} is not program:observation:visit"))?;
        let (t_min, t_max, beside) = if attached {
            match &self.prime {
                Prime::Known { id, t_min, t_max } => (Some(*t_min), *t_max, Some(*id)),
                Prime::None => (None, None, None),
                Prime::Lost => {
                    return Err(
                        "SCHEDULED START TIME: attached to a prime that could not be read"
                            .to_owned(),
                    );
                }
            }
        } else {
            let (t_min, t_max) = interval(start, table.duration.of(line))?;
            self.prime = Prime::Known { id, t_min, t_max };
            (Some(t_min), t_max, None)
        };
        if !self.seen.insert((id, t_min)) {
            self.above = Above::Repeated;
            self.harvest.skip("a visit given twice with the same start");
            return Ok(());
        }

        let kind = table.kind.of(line);
        let mut facts = self.facts(line, id);
        facts.t_min = t_min;
        facts.t_max = t_max;
        facts.t_max_kind = t_max.map(|_| TMaxKind::Planned);
        let own_programme = beside.is_some_and(|prime| prime.program == id.program);
        facts.role = visit::role(kind, attached, own_programme);
        let mut record = Record::new(id.to_string(), Claim::Plan, facts, line);
        record.on_track = !attached && record.facts.role == Role::Prime;
        record.parallel_of = beside.map(|prime| prime.to_string());
        self.above = Above::Row(self.harvest.records.len());
        self.harvest.records.push(Ok(record));
        Ok(())
    }

    /// What a row says apart from its time and its part beside others.
    fn facts(&self, line: &str, id: VisitId) -> Facts {
        let table = &self.table;
        let kind = table.kind.of(line);
        let mode = table.mode.of(line);
        let target = table.target.of(line);
        let category = table.category.map_or("", |column| column.of(line));
        let keywords = table.keywords.map_or("", |column| column.of(line));
        let pcs = table.pcs.map_or("", |column| column.of(line));
        let instruments: Vec<Instrument> = visit::instrument(mode).into_iter().collect();
        let cut_off = !target.is_empty() && table.target.is_filled_by(target);
        Facts {
            obs_collection: crate::JWST.to_owned(),
            group_id: Some(id.to_string()),
            intent: visit::intent(kind, mode, category),
            facility_name: crate::JWST.to_owned(),
            instrument_name: instruments.first().map(|i| i.name.clone()),
            instrument_mode: some(mode),
            band: instruments
                .first()
                .map(|_| "Infrared".to_owned())
                .into_iter()
                .collect(),
            instruments,
            target_name: some(target),
            target_class: some(category),
            keywords: keywords
                .split(',')
                .map(str::trim)
                .filter(|word| !word.is_empty())
                .map(str::to_owned)
                .collect(),
            tracking_type: visit::tracking(kind, pcs),
            category: Some(Category::Other),
            t_planning: self.issued,
            proposal_id: Some(id.program.to_string()),
            links: vec![Link {
                title: "Visit status".to_owned(),
                url: format!(
                    "https://www.stsci.edu/jwst-program-info/visits/?program={}",
                    id.program
                ),
            }],
            truncated: cut_off
                .then(|| "target_name".to_owned())
                .into_iter()
                .collect(),
            ..Facts::default()
        }
    }
}

/// Start and end of a visit with a start of its own.
fn interval(start: &str, duration: &str) -> Result<(DateTime<Utc>, Option<DateTime<Utc>>), String> {
    if start.is_empty() {
        return Err("SCHEDULED START TIME: blank".to_owned());
    }
    let t_min = visit::time(start).ok_or_else(|| {
        format!("SCHEDULED START TIME: {start:?} is no time between 1990 and 2100")
    })?;
    if duration.is_empty() {
        return Ok((t_min, None));
    }
    let t_max = visit::duration(duration)
        .and_then(|length| t_min.checked_add_signed(length))
        .and_then(visit::plausible)
        .ok_or_else(|| format!("DURATION: {duration:?} is not DD/HH:MM:SS"))?;
    Ok((t_min, Some(t_max)))
}

fn add_instrument(instruments: &mut Vec<Instrument>, mode: &str) {
    if let Some(further) = visit::instrument(mode)
        && instruments.len() < INSTRUMENTS
        && !instruments.contains(&further)
    {
        instruments.push(further);
    }
}

fn append(raw: &mut String, line: &str) {
    raw.push('\n');
    raw.push_str(line);
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
