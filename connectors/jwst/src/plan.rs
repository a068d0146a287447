//! A harvest: the weeks ahead put together to one plan, MAST asked about it, and the visit status
//! reports about what MAST does not show yet.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use domain::{Intent, Record, Role, Unreadable};
use upstream::mast::{self, Filter, MastRow};
use upstream::units::utc_to_mjd;
use upstream::visits::{self, Asking};
use upstream::{Ask, Cursor, Error, Harvest, Result, Scope, Upstream};

use crate::index::{self, Week};
use crate::visit::VisitId;
use crate::{join, report};

/// The page that links to the reports.
pub(crate) const INDEX: &str = "https://www.stsci.edu/jwst/science-execution/observing-schedules";

/// Programmes in one question to MAST.
const PROGRAMMES: usize = 40;

/// Days after the end of a plan within which its visits are looked for.
const LATE: f64 = 7.0;

/// The columns of MAST that are read.
pub(crate) const COLUMNS: &str = "obs_id,obs_collection,instrument_name,filters,target_name,s_ra,s_dec,\
s_region,t_min,t_max,t_exptime,proposal_id,proposal_pi,obs_title,calib_level,mtFlag,intentType,\
t_obs_release,em_min,em_max";

/// Who asks for visit status reports.
const ASKING: Asking = Asking {
    observatory: crate::JWST,
    every: crate::EVERY,
    obs_id: |program, visit| {
        let observation = visit.observation.as_deref()?;
        let visit = visit.visit.as_deref()?;
        let id = VisitId::from_report(&format!("{program}:{observation}:{visit}"))?;
        Some(id.to_string())
    },
};

/// One week's report as it was read.
struct Reading<'a> {
    week: &'a Week,
    harvest: Harvest,
    whole: bool,
}

/// Reads the index, the wanted weeks and MAST.
pub(crate) async fn harvest(upstream: &Upstream, ask: &Ask) -> Result<Harvest> {
    let page = upstream.get(INDEX, &[]).await?;
    let weeks = index::read(page.text()?)?;
    let mut readings: Vec<Option<Reading>> = weeks.iter().map(|_| None).collect();
    let mut notes = Vec::new();
    let mut failure = None;
    for at in index::wanted(&weeks, ask.now, ask.window) {
        let (Some(week), Some(slot)) = (weeks.get(at), readings.get_mut(at)) else {
            continue;
        };
        match week_of(upstream, week).await {
            Ok(reading) => *slot = Some(reading),
            Err(Error::Unreadable(why)) => {
                notes.push(format!("week of {}: {why}", week.start));
                failure = Some(Error::Unreadable(why));
            }
            Err(error) => return Err(error),
        }
    }
    let covers = covers(&readings);
    let readings: Vec<Reading> = readings.into_iter().flatten().collect();
    match failure {
        Some(failure) if readings.is_empty() => return Err(failure),
        None if readings.is_empty() => notes.push("no report reaches into the window".to_owned()),
        _ => {}
    }
    let mut harvest = together(readings, ask.now);
    harvest.covers = covers;
    harvest.notes = notes;
    if ask.window.is_none() {
        let newest = weeks.iter().max_by_key(|week| (week.issued, week.start));
        harvest.cursor = newest.map(|week| Cursor(week.issued.to_string()));
    }
    let (rows, all) = archive(upstream, &mut harvest, ask.now).await;
    join::join(&mut harvest, &rows);
    // Without MAST nobody knows what it has confirmed, and its word is the surer one.
    if all {
        visits::complete(upstream, &mut harvest, ASKING, ask.now).await;
    }
    Ok(harvest)
}

async fn week_of<'a>(upstream: &Upstream, week: &'a Week) -> Result<Reading<'a>> {
    let answer = upstream.get(&week.url, &[]).await?;
    let path = week.url.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    let mut harvest = report::read(name, &answer.body)?;
    for row in harvest
        .records
        .iter_mut()
        .filter_map(|row| row.as_mut().err())
    {
        row.reason = format!("{name}: {}", row.reason);
    }
    Ok(Reading {
        week,
        harvest,
        whole: answer.whole,
    })
}

/// The weeks shown as a whole. Since a visit may begin outside the week whose report holds it, the
/// reports before and after must have been read as well, as far as the index has them.
fn covers(readings: &[Option<Reading>]) -> Vec<Scope> {
    let whole = |slot: Option<&Option<Reading>>| match slot {
        None => true,
        Some(reading) => reading.as_ref().is_some_and(|reading| reading.whole),
    };
    let weeks = readings.iter().enumerate().filter_map(|(at, reading)| {
        let before = at.checked_sub(1).and_then(|before| readings.get(before));
        let all = whole(before) && whole(readings.get(at)) && whole(readings.get(at + 1));
        let week = reading.as_ref()?.week;
        all.then(|| Scope {
            from: week.from(),
            to: week.to(),
        })
    });
    weeks.collect()
}

