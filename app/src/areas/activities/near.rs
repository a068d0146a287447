//! Rows near regions of the sky, in two steps: keys by the index alone, which say what surely lies
//! elsewhere (see `sky_index`), then as many of the other rows as a page takes.
//!
//! The steps are two statements. A row that changed between them shows, and then the one statement
//! of `search` answers.

use std::fmt::Write as _;

use anyhow::Context;
use chrono::DateTime;
use domain::sky::Told;
use sea_orm::sea_query::ArrayType;
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Value};
use uuid::Uuid;

use super::condition::Condition;
use super::search::{self, After, Found, Listed, Query, Read, Sort, bounds, order};
use super::sky_index::{Cells, Stretch, When};
use crate::db::sql;

/// Stretches of a statement come in so many at a time, the last of them empty, and its limit in steps
/// of as many, so that there are a few texts to prepare and not one for each number.
const STEP: usize = 32;
/// Most stretches that are written into a statement; a month has some hundred. More are given as
/// JSON: SQLite takes only so many values, and each text that is prepared is kept.
const MOST_LISTED: usize = 256;

/// A row that may pass.
struct Candidate {
    handle: Handle,
    key: i64,
    told: Told,
}

/// Where a row is.
#[derive(Clone, Copy)]
enum Handle {
    /// Its number in an SQLite file: part of every index, and half the pages to a row.
    Number(i64),
    Id(Uuid),
}

/// Whether this is a way to read such a page: what is in the index is all that orders it.
pub(super) fn reads(query: Query<'_>) -> bool {
    query.sort != Sort::Seq && query.filter.visible.is_none()
}

/// Reads so many rows behind `after`, or all there are `when`. None when they changed meanwhile.
///
/// # Errors
/// Those of the database.
pub(super) async fn read(
    db: &impl ConnectionTrait,
    query: Query<'_>,
    cells: &Cells<'_>,
    when: When,
    (after, wanted): (Option<After>, usize),
) -> anyhow::Result<Option<(Vec<Found>, Read)>> {
    // Keys are cheap: a page that ends among them costs no second look. Hardly one in ten is a hit.
    let most = (8 * wanted + 104).next_multiple_of(STEP);
    let mut all = candidates(db, query, cells, (when, after), most).await?;
    let mut read = Read {
        count: all.len(),
        last: None,
        exhausted: all.len() < most,
    };
    let last = all.last().map(|one| (one.handle, one.key));
    all.retain(|one| one.told != Told::Apart);
    let mut found = Vec::with_capacity(wanted.min(all.len()));
    let mut open = all.as_slice();
    while found.len() < wanted && !open.is_empty() {
        let (next, rest) = open.split_at(open.len().min(wanted - found.len()));
        open = rest;
        let Some(rows) = rows(db, query, (when, after), next).await? else {
            return Ok(None);
        };
        found.extend(rows.into_iter().filter_map(|(_, item)| item));
    }
    if found.len() < wanted
        && !read.exhausted
        && let Some((handle, key)) = last
    {
        let told = Told::Unsure;
        let last = [Candidate { handle, key, told }];
        let Some(rows) = rows(db, query, (when, after), &last).await? else {
            return Ok(None);
        };
        read.last = rows.first().map(|(key, _)| *key);
    }
    Ok(Some((found, read)))
}

