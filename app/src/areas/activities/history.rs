//! The board as it stood at a moment, from the events.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use domain::Activity;
use domain::filter::{ActivityFilter, TimeSpec};
use domain::keys::Keys;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::event_log;
use super::row::with_seq;
use super::search::{After, Page, Query, Sort};
use crate::db::sql;

/// The past moment a filter's `at` names, if it names one: a board that can be rebuilt. Of several
/// moments, or of one still ahead, there is only today's knowledge.
#[must_use]
pub fn moment(filter: &ActivityFilter, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    match filter.at.as_slice() {
        [TimeSpec::At(at)] if *at < now => Some(*at),
        _ => None,
    }
}

/// One activity as it stood at `at`; none when we did not know it yet, or no longer know how it
/// stood (`EVENT_DAYS`).
///
/// # Errors
/// Those of the database.
pub async fn one(
    db: &impl ConnectionTrait,
    id: Uuid,
    at: DateTime<Utc>,
) -> anyhow::Result<Option<String>> {
    let upto = event_log::seq_at(db, at).await?;
    let text = "select seq, body from events where activity_id = $1 and seq <= $2 \
                order by seq desc limit 1";
    let row = db
        .query_one_raw(sql(db, text, vec![id.into(), upto.into()]))
        .await?;
    let Some(row) = row else { return Ok(None) };
    let body: String = row.try_get("", "body")?;
    Ok(Some(with_seq(&body, row.try_get("", "seq")?)))
}

/// A page of the board as it stood at `at`: each activity's newest snapshot until then, if it
/// overlaps that moment and passes the filter.
///
/// # Errors
/// Those of the database.
pub async fn list(
    db: &impl ConnectionTrait,
    query: Query<'_>,
    at: DateTime<Utc>,
) -> anyhow::Result<Page> {
    let upto = event_log::seq_at(db, at).await?;
    let text = "select e.seq, e.activity_id, e.t_min, e.body from events e \
        where e.seq <= $1 and e.t_min <= $2 and coalesce(e.t_max, e.t_min) >= $2 \
        and not exists (select 1 from events l where l.activity_id = e.activity_id \
                        and l.seq > e.seq and l.seq <= $1)";
    let rows = db
        .query_all_raw(sql(db, text, vec![upto.into(), at.into()]))
        .await?;
    let mut found = Vec::new();
    for row in rows {
        let body: String = row.try_get("", "body")?;
        let activity: Activity = serde_json::from_str(&body)?;
        if !query
            .filter
            .matches(&activity, &Keys::of(&activity), None, at)
        {
            continue;
        }
        let seq: i64 = row.try_get("", "seq")?;
        let start: DateTime<Utc> = row.try_get("", "t_min")?;
        let id: Uuid = row.try_get("", "activity_id")?;
        found.push((start, id, seq, with_seq(&body, seq)));
    }
    match query.sort {
        Sort::NewestStart => found.sort_by_key(|item| Reverse((item.0, item.1))),
        Sort::OldestStart => found.sort_by_key(|item| (item.0, item.1)),
        Sort::Seq => found.sort_by_key(|item| item.2),
    }
    let behind = |start: DateTime<Utc>, id: Uuid, seq: i64| match (query.sort, query.after) {
        (Sort::NewestStart, Some(After::Start(s, i))) => (start, id) < (s, i),
        (Sort::OldestStart, Some(After::Start(s, i))) => (start, id) > (s, i),
        (Sort::Seq, Some(After::Seq(s))) => seq > s,
        _ => true,
    };
    found.retain(|(start, id, seq, _)| behind(*start, *id, *seq));
    let more = found.len() > query.limit;
    found.truncate(query.limit);
    let next = found
        .last()
        .filter(|_| more)
        .map(|(start, id, seq, _)| match query.sort {
            Sort::Seq => After::Seq(*seq),
            _ => After::Start(*start, *id),
        });
    Ok(Page {
        items: found.into_iter().map(|item| item.3).collect(),
        next,
    })
}
