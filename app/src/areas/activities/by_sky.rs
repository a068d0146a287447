//! Rows near regions of the sky, in one statement: the index by sky names those that may pass (its
//! stretches hold them, and the sieve lets them through), and of so many of them, in the order of
//! the list, the rows are read.

use std::fmt::Write as _;

use anyhow::Context;
use chrono::DateTime;
use sea_orm::sea_query::ArrayType;
use sea_orm::{ConnectionTrait, DbBackend, Value};
use uuid::Uuid;

use super::condition::Condition;
use super::search::{After, Found, Listed, Query, Read, Sort, ask, order};
use super::sieve::sieve;
use super::sky_index::{Cells, Stretch, When};
use crate::db::sql;

/// Stretches of a statement come in so many at a time, the last of them empty, and its limit in steps
/// of as many, so that there are a few texts to prepare and not one for each number.
const STEP: usize = 32;
/// Most stretches that are written into a statement; a month has some hundred. More are given as
/// JSON: SQLite takes only so many values, and each text that is prepared is kept.
const MOST_LISTED: usize = 256;

/// Reads about so many rows behind `after`, or all there are at `whens`.
///
/// # Errors
/// Those of the database.
pub(super) async fn read(
    db: &impl ConnectionTrait,
    query: Query<'_>,
    cells: &Cells<'_>,
    whens: &[When],
    (after, limit): (Option<After>, usize),
) -> anyhow::Result<(Vec<Found>, Read)> {
    let limit = limit.next_multiple_of(STEP);
    let all: Vec<_> = whens
        .iter()
        .flat_map(|when| cells.stretches(*when))
        .collect();
    let mut read = Read {
        count: 0,
        last: None,
        exhausted: true,
    };
    let mut found = Vec::new();
    let mut look = |key: i64, listed: Listed<'_>| {
        let (at, item) = listed.look(query, cells.look(key))?;
        read.count += 1;
        read.last = Some(at);
        found.extend(item);
        anyhow::Ok(())
    };
    let asked = |bounds| {
        let mut condition = Condition::behind(bounds);
        ask(&mut condition, query, whens, after);
        sieve(&mut condition, &query.filter.pos);
        condition.finish()
    };
    if db.get_database_backend() == DbBackend::Sqlite {
        let (stretches, bounds) = listed(all);
        let (condition, values) = asked(bounds);
        let text = in_one(&stretches, &condition, query.sort, limit);
        let row = db.query_one_raw(sql(db, text, values)).await?;
        let row = row.map(|row| row.try_get_by_index::<Option<String>>(0));
        let text = row.transpose()?.flatten().unwrap_or_default();
        for row in text.split(APART).filter(|row| !row.is_empty()) {
            let (key, listed) = taken_apart(row).context("a row as it was put together")?;
            look(key, listed)?;
        }
    } else {
        let (condition, values) = asked(arrays(&all));
        let text = in_rows(&condition, query.sort, limit);
        for row in db.query_all_raw(sql(db, text, values)).await? {
            let body: String = row.try_get_by_index(3)?;
            look(row.try_get_by_index(4)?, Listed::of(&row, &body)?)?;
        }
    }
    read.exhausted = read.count < limit;
    Ok((found, read))
}

/// Parts rows, and then what is in them: control characters, which JSON does not hold.
const APART: char = '\u{1e}';
const WITHIN: char = '\u{1f}';

/// The statement for SQLite. It answers all rows in one text: as rows, each would be handed from
/// SQLite's thread to ours by itself. The limit is part of the text: as a value, of which SQLite's
/// plan depends, it would have the statement read and planned anew each time, which took a quarter of
/// its time. `not indexed`, for the same reason. Rows go by their number: part of every index, and
/// half the pages to a row.
fn in_one(stretches: &str, condition: &str, sort: Sort, limit: usize) -> String {
    let (apart, within) = (u32::from(APART), u32::from(WITHIN));
    let (inner, outer, by) = (order(sort, "a"), order(sort, "x"), by(sort));
    format!(
        "with r(lo, hi) as ({stretches}) select group_concat(y.row, char({apart})) from \
         (select b.sky_key || char({within}) || b.seq || char({within}) || hex(b.id) \
          || char({within}) || coalesce(b.t_min, '') || char({within}) || b.body as row from \
          (select a.rowid as number, a.id, a.{by} from r cross join activities as a \
           indexed by activities_by_place \
           where a.sky_key >= r.lo and a.sky_key <= r.hi and {condition} \
           order by {inner} limit {limit}) as x \
          cross join activities as b not indexed on b.rowid = x.number order by {outer}) as y"
    )
}

/// The statement for PostgreSQL. `offset 0` keeps the planner from walking all activities by start
/// instead.
fn in_rows(condition: &str, sort: Sort, limit: usize) -> String {
    let (inner, outer, by) = (order(sort, "c"), order(sort, "a"), by(sort));
    format!(
        "with x as materialized (select c.id from unnest($1, $2) as r(lo, hi) \
          cross join lateral (select a.id, a.{by} from activities a \
           where a.sky_key >= r.lo and a.sky_key <= r.hi and {condition} offset 0) as c \
          order by {inner} limit {limit}) \
         select a.id, a.seq, a.t_min, a.body, a.sky_key from x join activities a on a.id = x.id \
         order by {outer}"
    )
}

/// What an order goes by besides the id. The index holds a start, so that nothing else is read.
fn by(sort: Sort) -> &'static str {
    match sort {
        Sort::Seq => "seq",
        Sort::NewestStart | Sort::OldestStart => "t_min",
    }
}

/// The key and the rest of a row that SQLite put together.
fn taken_apart(row: &str) -> Option<(i64, Listed<'_>)> {
    let mut parts = row.splitn(5, WITHIN);
    let mut part = || parts.next();
    let (key, seq) = (part()?.parse().ok()?, part()?.parse().ok()?);
    let id: Uuid = part()?.parse().ok()?;
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

/// Stretches as a list in SQLite's statement: from JSON, each bound is parsed for itself, which took
/// 50 of the 117 µs of a hundred.
fn listed(stretches: Vec<Stretch>) -> (String, Vec<Value>) {
    if stretches.len() > MOST_LISTED {
        let text = "select value ->> 0, value ->> 1 from json_each($1)".to_owned();
        return (text, vec![json(&stretches)]);
    }
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

/// The bounds of stretches as a list of pairs in JSON.
pub(super) fn json(stretches: &[Stretch]) -> Value {
    let pairs: Vec<[i64; 2]> = stretches.iter().map(|s| [*s.start(), *s.end()]).collect();
    serde_json::json!(pairs).to_string().into()
}

/// The bounds of stretches as two arrays, for PostgreSQL.
pub(super) fn arrays(stretches: &[Stretch]) -> Vec<Value> {
    let array = |number: fn(&Stretch) -> i64| {
        let numbers = stretches.iter().map(|s| Value::from(number(s))).collect();
        Value::Array(ArrayType::BigInt, Some(Box::new(numbers)))
    };
    vec![array(|s| *s.start()), array(|s| *s.end())]
}
