//! Which reports a harvest asks for, and what they make of its records.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{Basis, Claim, Record, TMaxKind};

use super::report::{self, Report, Span, Standing, Visit};
use crate::{Error, Harvest, Result, Upstream};

/// Where reports are asked for.
pub const LOCATION: &str = "https://www.stsci.edu/cgi-bin/get-visit-status";

/// Most programmes asked about in one harvest.
const PROGRAMMES: usize = 12;

/// How long after its planned end a visit is still asked about.
const LATE: TimeDelta = TimeDelta::days(4);

/// A visit may run this much ahead of its planned start and still be that start's visit.
const EARLY: TimeDelta = TimeDelta::hours(12);

/// A programme is asked about once in this time, seconds, however often there is a harvest.
const TURN: u64 = 2 * 60 * 60;

/// Largest report taken: some hundred times the usual one.
const LARGEST: usize = 8 << 20;

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub struct Asking {
    /// The observatory, as the reports call it.
    pub observatory: &'static str,
    /// Time between two harvests.
    pub every: Duration,
    /// The `obs_id` of a visit of a programme, if it is one of this observatory's.
    pub obs_id: fn(&str, &Visit) -> Option<String>,
}

/// Tells of visits on a plan which an archive has not confirmed whether they were executed or
/// failed: the records of those that have begun and are not long over become what their report
/// says. A programme that cannot be asked or read is a note.
pub async fn complete(
    upstream: &Upstream,
    harvest: &mut Harvest,
    asking: Asking,
    now: DateTime<Utc>,
) {
    let upstream = upstream.allowing(LARGEST);
    let (mut failed, mut first) = (0_usize, None);
    let mut unknown: BTreeMap<String, usize> = BTreeMap::new();
    for program in programmes(harvest, asking, now) {
        match ask(&upstream, asking, &program).await {
            Ok(report) => tell(harvest, asking, &program, &report, now, &mut unknown),
            Err(error) => {
                failed += 1;
                let passing = !matches!(error, Error::Unreadable(_));
                first.get_or_insert(error);
                if passing {
                    break;
                }
            }
        }
    }
    if let Some(error) = first {
        let programmes = if failed == 1 {
            "a programme".to_owned()
        } else {
            format!("{failed} programmes")
        };
        let note = format!("the visit status of {programmes} is not known: {error}");
        harvest.notes.push(note);
    }
    for (word, visits) in unknown {
        let note = format!("a status of visits that we do not know: {word:?} ({visits})");
        harvest.notes.push(note);
    }
}

/// Whether a record is a plan whose visit has begun and is not long over.
fn is_open(record: &Record, now: DateTime<Utc>) -> bool {
    let end = record.facts.t_max.or(record.facts.t_min);
    record.claim == Claim::Plan
        && record.facts.t_min.is_some_and(|begin| begin <= now)
        && end.is_some_and(|end| now.signed_duration_since(end) <= LATE)
}

/// The programmes whose turn it is. Those whose visits ended longest ago stand first; where there
/// are too many, each turn goes on behind the ones of the turn before.
fn programmes(harvest: &Harvest, asking: Asking, now: DateTime<Utc>) -> Vec<String> {
    let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
    let every = asking.every.as_secs().max(1);
    let harvests = (TURN / every).max(1);
    let is_due = |program: &str| {
        let number: u64 = program.parse().unwrap_or_default();
        number % harvests == seconds / every % harvests
    };
    let mut ended: BTreeMap<&str, DateTime<Utc>> = BTreeMap::new();
    for record in harvest.readable().filter(|record| is_open(record, now)) {
        let end = record.facts.t_max.or(record.facts.t_min);
        let program = record.facts.proposal_id.as_deref();
        if let Some((program, end)) = program.filter(|program| is_due(program)).zip(end) {
            let first = ended.entry(program).or_insert(end);
            *first = end.min(*first);
        }
    }
    let mut programmes: Vec<&str> = ended.keys().copied().collect();
    programmes.sort_by_key(|program| (ended.get(program), *program));
    if programmes.len() > PROGRAMMES {
        let count = programmes.len() as u64;
        let turns = (seconds / TURN) % count;
        let begin = turns * PROGRAMMES as u64 % count;
        programmes.rotate_left(usize::try_from(begin).unwrap_or_default());
        programmes.truncate(PROGRAMMES);
    }
    programmes.into_iter().map(str::to_owned).collect()
}