/// What the index holds there and then, in the order of the list.
async fn candidates(
    db: &impl ConnectionTrait,
    query: Query<'_>,
    cells: &Cells<'_>,
    (when, after): (When, Option<After>),
    most: usize,
) -> anyhow::Result<Vec<Candidate>> {
    let stretches = cells.stretches(when);
    let candidate = |handle, key| Candidate {
        handle,
        key,
        told: cells.look(key),
    };
    if db.get_database_backend() == DbBackend::Sqlite {
        let (text, values) = by_number(query, stretches, (when, after), most);
        let row = db.query_one_raw(sql(db, text, values)).await?;
        let row = row.map(|row| row.try_get_by_index::<Option<String>>(0));
        let numbers = row.transpose()?.flatten().unwrap_or_default();
        let mut numbers = numbers.split(' ').filter_map(|text| text.parse().ok());
        let pairs = std::iter::from_fn(|| numbers.next().zip(numbers.next()));
        return Ok(pairs
            .map(|(number, key)| candidate(Handle::Number(number), key))
            .collect());
    }
    let mut condition = Condition::behind(bounds(&stretches, false));
    search::ask(&mut condition, query, &[when], after);
    let (condition, values) = condition.finish();
    let order = order(query.sort, "c");
    // `offset 0` keeps the planner from walking all activities by start instead. All in one row, as
    // on SQLite (here no gain was seen that stood out of the noise).
    let text = format!(
        "select array_agg(x.id), array_agg(x.sky_key) from \
         (select c.id, c.sky_key from unnest($1, $2) as r(lo, hi) cross join lateral \
         (select a.id, a.sky_key, a.t_min from activities a \
          where a.sky_key >= r.lo and a.sky_key <= r.hi and {condition} offset 0) as c \
         order by {order} limit {most}) as x"
    );
    let row = db.query_one_raw(sql(db, text, values)).await?;
    let row = row.context("a row of all candidates")?;
    let ids: Option<Vec<Uuid>> = row.try_get_by_index(0)?;
    let keys: Option<Vec<i64>> = row.try_get_by_index(1)?;
    let pairs = ids
        .unwrap_or_default()
        .into_iter()
        .zip(keys.unwrap_or_default());
    Ok(pairs
        .map(|(id, key)| candidate(Handle::Id(id), key))
        .collect())
}

/// The statement for SQLite. It answers numbers of rows and keys in one text: as rows, each would
/// be handed from SQLite's thread to ours by itself. The limit is part of the text: as a value, of
/// which SQLite's plan depends, it would have the statement read and planned anew each time, which
/// took a quarter of its time.
fn by_number(
    query: Query<'_>,
    stretches: Vec<Stretch>,
    (when, after): (When, Option<After>),
    most: usize,
) -> (String, Vec<Value>) {
    let (text, bounds) = match stretches.len() {
        ..=MOST_LISTED => listed(stretches),
        _ => (
            "select value ->> 0, value ->> 1 from json_each($1)".to_owned(),
            bounds(&stretches, true),
        ),
    };
    let mut condition = Condition::behind(bounds);
    search::ask(&mut condition, query, &[when], after);
    let (condition, values) = condition.finish();
    let order = order(query.sort, "a");
    let text = format!(
        "with r(lo, hi) as ({text}) select group_concat(x.number || ' ' || x.sky_key, ' ') from \
         (select a.rowid as number, a.sky_key from r cross join activities as a \
          indexed by activities_by_sky \
          where a.sky_key >= r.lo and a.sky_key <= r.hi and {condition} \
          order by {order} limit {most}) as x"
    );
    (text, values)
}

/// Stretches as a list in the statement: from JSON, each bound is parsed for itself, which took 50 of
/// the 117 µs of a hundred.
fn listed(stretches: Vec<Stretch>) -> (String, Vec<Value>) {
    let count = stretches.len().next_multiple_of(STEP);
    let mut text = String::with_capacity(count * 12 + 8);
    text.push_str("values ");
    for number in 0..count {
        let comma = if number == 0 { "" } else { "," };
        let _ = write!(text, "{comma}(${},${})", 2 * number + 1, 2 * number + 2);
    }
    let bounds = stretches.into_iter().map(|one| [*one.start(), *one.end()]);
    let nowhere = std::iter::repeat([1, 0]);
    let bounds = bounds.chain(nowhere).take(count).flatten();
    (text, bounds.map(Value::from).collect())
}

