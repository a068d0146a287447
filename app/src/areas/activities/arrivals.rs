//! What came from a source and how soon: by hour, by day, and the usual delay.

use std::collections::HashMap;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, DurationRound, NaiveDate, TimeDelta, Utc};
use sea_orm::ConnectionTrait;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::event_log;
use crate::areas::archives;
use crate::db::sql;
use crate::error::{Error, Result};
use crate::hub::Hub;
use crate::page::public;

/// Seconds an answer stays fresh.
const FRESH: u32 = 60;
/// Hours counted one by one.
const HOURS: i64 = 48;
/// Days counted one by one.
const DAYS: i64 = 90;
/// Days the delay is taken from.
const DELAY_DAYS: i64 = 30;
/// Newest activities of each facility the delay is taken from.
const DELAYS: u32 = 300;
/// Fewest activities a delay is told from.
const FEWEST: usize = 5;

/// The routes of arrivals.
pub(super) fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new().routes(routes!(show))
}

/// What came from a source, and how soon.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourceHistory {
    /// The source.
    pub name: &'static str,
    /// When its newest activity was first seen.
    pub newest: Option<DateTime<Utc>>,
    /// The newest end among the activities it says were performed.
    pub newest_t_max: Option<DateTime<Utc>>,
    /// Median of the time from the end of an activity to our first word that it was performed,
    /// seconds, over the last 30 days without back-fill; null when it would stand on fewer than 5.
    pub median_delay_s: Option<f64>,
    /// How many activities that median is of: at most the newest 300 of each facility.
    pub delays: usize,
    /// Events of the last 48 hours by the hour they were logged in, oldest first, without back-fill
    /// and without `started` and `ended`, which the clock tells.
    pub hours: Vec<HourOut>,
    /// Activities of the last 90 UTC days by the day they were first seen on, oldest first.
    pub days: Vec<DayOut>,
}

/// An hour of a source.
#[derive(Debug, Serialize, ToSchema)]
pub struct HourOut {
    /// When it began.
    pub at: DateTime<Utc>,
    /// Events logged in it.
    pub events: i64,
}

/// A day of a source.
#[derive(Debug, Serialize, ToSchema)]
pub struct DayOut {
    /// The UTC day.
    pub date: NaiveDate,
    /// Activities first seen on it.
    pub activities: i64,
    /// Whether this hub had read the source by then: before, nothing can be said.
    pub kept: bool,
}

/// What came from a source by hour and day, and its usual delay.
#[utoipa::path(get, path = "/api/sources/{name}/history", tag = "sources",
    params(("name" = String, Path, description = "Short name")),
    responses(
        (status = 200, description = "Its history", body = SourceHistory),
        (status = 404, description = "There is none", body = crate::openapi::Problem),
    ))]
async fn show(
    State(hub): State<Hub>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    let connector = registry::find(&name).ok_or(Error::NotFound("source"))?;
    let profile = connector.profile();
    let (db, now) = (hub.db.read(), hub.clock.now());
    let mut performed = Vec::new();
    for facility in profile.facilities {
        performed.extend(newest_performed(db, profile.name, facility, now).await?);
    }
    let known = archives::by_name(db, profile.name).await?;
    let delays: Vec<f64> = delays(&performed);
    let history = SourceHistory {
        name: profile.name,
        newest: newest(db, profile.name).await?,
        newest_t_max: newest_end(db, profile.name, profile.facilities, now).await?,
        delays: delays.len(),
        median_delay_s: median(delays),
        hours: hours(db, profile.name, now).await?,
        days: days(db, profile.name, known.first_success, now).await?,
    };
    public(&headers, &history, FRESH)
}

async fn newest(db: &impl ConnectionTrait, source: &str) -> anyhow::Result<Option<DateTime<Utc>>> {
    let text =
        "select first_seen from activities where source = $1 order by first_seen desc limit 1";
    let row = db.query_one_raw(sql(db, text, vec![source.into()])).await?;
    Ok(row.map(|row| row.try_get("", "first_seen")).transpose()?)
}

/// The newest end of what a source says was performed. Who starts last need not end last, so a few
/// of each facility are looked at.
async fn newest_end(
    db: &impl ConnectionTrait,
    source: &str,
    facilities: &[&str],
    now: DateTime<Utc>,
) -> anyhow::Result<Option<DateTime<Utc>>> {
    let mut newest = None;
    for facility in facilities {
        let text = "select max(x.t_max) as t_max from (select t_max from activities \
                    where facility = $1 and source = $2 and status = 'performed' and t_min <= $3 \
                    order by t_min desc limit 20) as x";
        let values = vec![(*facility).into(), source.into(), now.into()];
        let row = db.query_one_raw(sql(db, text, values)).await?;
        let end: Option<DateTime<Utc>> = row.map_or(Ok(None), |row| row.try_get("", "t_max"))?;
        newest = newest.max(end);
    }
    Ok(newest)
}

/// The first word that an activity was performed: which one, where in the log, how long after its
/// end.
struct Word {
    activity: Uuid,
    seq: i64,
    delay_s: f64,
}

