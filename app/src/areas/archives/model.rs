//! What we know of each source: its cursor, its health, and the rows nobody could read.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{DateTime, TimeDelta, Utc};
use domain::Unreadable;
use sea_orm::{ConnectionTrait, QueryResult};
use serde::{Deserialize, Serialize};
use upstream::{Cursor, Harvest};

use crate::db::{Db, sql};

/// Unreadable rows kept of each source; the count goes on.
const KEPT_UNREADABLE: i64 = 200;
/// Longest raw text and reason kept.
const LONGEST_RAW: usize = 4000;

/// A source's standing.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// Where the next harvest starts.
    pub cursor: Option<Cursor>,
    /// First harvest that succeeded; none before it.
    pub first_success: Option<DateTime<Utc>>,
    /// Newest harvest that succeeded.
    pub last_success: Option<DateTime<Utc>>,
    /// Newest harvest that was tried.
    pub last_attempt: Option<DateTime<Utc>>,
    /// When it is harvested next.
    pub next_run: Option<DateTime<Utc>>,
    /// How far ahead its plan reaches.
    pub horizon: Option<DateTime<Utc>>,
    /// Harvests that failed since one succeeded.
    pub failures: i32,
    /// What the newest failure said.
    pub last_error: Option<String>,
    /// When.
    pub last_error_at: Option<DateTime<Utc>>,
    /// What went less than well with the newest success.
    pub notes: Vec<String>,
    /// Rows read since ever.
    pub rows_read: i64,
    /// Rows nobody could read, since ever.
    pub unreadable_rows: i64,
    /// What the newest success brought.
    pub last_counts: Option<LastCounts>,
}

/// What a harvest brought.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastCounts {
    /// Rows read.
    pub read: usize,
    /// Activities they told of.
    pub activities: usize,
    /// Of those, first seen.
    pub new: usize,
    /// Known, and different now.
    pub changed: usize,
    /// Known, and the same.
    pub unchanged: usize,
    /// Gone from the plan.
    pub withdrawn: usize,
    /// Rows left out on purpose, by reason.
    pub skipped: BTreeMap<String, usize>,
    /// Rows nobody could read.
    pub unreadable: usize,
}

const COLUMNS: &str = "name, cursor, first_success, last_success, last_attempt, next_run, horizon, \
    failures, last_error, last_error_at, notes, rows_read, unreadable_rows, last_counts";

/// The standing of every source that was ever tried, by name.
///
/// # Errors
/// Those of the database.
pub async fn all(db: &impl ConnectionTrait) -> anyhow::Result<BTreeMap<String, Source>> {
    let text = format!("select {COLUMNS} from sources");
    let rows = db.query_all_raw(sql(db, text, vec![])).await?;
    rows.iter()
        .map(|row| Ok((row.try_get("", "name")?, read(row)?)))
        .collect()
}

/// The standing of one source; the default when it was never tried.
///
/// # Errors
/// Those of the database.
pub async fn by_name(db: &impl ConnectionTrait, name: &str) -> anyhow::Result<Source> {
    let text = format!("select {COLUMNS} from sources where name = $1");
    let row = db.query_one_raw(sql(db, text, vec![name.into()])).await?;
    row.as_ref().map_or(Ok(Source::default()), read)
}

fn read(row: &QueryResult) -> anyhow::Result<Source> {
    let text = |column: &str| row.try_get::<Option<String>>("", column);
    Ok(Source {
        cursor: text("cursor")?.map(Cursor),
        first_success: row.try_get("", "first_success")?,
        last_success: row.try_get("", "last_success")?,
        last_attempt: row.try_get("", "last_attempt")?,
        next_run: row.try_get("", "next_run")?,
        horizon: row.try_get("", "horizon")?,
        failures: row.try_get("", "failures")?,
        last_error: text("last_error")?,
        last_error_at: row.try_get("", "last_error_at")?,
        notes: text("notes")?
            .and_then(|json| serde_json::from_str(&json).ok())
            .unwrap_or_default(),
        rows_read: row.try_get("", "rows_read")?,
        unreadable_rows: row.try_get("", "unreadable_rows")?,
        last_counts: text("last_counts")?.and_then(|json| serde_json::from_str(&json).ok()),
    })
}

