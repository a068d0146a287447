//! What happened lately to activities that may pass a filter: for whoever looks back.
//!
//! Activities are narrowed by what is known of them today, and by no more than an index or a column
//! tells: whoever asks checks each snapshot itself. What changes in the course of a life (status,
//! basis, times) does not narrow; a target or a programme that was another one then does.

use chrono::{DateTime, TimeDelta, Utc};
use domain::EventKind;
use domain::filter::{ActivityFilter, Pattern};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Value};
use uuid::Uuid;

use super::condition::Condition;
use super::event_log;
use super::search::bounds;
use super::sky_index::{Cells, When};
use super::words::{Kind, shortened};
use crate::db::{placeholders, sql};

/// Most activities found by an index before looking at everything recent is no worse.
const MOST: usize = 20_000;
/// Names and words that stand for more activities than this find nothing in particular.
const RARE: i64 = 5_000;
/// Regions that are a larger part of the sky than this find nothing in particular.
const SMALL: f64 = 0.05;
/// How long before a look back something may have begun that was told of in it.
const REACH: TimeDelta = TimeDelta::days(60);

/// An activity, and the place of its newest event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recent {
    /// Of its newest event.
    pub seq: i64,
    /// Which.
    pub id: Uuid,
}

/// A line of the log, about one of them.
#[derive(Clone, Debug)]
pub struct Told {
    /// Its place.
    pub seq: i64,
    /// Whose.
    pub activity_id: Uuid,
    /// What happened.
    pub event: EventKind,
    /// The world's time of it.
    pub at: DateTime<Utc>,
    /// When it was written.
    pub logged: DateTime<Utc>,
    /// Never notified.
    pub backfill: bool,
    /// The snapshot's JSON, without `seq`.
    pub body: String,
}

/// How far to look back.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// Events behind this place.
    pub seq: i64,
    /// The time of it.
    pub since: DateTime<Utc>,
}

/// All activities with an event in the span that may pass, newest event first, found by what is rare
/// about them. None when nothing is, or when that finds too many.
///
/// # Errors
/// Those of the database.
pub async fn by_what_is_rare(
    db: &impl ConnectionTrait,
    filter: &ActivityFilter,
    span: Span,
) -> anyhow::Result<Option<Vec<Recent>>> {
    let Some((narrow, found_by)) = rare(db, filter).await? else {
        return Ok(None);
    };
    // A plus keeps SQLite from walking everything recent instead.
    let recent = |condition: &mut Condition, now| {
        condition.filter(&narrow, now);
        condition.and("+a.seq > ?", [span.seq.into()]);
    };
    let limit = MOST + 1;
    let (text, values) = if found_by == By::Name {
        let mut condition = Condition::default();
        recent(&mut condition, span.since);
        let (condition, values) = condition.finish();
        let text = format!("select a.id, a.seq from activities a where {condition} limit {limit}");
        (text, values)
    } else {
        let first = span.since.checked_sub_signed(REACH).unwrap_or(span.since);
        let window = When::Between(first, latest_start(db).await?.unwrap_or(span.since));
        let cells = Cells::of(&filter.pos);
        let mut all = cells.stretches(window);
        all.extend(cells.stretches(When::Timeless));
        let sqlite = db.get_database_backend() == DbBackend::Sqlite;
        let mut condition = Condition::behind(bounds(&all, sqlite));
        recent(&mut condition, span.since);
        let (condition, values) = condition.finish();
        (by_sky(sqlite, &condition, limit), values)
    };
    let rows = db.query_all_raw(sql(db, text, values)).await?;
    if rows.len() > MOST {
        return Ok(None);
    }
    let mut found: Vec<Recent> = rows.iter().map(read).collect::<anyhow::Result<_>>()?;
    found.sort_unstable_by_key(|one| std::cmp::Reverse(one.seq));
    found.dedup();
    Ok(Some(found))
}

fn by_sky(sqlite: bool, condition: &str, limit: usize) -> String {
    if sqlite {
        return format!(
            "select a.id, a.seq from json_each($1) as r cross join activities as a \
             indexed by activities_by_sky \
             where a.sky_key >= json_extract(r.value, '$[0]') \
             and a.sky_key <= json_extract(r.value, '$[1]') and {condition} limit {limit}"
        );
    }
    // `offset 0` keeps the planner from walking all activities instead.
    format!(
        "select c.id, c.seq from unnest($1, $2) as r(lo, hi) cross join lateral \
         (select a.id, a.seq from activities a \
          where a.sky_key >= r.lo and a.sky_key <= r.hi and {condition} offset 0) as c \
         limit {limit}"
    )
}

/// What finds few activities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Name,
    Place,
}

