//! Asking for the news, or for a stretch of time.
//!
//! The hub takes each record for all there is to its block, so whatever is asked for is asked for
//! as whole nights, or as whole blocks of a night:
//!
//! * **Fresh exposures**, by `exp_start`: from the border of the night that ran twelve hours before
//!   the newest exposure seen, until tonight. The first harvest takes the last three nights and
//!   tonight.
//! * **Changed rows**, by `last_mod_date`, at most hourly: only the keys of their blocks, for nights
//!   of the last thirty days that lie before those; then these blocks once more as a whole.

use std::collections::BTreeSet;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use upstream::table::Row;
use upstream::tap::quote;
use upstream::{Ask, Harvest, Result, Upstream, Window};

use crate::block;
use crate::cursor::Place;
use crate::exposure::{Exposure, Reading, ob_id, optional_instant};
use crate::night::Night;
use crate::pages::{self, Rows, after};
use crate::query::Query;
use crate::raw;

/// Exposures may arrive this late without being taken for changed rows.
const OVERLAP: TimeDelta = TimeDelta::hours(12);

/// Whole nights before tonight that a first harvest reads.
const FIRST_NIGHTS: u64 = 3;

/// Nights that one harvest of the news reads; the next goes on.
const MOST_NIGHTS: usize = 10;

/// Nights that one request by hand reads.
const MOST_WINDOW_NIGHTS: usize = 31;

/// Pages that one night may fill: far more than ESO's telescopes ever took.
const MOST_PAGES: usize = 20;

/// Changes are followed this many nights back.
const CHANGED_NIGHTS: u64 = 30;

/// Pages of changed keys that one harvest reads.
const MOST_KEY_PAGES: usize = 2;

/// Changed blocks that one harvest reads again.
const MOST_BLOCKS: usize = 500;

/// Blocks in one request.
const BLOCKS_AT_ONCE: usize = 100;

/// The news since `ask.cursor`.
pub(crate) async fn news(upstream: &Upstream, ask: &Ask) -> Result<Harvest> {
    let tonight = Night::of(ask.now);
    let place = ask.cursor.as_ref().and_then(Place::parse);
    let first = match &place {
        Some(place) => place
            .exp_start
            .checked_sub_signed(OVERLAP)
            .map_or(tonight, Night::of)
            .min(tonight),
        None => tonight.back(FIRST_NIGHTS),
    };
    let mut harvest = Harvest::default();
    if place.is_none() && ask.cursor.is_some() {
        harvest
            .notes
            .push("the cursor was unreadable: started over".to_owned());
    }

    let nights: Vec<Night> = first.through(tonight).take(MOST_NIGHTS).collect();
    let newest = read_nights(upstream, &nights, None, &mut harvest).await?;
    let seen = match nights.last() {
        Some(last) if *last < tonight => Some(last.end()),
        _ => newest.map(|at| at.min(ask.now)),
    };

    let mut next = place
        .clone()
        .unwrap_or_else(|| Place::first(tonight.start(), ask.now));
    next.exp_start = seen
        .map_or(next.exp_start, |at| at.max(next.exp_start))
        .min(ask.now);
    if place.is_some_and(|place| place.is_due(ask.now)) {
        let horizon = tonight.back(CHANGED_NIGHTS);
        match read_changes(upstream, &next, horizon, first, &mut harvest).await {
            Ok((known, behind)) => {
                next.last_mod_date = known.min(ask.now);
                next.behind = behind;
            }
            Err(why) => harvest
                .notes
                .push(format!("changed rows are unknown: {why}")),
        }
        next.checked = ask.now.trunc_subsecs(0);
    }
    harvest.cursor = next.cursor();
    Ok(harvest)
}

/// The activities that overlap a window, read by whole nights.
pub(crate) async fn window(upstream: &Upstream, window: Window) -> Result<Harvest> {
    let mut harvest = Harvest::default();
    if window.from >= window.to {
        return Ok(harvest);
    }
    let last = Night::of(
        window
            .to
            .checked_sub_signed(TimeDelta::microseconds(1))
            .unwrap_or(window.to),
    );
    let mut nights: Vec<Night> = Night::of(window.from)
        .through(last)
        .take(MOST_WINDOW_NIGHTS + 1)
        .collect();
    if nights.len() > MOST_WINDOW_NIGHTS {
        nights.truncate(MOST_WINDOW_NIGHTS);
        harvest.notes.push(format!(
            "only the first {MOST_WINDOW_NIGHTS} nights were asked for"
        ));
    }
    read_nights(upstream, &nights, Some(window), &mut harvest).await?;
    Ok(harvest)
}

/// What a table tells by itself.
pub(crate) fn from_rows(rows: Rows) -> Harvest {
    let mut harvest = Harvest::default();
    tell(rows, None, &mut harvest);
    harvest
}

/// Reads nights one after the other. Answers the start of the newest exposure.
async fn read_nights(
    upstream: &Upstream,
    nights: &[Night],
    window: Option<Window>,
    harvest: &mut Harvest,
) -> Result<Option<DateTime<Utc>>> {
    let mut rows = Rows::default();
    for night in nights {
        let query = Query::exposures(*night, night.end(), None);
        if pages::ask(upstream, &query, MOST_PAGES, &mut rows)
            .await?
            .is_some()
        {
            harvest.notes.push(format!(
                "the night of {night} has more than {} rows: the rest was left out",
                MOST_PAGES * pages::PAGE
            ));
        }
    }
    Ok(tell(rows, window, harvest))
}