/// Records a harvest that succeeded, with the rows it could not read.
///
/// # Errors
/// Those of the database.
pub async fn succeeded(
    tx: &impl ConnectionTrait,
    name: &str,
    harvest: &Harvest,
    counts: &LastCounts,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let text = "insert into sources (name, cursor, first_success, last_success, last_attempt, \
            horizon, failures, notes, rows_read, unreadable_rows, last_counts) \
        values ($1, $2, $3, $3, $3, $4, 0, $5, $6, $7, $8) \
        on conflict (name) do update set \
            cursor = coalesce(excluded.cursor, sources.cursor), \
            first_success = coalesce(sources.first_success, excluded.first_success), \
            last_success = excluded.last_success, last_attempt = excluded.last_attempt, \
            horizon = coalesce(excluded.horizon, sources.horizon), failures = 0, \
            notes = excluded.notes, rows_read = sources.rows_read + excluded.rows_read, \
            unreadable_rows = sources.unreadable_rows + excluded.unreadable_rows, \
            last_counts = excluded.last_counts";
    let values = vec![
        name.into(),
        harvest.cursor.clone().map(|cursor| cursor.0).into(),
        now.into(),
        harvest.horizon.into(),
        serde_json::to_string(&harvest.notes)?.into(),
        i64::try_from(harvest.read)?.into(),
        i64::try_from(counts.unreadable)?.into(),
        serde_json::to_string(counts)?.into(),
    ];
    tx.execute_raw(sql(tx, text, values)).await?;
    keep_all(tx, name, harvest, now).await
}

/// Records a stretch or a file taken in by hand, with the rows it could not read: it says nothing
/// about how the source does, nor where its next harvest starts.
///
/// # Errors
/// Those of the database.
pub async fn by_hand(
    tx: &impl ConnectionTrait,
    name: &str,
    harvest: &Harvest,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let text = "insert into sources (name, rows_read, unreadable_rows) values ($1, $2, $3) \
        on conflict (name) do update set rows_read = sources.rows_read + excluded.rows_read, \
            unreadable_rows = sources.unreadable_rows + excluded.unreadable_rows";
    let values = vec![
        name.into(),
        i64::try_from(harvest.read)?.into(),
        i64::try_from(harvest.unreadable().count())?.into(),
    ];
    tx.execute_raw(sql(tx, text, values)).await?;
    keep_all(tx, name, harvest, now).await
}

async fn keep_all(
    tx: &impl ConnectionTrait,
    name: &str,
    harvest: &Harvest,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    for row in harvest.unreadable().take(usize::try_from(KEPT_UNREADABLE)?) {
        keep(tx, name, row, now).await?;
    }
    let text = "delete from unreadable_rows where source = $1 and hash not in \
        (select hash from unreadable_rows where source = $1 order by last_seen desc, hash limit $2)";
    tx.execute_raw(sql(tx, text, vec![name.into(), KEPT_UNREADABLE.into()]))
        .await?;
    Ok(())
}

/// Records a harvest that failed.
///
/// # Errors
/// Those of the database.
pub async fn failed(db: &Db, name: &str, why: &str, now: DateTime<Utc>) -> anyhow::Result<()> {
    let write = db.begin().await?;
    let text = "insert into sources (name, last_attempt, failures, last_error, last_error_at) \
        values ($1, $2, 1, $3, $2) \
        on conflict (name) do update set last_attempt = excluded.last_attempt, \
            failures = sources.failures + 1, last_error = excluded.last_error, \
            last_error_at = excluded.last_error_at";
    let values = vec![name.into(), now.into(), shortened(why).into()];
    write
        .tx()
        .execute_raw(sql(write.tx(), text, values))
        .await?;
    Ok(write.commit().await?)
}