async fn newest_performed(
    db: &impl ConnectionTrait,
    source: &str,
    facility: &str,
    now: DateTime<Utc>,
) -> anyhow::Result<Vec<Word>> {
    let text = format!(
        "select e.activity_id, e.seq, e.logged, e.t_max from (select id from activities \
         where facility = $1 and source = $2 and status = 'performed' and t_min >= $3 and t_min <= $4 \
         order by t_min desc limit {DELAYS}) as a join events e on e.activity_id = a.id \
         where e.event in ('observed', 'confirmed') and not e.backfill and e.t_max is not null"
    );
    let since = now - TimeDelta::days(DELAY_DAYS);
    let values = vec![facility.into(), source.into(), since.into(), now.into()];
    let rows = db.query_all_raw(sql(db, text, values)).await?;
    rows.iter()
        .map(|row| {
            let logged: DateTime<Utc> = row.try_get("", "logged")?;
            let end: DateTime<Utc> = row.try_get("", "t_max")?;
            Ok(Word {
                activity: row.try_get("", "activity_id")?,
                seq: row.try_get("", "seq")?,
                delay_s: (logged - end).as_seconds_f64(),
            })
        })
        .collect()
}

/// The delay of each activity's first word.
fn delays(words: &[Word]) -> Vec<f64> {
    let mut first: HashMap<Uuid, &Word> = HashMap::new();
    for word in words {
        let known = first.entry(word.activity).or_insert(word);
        if word.seq < known.seq {
            *known = word;
        }
    }
    first.into_values().map(|word| word.delay_s).collect()
}

/// The one in the middle, or the mean of the two there; none of too few.
fn median(mut all: Vec<f64>) -> Option<f64> {
    if all.len() < FEWEST {
        return None;
    }
    all.sort_by(f64::total_cmp);
    let middle = all.len() / 2;
    let upper = *all.get(middle)?;
    match all.len() % 2 {
        0 => Some(f64::midpoint(*all.get(middle - 1)?, upper)),
        _ => Some(upper),
    }
}

async fn hours(
    db: &impl ConnectionTrait,
    source: &str,
    now: DateTime<Utc>,
) -> anyhow::Result<Vec<HourOut>> {
    let last = now.duration_trunc(TimeDelta::hours(1))?;
    let first = last - TimeDelta::hours(HOURS - 1);
    let behind = event_log::seq_at(db, first).await?;
    let begins: Vec<DateTime<Utc>> = (0..HOURS).map(|n| first + TimeDelta::hours(n)).collect();
    // Counted by the database, since each hour's begin: there may be millions.
    let since: Vec<String> = (1..=HOURS)
        .map(|n| format!("count(case when e.logged >= ${n} then 1 end) as since_{n}"))
        .collect();
    let text = format!(
        "select {} from events e join activities a on a.id = e.activity_id \
         where e.seq > ${} and a.source = ${} and not e.backfill \
         and e.event not in ('started', 'ended')",
        since.join(", "),
        HOURS + 1,
        HOURS + 2
    );
    let mut values: Vec<sea_orm::Value> = begins.iter().map(|at| (*at).into()).collect();
    values.extend([behind.into(), source.into()]);
    let row = db.query_one_raw(sql(db, text, values)).await?;
    let row = row.ok_or_else(|| anyhow::anyhow!("a count without an answer"))?;
    let mut since = Vec::with_capacity(begins.len());
    for n in 1..=HOURS {
        since.push(row.try_get::<i64>("", &format!("since_{n}"))?);
    }
    let later = since.iter().skip(1).copied().chain([0]);
    let counted = since.iter().zip(later).map(|(all, later)| all - later);
    let hours = begins
        .into_iter()
        .zip(counted)
        .map(|(at, events)| HourOut { at, events })
        .collect();
    Ok(hours)
}

async fn days(
    db: &impl ConnectionTrait,
    source: &str,
    first_success: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> anyhow::Result<Vec<DayOut>> {
    let today = now.date_naive();
    let mut days = Vec::new();
    for back in (0..DAYS).rev() {
        let date = today - TimeDelta::days(back);
        let (from, to) = (midnight(date), midnight(date + TimeDelta::days(1)));
        // Before its first answer there is nothing to count: what a hand fetched says little.
        let kept = first_success.is_some_and(|first| first < to);
        let activities = match kept {
            true => seen(db, source, from, to).await?,
            false => 0,
        };
        days.push(DayOut {
            date,
            activities,
            kept,
        });
    }
    Ok(days)
}

/// How many activities of a source were first seen in a stretch.
async fn seen(
    db: &impl ConnectionTrait,
    source: &str,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> anyhow::Result<i64> {
    let text = "select count(*) as number from activities \
                where source = $1 and first_seen >= $2 and first_seen < $3";
    let values = vec![source.into(), from.into(), to.into()];
    let row = db.query_one_raw(sql(db, text, values)).await?;
    Ok(row.map_or(Ok(0), |row| row.try_get("", "number"))?)
}

fn midnight(date: NaiveDate) -> DateTime<Utc> {
    date.and_time(chrono::NaiveTime::MIN).and_utc()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_told_of_five_and_more() {
        assert_eq!(median(vec![1.0, 2.0, 3.0, 4.0]), None);
        assert_eq!(median(vec![9.0, 1.0, 5.0, 2.0, 3.0]), Some(3.0));
        assert_eq!(median(vec![9.0, 1.0, 5.0, 2.0, 3.0, 4.0]), Some(3.5));
    }
}
