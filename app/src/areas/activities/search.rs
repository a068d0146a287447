//! Lists of activities: the filter in SQL, narrowed by the sky index where it names a place, an
//! exact check in memory, pages by key.

use chrono::{DateTime, TimeDelta, Utc};
use domain::filter::ActivityFilter;
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Value};
use uuid::Uuid;

use super::condition::{Condition, window};
pub use super::cursor::{After, Sort};
use super::row::with_seq;
use super::sky_index::{When, stretches};
use super::{event_log, exact};
use crate::db::sql;

/// Windows longer than this are walked in pieces, so that a full page ends the work.
const ONE_PIECE: TimeDelta = TimeDelta::days(128);
/// Length of the first piece; each further one is twice as long.
const FIRST_PIECE: TimeDelta = TimeDelta::days(64);
/// Rows looked at for one page when hardly any may pass; then the page ends short, and the next one
/// goes on behind it.
const MOST_ROWS: usize = 5000;

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Query<'a> {
    /// What has to hold.
    pub filter: &'a ActivityFilter,
    /// In which order.
    pub sort: Sort,
    /// Behind which item.
    pub after: Option<After>,
    /// How many.
    pub limit: usize,
    /// The time now.
    pub now: DateTime<Utc>,
}

/// A page.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Activities as JSON.
    pub items: Vec<String>,
    /// Where the next page begins; none on the last one.
    pub next: Option<After>,
}

/// One activity found.
struct Found {
    key: After,
    json: String,
}

/// Lists a page of activities.
///
/// # Errors
/// Those of the database.
pub async fn list(db: &impl ConnectionTrait, query: Query<'_>) -> anyhow::Result<Page> {
    let mut page = Page::default();
    let mut last = query.after;
    let mut rows = 0;
    for piece in pieces(db, query).await? {
        loop {
            // One more than asked for tells whether there is a next page.
            let wanted = query.limit + 1 - page.items.len();
            let (found, read) = read_piece(db, query, &piece, last, wanted).await?;
            let exhausted = read.count < wanted_rows(query, wanted);
            for item in found {
                if page.items.len() == query.limit {
                    page.next = last_key(&page, last);
                    return Ok(page);
                }
                last = Some(item.key);
                page.items.push(item.json);
            }
            if exhausted {
                break;
            }
            last = read.last.or(last);
            rows += read.count;
            let enough = query.filter.visible.is_some() && rows >= MOST_ROWS;
            if page.items.len() == query.limit || enough {
                // Full, or long enough in the making, with rows left that may or may not pass: the
                // next page will see.
                page.next = last;
                return Ok(page);
            }
        }
    }
    Ok(page)
}

fn last_key(page: &Page, last: Option<After>) -> Option<After> {
    if page.items.is_empty() { None } else { last }
}

/// A part of the list, in the order of the list.
#[derive(Clone, Copy, Debug)]
enum Piece {
    /// Everything with a start, by index of starts.
    Timed,
    /// Everything without.
    Timeless,
    /// By place, of these times.
    Sky(When),
    /// By place, of all times.
    WholeSky(DateTime<Utc>, DateTime<Utc>),
    /// Everything, by event.
    Events,
}

async fn pieces(db: &impl ConnectionTrait, query: Query<'_>) -> anyhow::Result<Vec<Piece>> {
    let (from, to) = window(query.filter, query.now);
    let any_time = from.is_none() && to.is_none();
    if query.filter.pos.is_empty() {
        let by_start = [Some(Piece::Timed), any_time.then_some(Piece::Timeless)];
        return Ok(match query.sort {
            Sort::Seq => vec![Piece::Events],
            _ => by_start.into_iter().flatten().collect(),
        });
    }
    let mut pieces = Vec::new();
    if let (Some(from), Some(to)) = (from, to)
        && to - from <= ONE_PIECE
    {
        pieces.push(Piece::Sky(When::Between(from, to)));
    } else if let Some((first, end)) = extremes(db).await? {
        let reach = event_log::longest(db).await?;
        let from = from.and_then(|from| from.checked_sub_signed(reach));
        let first = from.map_or(first, |from| from.max(first));
        let end = to.map_or(end, |to| to.min(end));
        if query.sort == Sort::Seq {
            return Ok(vec![Piece::WholeSky(first, end)]);
        }
        pieces.extend(walk(first, end, query.sort).map(Piece::Sky));
    } else if query.sort == Sort::Seq {
        return Ok(vec![Piece::WholeSky(query.now, query.now)]);
    }
    if any_time {
        pieces.push(Piece::Sky(When::Timeless));
    }
    Ok(pieces)
}

/// First and last start of anything.
async fn extremes(
    db: &impl ConnectionTrait,
) -> anyhow::Result<Option<(DateTime<Utc>, DateTime<Utc>)>> {
    let one = async |order: &str| -> anyhow::Result<Option<DateTime<Utc>>> {
        let text = format!(
            "select t_min from activities where t_min is not null order by t_min {order} limit 1"
        );
        let row = db.query_one_raw(sql(db, text, vec![])).await?;
        Ok(row.map(|row| row.try_get("", "t_min")).transpose()?)
    };
    Ok(one("asc").await?.zip(one("desc").await?))
}