/// Reads the blocks again of which a row was changed. Answers until when changes are known now, and
/// whether there are more.
async fn read_changes(
    upstream: &Upstream,
    place: &Place,
    horizon: Night,
    before: Night,
    harvest: &mut Harvest,
) -> Result<(DateTime<Utc>, bool)> {
    let since = place.changes_since();
    let end = before.start();
    let changes = Query::changes(since, horizon, end);
    let mut rows = Rows::default();
    let mut stopped = pages::ask(upstream, &changes, MOST_KEY_PAGES, &mut rows).await?;
    let mut keys = BTreeSet::new();
    let mut known = place.last_mod_date.max(since);
    for row in &rows.rows {
        let (key, night, changed) = match Key::of(row) {
            Ok(read) => read,
            Err(reason) => {
                harvest.read += 1;
                harvest.records.push(Err(row.unreadable(reason)));
                continue;
            }
        };
        if night < horizon || night >= before {
            continue;
        }
        if keys.len() >= MOST_BLOCKS && !keys.contains(&key) {
            stopped = Some(changed);
            break;
        }
        keys.insert(key);
        known = known.max(changed);
    }
    harvest.read += rows.broken.len();
    harvest.records.extend(rows.broken.into_iter().map(Err));

    let mut rows = Rows::default();
    for condition in Key::conditions(&keys) {
        let query = Query::exposures(horizon, end, Some(condition));
        pages::ask(upstream, &query, MOST_PAGES, &mut rows).await?;
    }
    tell(rows, None, harvest);
    Ok(match stopped {
        // Not a step further: what changed in this one second is more than a harvest can follow.
        Some(at) if place.behind && at <= since => {
            harvest.notes.push(format!(
                "more than {MOST_BLOCKS} blocks changed at {at}: the rest was left out"
            ));
            (after(since), true)
        }
        Some(at) => (at, true),
        None => (known, false),
    })
}

/// What a changed row is asked for again by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Ob(i64),
    Template(String),
    File(String),
}

impl Key {
    /// The key of a changed row, its night, and the second of its change.
    fn of(row: &Row) -> Result<(Self, Night, DateTime<Utc>), String> {
        let instant =
            |column: &str| optional_instant(row, column)?.ok_or_else(|| format!("{column}: empty"));
        let night = Night::of(instant("exp_start")?);
        let changed = instant("last_mod_date")?.trunc_subsecs(0);
        let key = match (ob_id(row)?, row.get("tpl_start"), row.get("dp_id")) {
            (Some(ob_id), _, _) => Key::Ob(ob_id),
            (None, Some(tpl_start), _) => Key::Template(tpl_start.to_owned()),
            (None, None, Some(dp_id)) => Key::File(dp_id.to_owned()),
            (None, None, None) => return Err("dp_id: empty".to_owned()),
        };
        Ok((key, night, changed))
    }

    /// The keys as ADQL conditions, some at a time.
    fn conditions(keys: &BTreeSet<Key>) -> Vec<String> {
        let (mut obs, mut templates, mut files) = (Vec::new(), Vec::new(), Vec::new());
        for key in keys {
            match key {
                Key::Ob(ob_id) => obs.push(ob_id.to_string()),
                Key::Template(tpl_start) => templates.push(quote(tpl_start)),
                Key::File(dp_id) => files.push(quote(dp_id)),
            }
        }
        // A template's start may coincide with one within a block elsewhere, which must not come
        // in pieces.
        [
            ("ob_id", obs),
            ("(ob_id IS NULL OR ob_id <= 0) AND tpl_start", templates),
            ("(ob_id IS NULL OR ob_id <= 0) AND dp_id", files),
        ]
        .iter()
        .flat_map(|(column, values)| {
            values
                .chunks(BLOCKS_AT_ONCE)
                .map(move |some| format!("{column} IN ({})", some.join(", ")))
        })
        .collect()
    }
}

/// Adds what rows tell to a harvest. Answers the start of the newest exposure.
fn tell(rows: Rows, window: Option<Window>, harvest: &mut Harvest) -> Option<DateTime<Utc>> {
    harvest.read += rows.rows.len() + rows.broken.len() + rows.repeated;
    if rows.repeated > 0 {
        *harvest
            .skipped
            .entry("listed twice".to_owned())
            .or_default() += rows.repeated;
    }
    if rows.open > 0 {
        harvest
            .notes
            .push(format!("{} answers did not say where they end", rows.open));
    }
    harvest.records.extend(rows.broken.into_iter().map(Err));
    let mut exposures = Vec::new();
    for row in &rows.rows {
        match Exposure::read(&rows.columns, row) {
            Ok(Reading::Exposure(exposure)) => exposures.push(*exposure),
            Ok(Reading::Skipped(reason)) => harvest.skip(reason),
            Err(unreadable) => harvest.records.push(Err(unreadable)),
        }
    }
    let newest = exposures.iter().map(|exposure| exposure.start).max();
    for (record, rows) in block::records(exposures, &raw::header(&rows.columns)) {
        let facts = &record.facts;
        let inside = window.is_none_or(|window| {
            facts.t_min.is_none_or(|start| start < window.to)
                && facts.t_max.is_none_or(|end| end >= window.from)
        });
        if inside {
            harvest.records.push(Ok(record));
        } else {
            *harvest
                .skipped
                .entry("outside the window".to_owned())
                .or_default() += rows;
        }
    }
    newest
}