/// One plan of several reports. The report issued last has the last word on a visit: another start
/// of it in an older one only counts if it has passed.
fn together(mut readings: Vec<Reading>, now: DateTime<Utc>) -> Harvest {
    readings.sort_by_key(|reading| (reading.week.issued, reading.week.start));
    let mut plan = Harvest::default();
    let mut told: HashMap<String, Vec<Option<DateTime<Utc>>>> = HashMap::new();
    for reading in readings.into_iter().rev() {
        let report = reading.harvest;
        plan.read += report.read;
        for (reason, count) in report.skipped {
            *plan.skipped.entry(reason).or_default() += count;
        }
        let mut news: Vec<(String, Option<DateTime<Utc>>)> = Vec::new();
        for row in report.records {
            if let Ok(record) = &row {
                let t_min = record.facts.t_min;
                match told.get(&record.obs_id) {
                    Some(starts) if starts.contains(&t_min) => {
                        plan.skip("a visit that a later report holds as well");
                        continue;
                    }
                    Some(_) if t_min.is_none_or(|t_min| t_min > now) => {
                        plan.skip("a start that a later report has moved");
                        continue;
                    }
                    _ => news.push((record.obs_id.clone(), t_min)),
                }
            }
            plan.records.push(row);
        }
        for (id, t_min) in news {
            told.entry(id).or_default().push(t_min);
        }
    }
    plan.records.sort_by_key(start);
    plan.horizon = plan.readable().filter_map(|r| r.facts.t_max).max();
    plan
}

fn start(row: &Result<Record, Unreadable>) -> Option<DateTime<Utc>> {
    row.as_ref().ok().and_then(|record| record.facts.t_min)
}

/// Asks MAST for the planned exposures of the programmes in the plan, and for those performed while
/// it lasts. Answers its rows, and whether they are all; without MAST the plan stands alone, with a
/// note.
async fn archive(
    upstream: &Upstream,
    plan: &mut Harvest,
    now: DateTime<Utc>,
) -> (Vec<MastRow>, bool) {
    let programmes: BTreeSet<&str> = plan
        .readable()
        .filter(|record| is_in_mast(record))
        .filter_map(|record| record.facts.proposal_id.as_deref())
        .collect();
    let programmes: Vec<String> = programmes.into_iter().map(str::to_owned).collect();
    let begin = plan
        .readable()
        .filter_map(|record| record.facts.t_min)
        .min();
    // Whole days, so that the same question is asked all day.
    let since = begin.map_or(f64::INFINITY, |begin| utc_to_mjd(begin).floor() - 1.0);
    let late = plan
        .horizon
        .map_or(f64::INFINITY, |end| utc_to_mjd(end).floor() + LATE);
    let until = late.min(utc_to_mjd(now).floor() + 1.0);

    let mut rows = Vec::new();
    for ids in programmes.chunks(PROGRAMMES) {
        let programme = [
            Filter::OneOf("obs_collection", vec![crate::JWST.to_owned()]),
            Filter::OneOf("proposal_id", ids.to_vec()),
        ];
        let apt = Filter::OneOf("provenance_name", vec!["APT".to_owned()]);
        let mut questions = vec![apt];
        if since <= until {
            questions.push(Filter::Between("t_min", since, until));
        }
        for question in questions {
            let filters = [&programme[..], &[question]].concat();
            match mast::filtered(upstream, COLUMNS, &filters).await {
                Ok(answer) => sort_out(answer, &mut rows, &mut plan.notes),
                Err(error) => {
                    plan.notes
                        .push(format!("MAST does not complete the plan: {error}"));
                    return (rows, false);
                }
            }
        }
    }
    (rows, true)
}

/// Internal calibrations and visits that keep the telescope running have no useful row in MAST.
fn is_in_mast(record: &Record) -> bool {
    match record.facts.role {
        Role::Prime => record.facts.target_name.is_some(),
        _ => record.facts.intent != Some(Intent::Calibration),
    }
}

fn sort_out(
    answer: Vec<Result<MastRow, Unreadable>>,
    rows: &mut Vec<MastRow>,
    notes: &mut Vec<String>,
) {
    let mut unreadable = Vec::new();
    for row in answer {
        match row {
            Ok(row) => rows.push(row),
            Err(row) => unreadable.push(row),
        }
    }
    if let Some(first) = unreadable.first() {
        notes.push(format!(
            "{} rows of MAST could not be read: {first}",
            unreadable.len()
        ));
    }
}