/// The stretch `first..=end` in growing pieces, from the end the list begins at.
fn walk(first: DateTime<Utc>, end: DateTime<Utc>, sort: Sort) -> impl Iterator<Item = When> {
    let newest_first = sort != Sort::OldestStart;
    let mut at = if newest_first { end } else { first };
    let mut length = FIRST_PIECE;
    std::iter::from_fn(move || {
        if (newest_first && at < first) || (!newest_first && at > end) {
            return None;
        }
        let tick = TimeDelta::microseconds(1);
        let piece = if newest_first {
            let from = at.checked_sub_signed(length)?.max(first);
            let piece = (from, at);
            at = from.checked_sub_signed(tick)?;
            piece
        } else {
            let to = at.checked_add_signed(length)?.min(end);
            let piece = (at, to);
            at = to.checked_add_signed(tick)?;
            piece
        };
        length = length.checked_mul(2)?;
        Some(When::Starting(piece.0, piece.1))
    })
}

/// What was read of a piece, passing or not.
struct Read {
    count: usize,
    last: Option<After>,
}

fn wanted_rows(query: Query<'_>, wanted: usize) -> usize {
    // Cells are coarser than regions: about every second candidate of a small circle passes. Of
    // what is somewhere in the sky, less is up in somebody's night.
    if query.filter.visible.is_some() {
        wanted * 4 + 100
    } else if query.filter.pos.is_empty() {
        wanted
    } else {
        wanted * 2 + 16
    }
}

async fn read_piece(
    db: &impl ConnectionTrait,
    query: Query<'_>,
    piece: &Piece,
    after: Option<After>,
    wanted: usize,
) -> anyhow::Result<(Vec<Found>, Read)> {
    let none = Read {
        count: 0,
        last: None,
    };
    let timeless = matches!(piece, Piece::Timeless | Piece::Sky(When::Timeless));
    if !timeless && matches!(after, Some(After::Timeless(_))) {
        return Ok((Vec::new(), none));
    }
    let limit = wanted_rows(query, wanted);
    let (text, values) = match piece {
        Piece::Timed | Piece::Timeless | Piece::Events => {
            by_order(db, query, piece, after, limit).await?
        }
        Piece::Sky(when) => by_sky(db, query, &[*when], after, limit).await?,
        Piece::WholeSky(first, end) => {
            let whens = [When::Starting(*first, *end), When::Timeless];
            by_sky(db, query, &whens, after, limit).await?
        }
    };
    let rows = db.query_all_raw(sql(db, text, values)).await?;
    let mut read = Read {
        count: rows.len(),
        last: None,
    };
    let mut found = Vec::new();
    for row in &rows {
        let (key, passes, json) = look_at(row, query)?;
        read.last = Some(key);
        if passes {
            found.push(Found { key, json });
        }
    }
    Ok((found, read))
}

/// A row's key and JSON, and whether it passes.
fn look_at(row: &QueryResult, query: Query<'_>) -> anyhow::Result<(After, bool, String)> {
    let seq: i64 = row.try_get("", "seq")?;
    let body: String = row.try_get("", "body")?;
    let start: Option<DateTime<Utc>> = row.try_get("", "t_min")?;
    let id: Uuid = row.try_get("", "id")?;
    let key = match (query.sort, start) {
        (Sort::Seq, _) => After::Seq(seq),
        (_, Some(start)) => After::Start(start, id),
        (_, None) => After::Timeless(id),
    };
    let passes = exact::passes(&body, query.filter, query.now)?;
    Ok((key, passes, with_seq(&body, seq)))
}

async fn by_order(
    db: &impl ConnectionTrait,
    query: Query<'_>,
    piece: &Piece,
    after: Option<After>,
    limit: usize,
) -> anyhow::Result<(String, Vec<Value>)> {
    let mut condition = Condition::default();
    condition.filter(query.filter, query.now);
    let sqlite = db.get_database_backend() == DbBackend::Sqlite;
    exact::narrow(&mut condition, query.filter, sqlite);
    match piece {
        Piece::Timeless => condition.and("a.t_min is null", []),
        Piece::Timed => {
            condition.and("a.t_min is not null", []);
            if let (Some(from), _) = window(query.filter, query.now)
                && let Some(first) = from.checked_sub_signed(event_log::longest(db).await?)
            {
                condition.and("a.t_min >= ?", [first.into()]);
            }
        }
        _ => {}
    }
    go_on(&mut condition, query.sort, after);
    let order = order(query.sort, "a");
    let (condition, values) = condition.finish();
    let text = format!(
        "select a.id, a.seq, a.t_min, a.body from activities a where {condition} \
         order by {order} limit {limit}"
    );
    Ok((text, values))
}