async fn ask(upstream: &Upstream, asking: Asking, program: &str) -> Result<Report> {
    let query = [
        ("id", program),
        ("markupFormat", "xml"),
        ("observatory", asking.observatory),
    ];
    let answer = upstream.get(LOCATION, &query).await?;
    let report = report::read(&answer.body)?;
    let number = |text: &str| text.parse::<u64>().ok();
    match &report.program {
        Some(other) if number(other) != number(program) => Err(Error::Unreadable(format!(
            "a visit status report of programme {other:?} instead of {program}"
        ))),
        _ => Ok(report),
    }
}

/// Lays a report over the records of its programme.
fn tell(
    harvest: &mut Harvest,
    asking: Asking,
    program: &str,
    report: &Report,
    now: DateTime<Utc>,
    unknown: &mut BTreeMap<String, usize>,
) {
    let mut visits: BTreeMap<String, Vec<&Visit>> = BTreeMap::new();
    for visit in &report.visits {
        if let Some(obs_id) = (asking.obs_id)(program, visit) {
            visits.entry(obs_id).or_default().push(visit);
        }
    }
    for (obs_id, visits) in visits {
        // A visit that stands there twice says nothing for sure.
        let [visit] = visits[..] else { continue };
        let begun: Vec<&mut Record> = harvest
            .records
            .iter_mut()
            .flatten()
            .filter(|record| record.obs_id == obs_id)
            .filter(|record| record.facts.t_min.is_some_and(|begin| begin <= now))
            .collect();
        let failed = match visit.standing() {
            _ if !begun.iter().any(|record| is_open(record, now)) => continue,
            Standing::Open => continue,
            Standing::Unknown(word) => {
                *unknown.entry(word.to_owned()).or_default() += 1;
                continue;
            }
            Standing::Executed => false,
            Standing::Failed => true,
        };
        let Some((record, span)) = meant(begun, visit, report.made, now) else {
            continue;
        };
        if !is_open(record, now) {
            continue;
        }
        if failed {
            record.claim = Claim::Failed;
        } else {
            record.claim = Claim::Happened(Basis::Reported);
            if let Some(span) = span {
                take_times(record, span);
            }
        }
        if !record.raw.is_empty() {
            record.raw.push('\n');
        }
        record.raw.push_str(&visit.raw);
    }
}

/// Which of the visit's starts that have passed a report speaks of, and its times then: the nearest
/// one that does not lie well after them. Without times it must be the only one, and have passed
/// when the report was made. Times ahead are those of a repeat and say nothing of what was before.
fn meant<'a>(
    mut begun: Vec<&'a mut Record>,
    visit: &Visit,
    made: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Option<(&'a mut Record, Option<Span>)> {
    let mut spans = visit.spans().peekable();
    if spans.peek().is_none() {
        let record = begun.pop().filter(|_| begun.is_empty())?;
        let was_ahead = made < record.facts.t_min && made.is_some();
        return (!was_ahead).then_some((record, None));
    }
    let is_over = |span: &Span| span.from <= now && span.to.is_none_or(|to| to <= now);
    let span = spans
        .max_by_key(|span| span.from)
        .filter(|span| is_over(span))?;
    let ahead_of = |record: &Record| {
        let begin = record.facts.t_min?;
        Some(begin.signed_duration_since(span.from)).filter(|ahead| *ahead <= EARLY)
    };
    let near = begun.into_iter().filter_map(|record| {
        let ahead = ahead_of(record)?;
        Some((ahead.abs(), record))
    });
    let (_, record) = near.min_by_key(|(distance, _)| *distance)?;
    Some((record, Some(span)))
}

/// Puts the actual times in the place of the planned ones.
fn take_times(record: &mut Record, span: Span) {
    let facts = &mut record.facts;
    facts.t_min = Some(span.from);
    if span.to.is_some() {
        (facts.t_max, facts.t_max_kind) = (span.to, Some(TMaxKind::Exact));
    } else if facts.t_max < facts.t_min {
        (facts.t_max, facts.t_max_kind) = (None, None);
    }
}