/// Activities whose newest event lies in a stretch of the log and that may pass, newest event first.
///
/// # Errors
/// Those of the database.
pub async fn by_stretch(
    db: &impl ConnectionTrait,
    filter: &ActivityFilter,
    (behind, upto): (i64, i64),
    now: DateTime<Utc>,
) -> anyhow::Result<Vec<Recent>> {
    let mut narrow = lasting(filter);
    forget_words(&mut narrow);
    let mut condition = Condition::default();
    condition.and("a.seq > ? and a.seq <= ?", [behind.into(), upto.into()]);
    condition.filter(&narrow, now);
    let names = |patterns: &[Pattern]| patterns.iter().map(|one| vec![one.clone()]).collect();
    for (kind, alternatives) in [
        (Kind::Facility, names(&filter.facility)),
        (Kind::Instrument, names(&filter.instrument)),
        (Kind::Pi, filter.pi.clone()),
        (Kind::Text, filter.text.clone()),
    ] {
        has_words(&mut condition, kind, &alternatives);
    }
    let (condition, values) = condition.finish();
    // By a popular name SQLite would look through all that has it, stretch by stretch.
    let by_seq = match db.get_database_backend() {
        DbBackend::Sqlite => "indexed by activities_by_seq",
        _ => "",
    };
    let text = format!(
        "select a.id, a.seq, a.sky_key from activities as a {by_seq} where {condition} \
         order by a.seq desc"
    );
    let cells = (!filter.pos.is_empty()).then(|| Cells::of(&filter.pos));
    let mut found = Vec::new();
    for row in db.query_all_raw(sql(db, text, values)).await? {
        let key: Option<i64> = row.try_get("", "sky_key")?;
        // Without a place today it has had none before.
        let may_lie_in = |cells: &Cells| key.is_some_and(|key| cells.may_hold(key));
        if cells.as_ref().is_none_or(may_lie_in) {
            found.push(read(&row)?);
        }
    }
    Ok(found)
}

/// The lines of activities behind a place that are a matter for notifications, activity by
/// activity, each in its order.
///
/// # Errors
/// Those of the database.
pub async fn lines(
    db: &impl ConnectionTrait,
    of: &[Recent],
    behind: i64,
) -> anyhow::Result<Vec<Told>> {
    if of.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!(
        "select e.seq, e.activity_id, e.event, e.at, e.logged, e.backfill, e.body from events e \
         where e.seq > $1 and e.event not in ('progress', 'redacted') and e.activity_id in {} \
         order by e.activity_id, e.seq",
        placeholders(1, of.len(), 2)
    );
    let ids = of.iter().map(|one| Value::from(one.id));
    let values = std::iter::once(behind.into()).chain(ids).collect();
    let mut lines = Vec::new();
    for row in db.query_all_raw(sql(db, text, values)).await? {
        let event: String = row.try_get("", "event")?;
        lines.push(Told {
            seq: row.try_get("", "seq")?,
            activity_id: row.try_get("", "activity_id")?,
            event: event.parse()?,
            at: row.try_get("", "at")?,
            logged: row.try_get("", "logged")?,
            backfill: row.try_get("", "backfill")?,
            body: row.try_get("", "body")?,
        });
    }
    Ok(lines)
}

/// Where a look back begins: behind the last line written at or before `since`, and not before the
/// first that is kept.
///
/// # Errors
/// Those of the database.
pub async fn span(db: &impl ConnectionTrait, since: DateTime<Utc>) -> anyhow::Result<Span> {
    let seq = event_log::seq_at(db, since).await?;
    let pruned_to = event_log::end(db).await?.pruned_to;
    let seq = seq.max(pruned_to);
    let first = logged_behind(db, seq).await?;
    Ok(Span {
        seq,
        since: first.unwrap_or(since).max(since),
    })
}

/// When the first kept line behind a place was written.
///
/// # Errors
/// Those of the database.
pub async fn logged_behind(
    db: &impl ConnectionTrait,
    seq: i64,
) -> anyhow::Result<Option<DateTime<Utc>>> {
    let text = "select logged from events where seq > $1 order by seq limit 1";
    let row = db.query_one_raw(sql(db, text, vec![seq.into()])).await?;
    Ok(row.map(|row| row.try_get("", "logged")).transpose()?)
}

async fn latest_start(db: &impl ConnectionTrait) -> anyhow::Result<Option<DateTime<Utc>>> {
    let text = "select t_min from activities where t_min is not null order by t_min desc limit 1";
    let row = db.query_one_raw(sql(db, text, vec![])).await?;
    Ok(row.map(|row| row.try_get("", "t_min")).transpose()?)
}