/// Reads candidates from the sky index only, and their bodies once the page is chosen.
async fn by_sky(
    db: &impl ConnectionTrait,
    query: Query<'_>,
    whens: &[When],
    after: Option<After>,
    limit: usize,
) -> anyhow::Result<(String, Vec<Value>)> {
    let mut all = Vec::new();
    for when in whens {
        all.extend(stretches(&query.filter.pos, *when));
    }
    let sqlite = db.get_database_backend() == DbBackend::Sqlite;
    let mut condition = Condition::behind(bounds(&all, sqlite));
    condition.filter(query.filter, query.now);
    if let [When::Starting(first, end)] = whens {
        condition.and(
            "a.t_min >= ? and a.t_min <= ?",
            [(*first).into(), (*end).into()],
        );
    }
    go_on(&mut condition, query.sort, after);
    let (condition, values) = condition.finish();
    let (inner, outer) = (order(query.sort, "x"), order(query.sort, "a"));
    // What the order does not need is not read: the index alone answers.
    let by = if query.sort == Sort::Seq {
        "seq"
    } else {
        "t_min"
    };
    let candidates = if sqlite {
        format!(
            "select a.id, a.{by} from json_each($1) as r cross join activities as a \
             indexed by activities_by_sky \
             where a.sky_key >= json_extract(r.value, '$[0]') \
             and a.sky_key <= json_extract(r.value, '$[1]') and {condition}"
        )
    } else {
        // `offset 0` keeps the planner from walking all activities by start instead.
        format!(
            "select c.id, c.{by} from unnest(string_to_array($1, ',')::bigint[], \
             string_to_array($2, ',')::bigint[]) as r(lo, hi) cross join lateral \
             (select a.id, a.{by} from activities a \
              where a.sky_key >= r.lo and a.sky_key <= r.hi and {condition} offset 0) as c"
        )
    };
    let text = format!(
        "with x as materialized (select x.id from ({candidates}) as x order by {inner} limit {limit}) \
         select a.id, a.seq, a.t_min, a.body from x join activities a on a.id = x.id order by {outer}"
    );
    Ok((text, values))
}

/// The bounds of stretches as the values of a statement: one list of pairs on SQLite, two lists on
/// PostgreSQL.
pub(super) fn bounds(stretches: &[std::ops::RangeInclusive<i64>], sqlite: bool) -> Vec<Value> {
    if sqlite {
        let pairs: Vec<[i64; 2]> = stretches.iter().map(|s| [*s.start(), *s.end()]).collect();
        return vec![serde_json::json!(pairs).to_string().into()];
    }
    let joined = |number: fn(&std::ops::RangeInclusive<i64>) -> i64| {
        stretches
            .iter()
            .map(|s| number(s).to_string())
            .collect::<Vec<_>>()
            .join(",")
    };
    vec![joined(|s| *s.start()).into(), joined(|s| *s.end()).into()]
}

fn order(sort: Sort, table: &str) -> String {
    match sort {
        Sort::NewestStart => format!("{table}.t_min desc, {table}.id desc"),
        Sort::OldestStart => format!("{table}.t_min, {table}.id"),
        Sort::Seq => format!("{table}.seq"),
    }
}

/// Goes on behind the last item.
fn go_on(condition: &mut Condition, sort: Sort, after: Option<After>) {
    match (sort, after) {
        (Sort::NewestStart, Some(After::Start(start, id))) => condition.and(
            "(a.t_min is null or (a.t_min <= ? and (a.t_min < ? or a.id < ?)))",
            [start.into(), start.into(), id.into()],
        ),
        (Sort::OldestStart, Some(After::Start(start, id))) => condition.and(
            "(a.t_min is null or (a.t_min >= ? and (a.t_min > ? or a.id > ?)))",
            [start.into(), start.into(), id.into()],
        ),
        (Sort::NewestStart, Some(After::Timeless(id))) => {
            condition.and("a.t_min is null and a.id < ?", [id.into()]);
        }
        (Sort::OldestStart, Some(After::Timeless(id))) => {
            condition.and("a.t_min is null and a.id > ?", [id.into()]);
        }
        (Sort::Seq, Some(After::Seq(seq))) => condition.and("a.seq > ?", [seq.into()]),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cover_the_whole_stretch_without_overlap() {
        let day = |n: i64| DateTime::from_timestamp(n * 86_400, 0).unwrap();
        for sort in [Sort::NewestStart, Sort::OldestStart] {
            let mut pieces: Vec<_> = walk(day(18_000), day(19_900), sort)
                .map(|when| match when {
                    When::Starting(from, to) => (from, to),
                    other => panic!("{other:?}"),
                })
                .collect();
            assert!(pieces.len() < 8, "growing");
            pieces.sort();
            assert_eq!(pieces.first().map(|p| p.0), Some(day(18_000)));
            assert_eq!(pieces.last().map(|p| p.1), Some(day(19_900)));
            for pair in pieces.windows(2) {
                assert_eq!(pair[0].1 + TimeDelta::microseconds(1), pair[1].0);
            }
        }
    }
}