/// The rows of candidates, each with its key in the list and itself if it passes. None unless every
/// one is there, stands where it stood and still is what was asked for.
async fn rows(
    db: &impl ConnectionTrait,
    query: Query<'_>,
    (when, after): (When, Option<After>),
    of: &[Candidate],
) -> anyhow::Result<Option<Vec<(After, Option<Found>)>>> {
    let sqlite = db.get_database_backend() == DbBackend::Sqlite;
    let mut condition = Condition::behind(vec![handles(of, sqlite)]);
    search::ask(&mut condition, query, &[when], after);
    let (condition, values) = condition.finish();
    let looked: Vec<(i64, (After, Option<Found>))> = if sqlite {
        let row = db
            .query_one_raw(sql(db, in_one(&condition), values))
            .await?;
        let row = row.map(|row| row.try_get_by_index::<Option<String>>(0));
        let text = row.transpose()?.flatten().unwrap_or_default();
        let rows = text.split(APART).filter(|row| !row.is_empty()).zip(of);
        let look = |(row, candidate): (&str, &Candidate)| {
            let (key, listed) = taken_apart(row).context("a row as it was put together")?;
            anyhow::Ok((key, listed.look(query, candidate.told)?))
        };
        rows.map(look).collect::<anyhow::Result<_>>()?
    } else {
        let text = format!(
            "select a.id, a.seq, a.t_min, a.body, a.sky_key \
             from unnest($1) with ordinality as r(id, place) \
             join activities a on a.id = r.id where {condition} order by r.place"
        );
        let rows = db.query_all_raw(sql(db, text, values)).await?;
        let look = |(row, candidate): (&QueryResult, &Candidate)| {
            let looked = search::look_at(row, query, candidate.told)?;
            anyhow::Ok((row.try_get_by_index(4)?, looked))
        };
        rows.iter()
            .zip(of)
            .map(look)
            .collect::<anyhow::Result<_>>()?
    };
    if looked.len() != of.len() {
        return Ok(None);
    }
    let mut all: Vec<(After, Option<Found>)> = Vec::with_capacity(looked.len());
    for ((key, (after, item)), candidate) in looked.into_iter().zip(of) {
        let in_order = all
            .last()
            .is_none_or(|(last, _)| follows(query.sort, *last, after));
        if !in_order || key != candidate.key {
            return Ok(None);
        }
        all.push((after, item));
    }
    Ok(Some(all))
}

/// Parts rows, and then what is in them: control characters, which JSON does not hold.
const APART: char = '\u{1e}';
const WITHIN: char = '\u{1f}';

/// The statement that reads rows of an SQLite file, all in one text, for the reason [`by_number`]
/// does. `not indexed`: else its plan would depend on the times asked for, with the same result.
fn in_one(condition: &str) -> String {
    let (apart, within) = (u32::from(APART), u32::from(WITHIN));
    format!(
        "select group_concat(x.row, char({apart})) from \
         (select a.sky_key || char({within}) || a.seq || char({within}) || hex(a.id) \
          || char({within}) || coalesce(a.t_min, '') || char({within}) || a.body as row \
          from json_each($1) as r cross join activities as a not indexed on a.rowid = r.value \
          where {condition} order by r.key) as x"
    )
}

/// The key and the rest of such a row.
fn taken_apart(row: &str) -> Option<(i64, Listed<'_>)> {
    let mut parts = row.splitn(5, WITHIN);
    let mut part = || parts.next();
    let (key, seq) = (part()?.parse().ok()?, part()?.parse().ok()?);
    let id = part()?.parse().ok()?;
    let start = match part()? {
        "" => None,
        text => Some(DateTime::parse_from_rfc3339(text).ok()?.to_utc()),
    };
    let body = part()?;
    let listed = Listed {
        id,
        seq,
        start,
        body,
    };
    Some((key, listed))
}

fn handles(of: &[Candidate], sqlite: bool) -> Value {
    if sqlite {
        let number = |one: &Candidate| match one.handle {
            Handle::Number(number) => number,
            Handle::Id(_) => 0,
        };
        let numbers: Vec<i64> = of.iter().map(number).collect();
        return serde_json::json!(numbers).to_string().into();
    }
    let id = |one: &Candidate| match one.handle {
        Handle::Id(id) => Value::from(id),
        Handle::Number(_) => Value::Uuid(None),
    };
    Value::Array(ArrayType::Uuid, Some(Box::new(of.iter().map(id).collect())))
}

/// Whether one item comes after another in a list.
fn follows(sort: Sort, one: After, other: After) -> bool {
    use std::cmp::Ordering;
    let order = match (one, other) {
        (After::Start(start, id), After::Start(then, other)) => (start, id).cmp(&(then, other)),
        (After::Timeless(id), After::Timeless(other)) => id.cmp(&other),
        _ => return false,
    };
    match sort {
        Sort::NewestStart => order == Ordering::Greater,
        Sort::OldestStart | Sort::Seq => order == Ordering::Less,
    }
}