/// Records when a source is harvested next.
///
/// # Errors
/// Those of the database.
pub async fn runs_next(db: &Db, name: &str, at: DateTime<Utc>) -> anyhow::Result<()> {
    let write = db.begin().await?;
    let text = "insert into sources (name, next_run) values ($1, $2) \
                on conflict (name) do update set next_run = excluded.next_run";
    write
        .tx()
        .execute_raw(sql(write.tx(), text, vec![name.into(), at.into()]))
        .await?;
    Ok(write.commit().await?)
}

async fn keep(
    tx: &impl ConnectionTrait,
    source: &str,
    row: &Unreadable,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let mut hasher = DefaultHasher::new();
    (&row.raw, &row.reason).hash(&mut hasher);
    let text = "insert into unreadable_rows \
            (source, hash, row_no, reason, raw, times, first_seen, last_seen) \
        values ($1, $2, $3, $4, $5, 1, $6, $6) \
        on conflict (source, hash) do update set times = unreadable_rows.times + 1, \
            row_no = excluded.row_no, last_seen = excluded.last_seen";
    let values = vec![
        source.into(),
        hasher.finish().cast_signed().into(),
        i64::try_from(row.row)?.into(),
        shortened(&row.reason).into(),
        shortened(&row.raw).into(),
        now.into(),
    ];
    tx.execute_raw(sql(tx, text, values)).await?;
    Ok(())
}

/// PostgreSQL refuses NUL in text; a damaged answer may hold one.
fn shortened(text: &str) -> String {
    text.chars()
        .filter(|c| *c != '\0')
        .take(LONGEST_RAW)
        .collect()
}

/// An unreadable row as it is shown.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct UnreadableOut {
    /// Line or row number in the upstream's answer, from 1.
    pub row: i64,
    /// Why it could not be read.
    pub reason: String,
    /// The row as it came, at most 4000 characters.
    pub raw: String,
    /// In how many harvests it was seen.
    pub times: i64,
    /// First seen.
    pub first_seen: DateTime<Utc>,
    /// Last seen.
    pub last_seen: DateTime<Utc>,
}

/// The unreadable rows of a source, newest first.
///
/// # Errors
/// Those of the database.
pub async fn unreadable(
    db: &impl ConnectionTrait,
    name: &str,
) -> anyhow::Result<Vec<UnreadableOut>> {
    let text = "select row_no, reason, raw, times, first_seen, last_seen from unreadable_rows \
                where source = $1 order by last_seen desc, row_no limit 50";
    let rows = db.query_all_raw(sql(db, text, vec![name.into()])).await?;
    rows.iter()
        .map(|row| {
            Ok(UnreadableOut {
                row: row.try_get("", "row_no")?,
                reason: row.try_get("", "reason")?,
                raw: row.try_get("", "raw")?,
                times: row.try_get("", "times")?,
                first_seen: row.try_get("", "first_seen")?,
                last_seen: row.try_get("", "last_seen")?,
            })
        })
        .collect()
}

/// How a source does, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// Harvested lately.
    Good,
    /// Not harvested for longer than it should be.
    Late,
    /// The newest harvest failed.
    Failing,
    /// Never harvested yet.
    Waiting,
    /// Switched off by `STARBOARD_SOURCES`.
    Off,
}

impl Source {
    /// How it does at `now`, for a source that should succeed every `late_after`.
    #[must_use]
    pub fn health(&self, now: DateTime<Utc>, late_after: TimeDelta, runs: bool) -> Health {
        match self.last_success {
            _ if !runs => Health::Off,
            _ if self.failures > 0 => Health::Failing,
            None => Health::Waiting,
            Some(last) if now - last > late_after => Health::Late,
            Some(_) => Health::Good,
        }
    }
}
