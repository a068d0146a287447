//! The board as it stood at a moment, from the events.

use std::cmp::Reverse;
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::Activity;
use domain::filter::{ActivityFilter, TimeSpec};
use domain::keys::Keys;
use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use super::event_log;
use super::row::with_seq;
use super::search::{After, Page, Query, Sort};
use crate::db::{placeholders, sql};
use crate::error::{Error, Result};

/// Most snapshots looked at in one go.
const CHUNK: usize = 2000;

/// The past moment a filter's `at` names, if it names one: a board that can be rebuilt. Of several
/// moments, or of one still ahead, there is only today's knowledge.
#[must_use]
pub fn moment(filter: &ActivityFilter, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    match filter.at.as_slice() {
        [TimeSpec::At(at)] if *at < now => Some(*at),
        _ => None,
    }
}

/// One activity as it stood at `at`; none when we did not know it yet.
///
/// # Errors
/// When events that old are no longer kept, and those of the database.
pub async fn one(db: &impl ConnectionTrait, id: Uuid, at: DateTime<Utc>) -> Result<Option<String>> {
    let upto = place(db, at).await?;
    Ok(newest_of(db, id, upto).await?)
}

/// A page of the board as it stood at `at`: each activity's newest snapshot until then, if it
/// overlaps that moment and passes the filter.
///
/// # Errors
/// When events that old are no longer kept, and those of the database.
pub async fn list(db: &impl ConnectionTrait, query: Query<'_>, at: DateTime<Utc>) -> Result<Page> {
    let upto = place(db, at).await?;
    Ok(page(db, query, at, upto).await?)
}

/// The last event at or before `at`. A board of before the pruned events would lack most of what
/// stood on it, and not say so.
async fn place(db: &impl ConnectionTrait, at: DateTime<Utc>) -> Result<i64> {
    let upto = event_log::seq_at(db, at).await?;
    let pruned_to = event_log::end(db).await?.pruned_to;
    if upto >= pruned_to {
        return Ok(upto);
    }
    let oldest = logged_from(db, pruned_to).await?;
    let oldest = oldest.map_or_else(|| "now".to_owned(), event_log::json_time);
    Err(Error::invalid(
        "at",
        format!("events that old are no longer kept (EVENT_DAYS); the oldest kept are of {oldest}"),
    ))
}

/// When the first kept event from `seq` on was logged.
async fn logged_from(db: &impl ConnectionTrait, seq: i64) -> anyhow::Result<Option<DateTime<Utc>>> {
    let text = "select logged from events where seq >= $1 order by seq limit 1";
    let row = db.query_one_raw(sql(db, text, vec![seq.into()])).await?;
    Ok(row.map(|row| row.try_get("", "logged")).transpose()?)
}

async fn newest_of(
    db: &impl ConnectionTrait,
    id: Uuid,
    upto: i64,
) -> anyhow::Result<Option<String>> {
    let text = "select seq, body from events where activity_id = $1 and seq <= $2 \
                order by seq desc limit 1";
    let values = vec![id.into(), upto.into()];
    let Some(row) = db.query_one_raw(sql(db, text, values)).await? else {
        return Ok(None);
    };
    let body: String = row.try_get("", "body")?;
    Ok(Some(with_seq(&body, row.try_get("", "seq")?)))
}

/// Where a snapshot stands in a list.
#[derive(Clone, Copy, Debug)]
struct Standing {
    start: DateTime<Utc>,
    id: Uuid,
    seq: i64,
}

impl Standing {
    fn key(self, sort: Sort) -> After {
        match sort {
            Sort::Seq => After::Seq(self.seq),
            _ => After::Start(self.start, self.id),
        }
    }

    fn is_behind(self, query: Query<'_>) -> bool {
        match (query.sort, query.after) {
            (Sort::NewestStart, Some(After::Start(s, i))) => (self.start, self.id) < (s, i),
            (Sort::OldestStart, Some(After::Start(s, i))) => (self.start, self.id) > (s, i),
            (Sort::Seq, Some(After::Seq(s))) => self.seq > s,
            _ => true,
        }
    }
}

/// Snapshots are read in the order of the list, and only until the page is full.
async fn page(
    db: &impl ConnectionTrait,
    query: Query<'_>,
    at: DateTime<Utc>,
    upto: i64,
) -> anyhow::Result<Page> {
    let mut page = Page::default();
    let standings = standings(db, query, at, upto).await?;
    let mut rest = standings.as_slice();
    let mut last = None;
    let mut size = query.limit + 1;
    while !rest.is_empty() {
        let (chunk, further) = rest.split_at(size.min(rest.len()));
        let mut bodies = bodies(db, chunk).await?;
        for standing in chunk {
            let Some(body) = bodies.remove(&standing.seq) else {
                continue;
            };
            let activity: Activity = serde_json::from_str(&body)?;
            let keys = Keys::of(&activity);
            if !query.filter.matches(&activity, &keys, None, at) {
                continue;
            }
            if page.items.len() == query.limit {
                page.next = last;
                return Ok(page);
            }
            page.items.push(with_seq(&body, standing.seq));
            last = Some(standing.key(query.sort));
        }
        rest = further;
        size = (size * 2).min(CHUNK);
    }
    Ok(page)
}

/// What stood on the board at `at`, behind the last page, in the order of the list.
async fn standings(
    db: &impl ConnectionTrait,
    query: Query<'_>,
    at: DateTime<Utc>,
    upto: i64,
) -> anyhow::Result<Vec<Standing>> {
    let text = "select e.seq, e.activity_id, e.t_min from events e \
        where e.seq <= $1 and e.t_min <= $2 and coalesce(e.t_max, e.t_min) >= $2 \
        and not exists (select 1 from events l where l.activity_id = e.activity_id \
                        and l.seq > e.seq and l.seq <= $1)";
    let values = vec![upto.into(), at.into()];
    let mut standings = Vec::new();
    for row in db.query_all_raw(sql(db, text, values)).await? {
        let standing = Standing {
            start: row.try_get("", "t_min")?,
            id: row.try_get("", "activity_id")?,
            seq: row.try_get("", "seq")?,
        };
        if standing.is_behind(query) {
            standings.push(standing);
        }
    }
    match query.sort {
        Sort::NewestStart => standings.sort_by_key(|one| Reverse((one.start, one.id))),
        Sort::OldestStart => standings.sort_by_key(|one| (one.start, one.id)),
        Sort::Seq => standings.sort_by_key(|one| one.seq),
    }
    Ok(standings)
}

async fn bodies(
    db: &impl ConnectionTrait,
    chunk: &[Standing],
) -> anyhow::Result<HashMap<i64, String>> {
    let text = format!(
        "select seq, body from events where seq in {}",
        placeholders(1, chunk.len(), 1)
    );
    let values: Vec<Value> = chunk.iter().map(|one| one.seq.into()).collect();
    db.query_all_raw(sql(db, text, values))
        .await?
        .iter()
        .map(|row| Ok((row.try_get("", "seq")?, row.try_get("", "body")?)))
        .collect()
}
