//! Lists of activities: the filter in SQL, narrowed by the sky index where it names a place, an
//! exact check in memory, pages by key.

use chrono::{DateTime, Utc};
use domain::filter::ActivityFilter;
use domain::sky::Told;
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Value};
use uuid::Uuid;

use super::condition::{Condition, window};
pub use super::cursor::{After, Sort};
use super::pieces::{Piece, pieces};
use super::row::with_seq;
use super::sky_index::{Cells, When};
use super::{by_sky, event_log, exact};
use crate::db::sql;

/// Rows looked at for one page when hardly any may pass; then the page ends short, and the next one
/// goes on behind it.
const MOST_ROWS: usize = 5000;
/// How often the rows of a look are doubled.
const MOST_DOUBLED: u32 = 6;

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
pub(super) struct Found {
    pub(super) key: After,
    pub(super) json: String,
}

/// Lists a page of activities.
///
/// # Errors
/// Those of the database.
pub async fn list(db: &impl ConnectionTrait, query: Query<'_>) -> anyhow::Result<Page> {
    let mut page = Page::default();
    let mut last = query.after;
    let mut rows = 0;
    let cells = Cells::of(&query.filter.pos);
    for piece in pieces(db, query, &cells).await? {
        // Where hardly anything passes, each look is at more.
        for round in 0.. {
            // One more than asked for tells whether there is a next page.
            let wanted = query.limit + 1 - page.items.len();
            let limit = rows_for(query, wanted, round);
            let (found, read) = read_piece(db, query, &cells, &piece, (last, limit)).await?;
            for item in found {
                if page.items.len() == query.limit {
                    page.next = last_key(&page, last);
                    return Ok(page);
                }
                last = Some(item.key);
                page.items.push(item.json);
            }
            if read.exhausted {
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

/// What was read of a piece, passing or not.
pub(super) struct Read {
    pub(super) count: usize,
    pub(super) last: Option<After>,
    /// There is no more of the piece.
    pub(super) exhausted: bool,
}

/// Rows to read for so many that pass, twice as many each further round.
fn rows_for(query: Query<'_>, wanted: usize, round: u32) -> usize {
    // Most of what the sieve lets through passes; some outlines pass by a region, what is not a circle
    // is sieved by one around it, and older rows and very many regions are not sieved. Of what is somewhere in the sky, less is up in somebody's
    // night.
    let first = if query.filter.visible.is_some() {
        wanted * 4 + 100
    } else if query.filter.pos.is_empty() {
        wanted
    } else {
        wanted + wanted / 2 + 8
    };
    (first << round.min(MOST_DOUBLED)).min(MOST_ROWS / 4)
}

async fn read_piece(
    db: &impl ConnectionTrait,
    query: Query<'_>,
    cells: &Cells<'_>,
    piece: &Piece,
    (after, limit): (Option<After>, usize),
) -> anyhow::Result<(Vec<Found>, Read)> {
    let none = Read {
        count: 0,
        last: None,
        exhausted: true,
    };
    let timeless = matches!(piece, Piece::Timeless | Piece::Sky(When::Timeless));
    if !timeless && matches!(after, Some(After::Timeless(_))) {
        return Ok((Vec::new(), none));
    }
    let by_sky = async |whens: &[When]| by_sky::read(db, query, cells, whens, (after, limit)).await;
    match piece {
        Piece::Sky(when) => return by_sky(&[*when]).await,
        Piece::WholeSky(first, end) => {
            return by_sky(&[When::Starting(*first, *end), When::Timeless]).await;
        }
        Piece::Timed | Piece::Timeless | Piece::Events => {}
    }
    let (text, values) = by_order(db, query, piece, after, limit).await?;
    let rows = db.query_all_raw(sql(db, text, values)).await?;
    let mut read = Read {
        count: rows.len(),
        last: None,
        exhausted: rows.len() < limit,
    };
    let mut found = Vec::new();
    for row in &rows {
        let body: String = row.try_get_by_index(3)?;
        let (key, item) = Listed::of(row, &body)?.look(query, Told::Unsure)?;
        read.last = Some(key);
        found.extend(item);
    }
    Ok((found, read))
}

/// What a list takes of a row.
pub(super) struct Listed<'a> {
    pub(super) id: Uuid,
    pub(super) seq: i64,
    pub(super) start: Option<DateTime<Utc>>,
    pub(super) body: &'a str,
}

impl<'a> Listed<'a> {
    /// Of a row whose first columns are `id`, `seq`, `t_min` and `body`.
    pub(super) fn of(row: &QueryResult, body: &'a str) -> anyhow::Result<Listed<'a>> {
        Ok(Listed {
            id: row.try_get_by_index(0)?,
            seq: row.try_get_by_index(1)?,
            start: row.try_get_by_index(2)?,
            body,
        })
    }

    /// Its key, and itself if it passes.
    pub(super) fn look(
        &self,
        query: Query<'_>,
        told: Told,
    ) -> anyhow::Result<(After, Option<Found>)> {
        let key = match (query.sort, self.start) {
            (Sort::Seq, _) => After::Seq(self.seq),
            (_, Some(start)) => After::Start(start, self.id),
            (_, None) => After::Timeless(self.id),
        };
        let passes = match told {
            Told::Apart => false,
            Told::Meets if query.filter.visible.is_none() => true,
            _ => exact::passes(self.body, query.filter, query.now)?,
        };
        let json = passes.then(|| with_seq(self.body, self.seq));
        Ok((key, json.map(|json| Found { key, json })))
    }
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

/// Adds all that is asked of an activity but its place.
pub(super) fn ask(
    condition: &mut Condition,
    query: Query<'_>,
    whens: &[When],
    after: Option<After>,
) {
    condition.filter(query.filter, query.now);
    match whens {
        [When::Starting(first, end)] => condition.and(
            "a.t_min >= ? and a.t_min <= ?",
            [(*first).into(), (*end).into()],
        ),
        // What lasts for years is in the index without its start.
        [When::Between(_, end)] => condition.and("a.t_min <= ?", [(*end).into()]),
        _ => {}
    }
    go_on(condition, query.sort, after);
}

pub(super) fn order(sort: Sort, table: &str) -> String {
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