fn read(row: &QueryResult) -> anyhow::Result<Recent> {
    Ok(Recent {
        seq: row.try_get("", "seq")?,
        id: row.try_get("", "id")?,
    })
}

/// What of a filter holds all life long.
fn lasting(filter: &ActivityFilter) -> ActivityFilter {
    let mut narrow = filter.clone();
    narrow.status.clear();
    narrow.basis.clear();
    narrow.from.clear();
    narrow.to.clear();
    narrow.at.clear();
    narrow.event.clear();
    narrow
}

fn forget_words(narrow: &mut ActivityFilter) {
    narrow.facility.clear();
    narrow.instrument.clear();
    narrow.band.clear();
    narrow.pi.clear();
    narrow.text.clear();
}

/// What of a filter finds few activities by an index, if anything does.
async fn rare(
    db: &impl ConnectionTrait,
    filter: &ActivityFilter,
) -> anyhow::Result<Option<(ActivityFilter, By)>> {
    let mut narrow = lasting(filter);
    forget_words(&mut narrow);
    let (mut targets, mut proposals) = (ActivityFilter::default(), ActivityFilter::default());
    targets.target.clone_from(&filter.target);
    proposals.proposal.clone_from(&filter.proposal);
    let named = is_rare_name(db, &targets).await? || is_rare_name(db, &proposals).await?;
    if named {
        return Ok(Some((narrow, By::Name)));
    }
    if !filter.pos.is_empty() && Cells::of(&filter.pos).part_of_the_sky() <= SMALL {
        return Ok(Some((narrow, By::Place)));
    }
    if is_rare(db, &filter.pi).await? {
        narrow.pi.clone_from(&filter.pi);
        return Ok(Some((narrow, By::Name)));
    }
    if is_rare(db, &filter.text).await? {
        narrow.text.clone_from(&filter.text);
        return Ok(Some((narrow, By::Name)));
    }
    Ok(None)
}

/// Whether there are names to look for, and few activities have one of them.
async fn is_rare_name(db: &impl ConnectionTrait, names: &ActivityFilter) -> anyhow::Result<bool> {
    if names.target.is_empty() && names.proposal.is_empty() {
        return Ok(false);
    }
    let mut condition = Condition::default();
    condition.filter(names, DateTime::<Utc>::UNIX_EPOCH);
    let (condition, values) = condition.finish();
    let text = format!(
        "select count(*) as n from (select 1 as one from activities a where {condition} limit {}) x",
        RARE + 1
    );
    let row = db.query_one_raw(sql(db, text, values)).await?;
    let count: i64 = row
        .map(|row| row.try_get("", "n"))
        .transpose()?
        .unwrap_or(0);
    Ok(count <= RARE)
}

/// Whether there are words to look for, and each alternative has one that few activities have.
async fn is_rare(db: &impl ConnectionTrait, wanted: &[Vec<Pattern>]) -> anyhow::Result<bool> {
    for words in wanted {
        let mut least = RARE + 1;
        for word in words {
            least = least.min(count(db, word).await?);
        }
        if least > RARE {
            return Ok(false);
        }
    }
    Ok(!wanted.is_empty())
}

/// How many activities have a word; no more than is needed to know that they are many.
async fn count(db: &impl ConnectionTrait, word: &Pattern) -> anyhow::Result<i64> {
    // A beginning is as rare as the words that have it, which nobody has counted.
    let Pattern::Is(word) = word else {
        return Ok(RARE + 1);
    };
    let text = format!(
        "select count(*) as n from (select 1 as one from activity_words where word = $1 limit {}) w",
        RARE + 1
    );
    let row = db
        .query_one_raw(sql(db, text, vec![shortened(word).into()]))
        .await?;
    Ok(row
        .map(|row| row.try_get("", "n"))
        .transpose()?
        .unwrap_or(0))
}

/// Asks that a row have the words of one alternative, each looked up by itself. Beginnings are left
/// to whoever checks.
fn has_words(condition: &mut Condition, kind: Kind, wanted: &[Vec<Pattern>]) {
    let (mut alternatives, mut values) = (Vec::new(), Vec::<Value>::new());
    for words in wanted {
        let mut all = Vec::new();
        for word in words {
            let Pattern::Is(word) = word else {
                return;
            };
            all.push(format!(
                "exists (select 1 from activity_words w where w.word = ? \
                 and w.activity_id = a.id and w.kinds & {} <> 0)",
                kind as i32
            ));
            values.push(shortened(word).into());
        }
        alternatives.push(format!("({})", all.join(" and ")));
    }
    if !alternatives.is_empty() {
        condition.and(&format!("({})", alternatives.join(" or ")), values);
    }
}
