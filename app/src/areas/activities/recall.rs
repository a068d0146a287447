//! What happened lately to activities that may pass a filter: for whoever looks back.
//!
//! Activities are narrowed by what is known of them today, and by no more than an index or a column
//! tells: whoever asks checks each snapshot itself. What changes in the course of a life (status,
//! basis, times) does not narrow; a target or a programme that was another one then does.

mod rare;

use chrono::{DateTime, Utc};
use domain::EventKind;
use domain::filter::{ActivityFilter, Pattern};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Value};
use uuid::Uuid;

pub use self::rare::by_what_is_rare;
use super::condition::Condition;
use super::event_log;
use super::sky_index::Cells;
use super::words::{Kind, shortened};
use crate::db::{placeholders, sql};

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
