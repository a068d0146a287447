//! An activity as the database holds it: its JSON, and beside it what queries compare.

use chrono::{DateTime, Utc};
use domain::keys::Keys;
use domain::{Activity, Status};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};
use uuid::Uuid;

use super::sieve::Place;
use super::sky_index;
use crate::db::{placeholders, rows as rows_of, sql};

/// What the database keeps of an activity beyond its JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The activity, with its newest `seq`.
    pub activity: Activity,
    /// The line of sight it holds, if it holds one: the facility's name.
    pub track: Option<String>,
    /// When the clock has to look at it.
    pub due_at: Option<DateTime<Utc>>,
    /// It was news only to us when we first saw it.
    pub backfill: bool,
    /// Content hash of the plan line last applied.
    pub plan_hash: Option<i64>,
    /// Content hash of the log or archive record last applied.
    pub fact_hash: Option<i64>,
    /// What one harvest said and a second has to say too before it is believed.
    pub doubt: Option<String>,
}

/// The columns [`load`] reads, of `activities` under the name `a`.
pub const COLUMNS: &str =
    "a.seq, a.track, a.due_at, a.backfill, a.plan_hash, a.fact_hash, a.doubt, a.body";

impl Row {
    /// A row nothing is known of yet but the activity.
    #[must_use]
    pub fn new(activity: Activity, backfill: bool) -> Row {
        Row {
            activity,
            track: None,
            due_at: None,
            backfill,
            plan_hash: None,
            fact_hash: None,
            doubt: None,
        }
    }

    /// Reads a row of [`COLUMNS`].
    ///
    /// # Errors
    /// When the database or its JSON is broken.
    pub fn read(row: &QueryResult) -> anyhow::Result<Row> {
        let body: String = row.try_get("", "body")?;
        let mut activity: Activity = serde_json::from_str(&body)?;
        activity.seq = row.try_get("", "seq")?;
        Ok(Row {
            activity,
            track: row.try_get("", "track")?,
            due_at: row.try_get("", "due_at")?,
            backfill: row.try_get("", "backfill")?,
            plan_hash: row.try_get("", "plan_hash")?,
            fact_hash: row.try_get("", "fact_hash")?,
            doubt: row.try_get("", "doubt")?,
        })
    }

    /// Whether the clock runs it by plan now.
    #[must_use]
    pub fn runs_by_plan(&self) -> bool {
        self.activity.status == Status::InProgress
            && self.activity.basis == domain::Basis::Scheduled
    }
}

/// The JSON of an activity without its `seq`, as rows and events keep it.
///
/// # Errors
/// When a number in it is not finite.
pub fn body(activity: &Activity) -> serde_json::Result<String> {
    if activity.seq == 0 {
        return serde_json::to_string(activity);
    }
    serde_json::to_string(&Activity {
        seq: 0,
        ..activity.clone()
    })
}

/// The JSON of an activity as clients see it, from its stored body.
#[must_use]
pub fn with_seq(body: &str, seq: i64) -> String {
    format!("{{\"seq\":{seq},{}", body.strip_prefix('{').unwrap_or(body))
}

/// Columns of a written row, in the order of [`values`].
pub(super) const WRITTEN: [&str; 35] = [
    "id",
    "source",
    "obs_id",
    "attempt",
    "seq",
    "status",
    "basis",
    "collection",
    "facility",
    "intent",
    "role",
    "tracking",
    "category",
    "target_class",
    "site",
    "ground",
    "proposal",
    "target",
    "target_truncated",
    "exptime",
    "t_min",
    "t_max",
    "sky_key",
    "sky_x",
    "sky_y",
    "sky_z",
    "sky_reach",
    "track",
    "due_at",
    "backfill",
    "first_seen",
    "plan_hash",
    "fact_hash",
    "doubt",
    "body",
];

/// A row about to be written, with the words of its newest and its last state.
pub struct Written<'a> {
    /// The row as it is to stand.
    pub row: &'a Row,
    /// Its newest event.
    pub seq: i64,
    /// Its keys.
    pub keys: &'a Keys,
    /// Its JSON without `seq`.
    pub body: &'a str,
    /// The activity as it was; none for a new row.
    pub before: Option<&'a Activity>,
}

/// Rows of a statement: SQLite takes 32,766 values.
const AT_ONCE: usize = 900;

/// Writes rows, new or known.
///
/// # Errors
/// Those of the database.
pub(super) async fn upsert(db: &impl ConnectionTrait, rows: &[Written<'_>]) -> Result<(), DbErr> {
    for rows in rows.chunks(AT_ONCE) {
        upsert_some(db, rows).await?;
    }
    Ok(())
}

async fn upsert_some(db: &impl ConnectionTrait, rows: &[Written<'_>]) -> Result<(), DbErr> {
    let values = rows.iter().flat_map(values).collect();
    let (rows, values) = rows_of(db, "activities", &WRITTEN, values);
    let mut statement = format!(
        "insert into activities ({}) {rows} on conflict (id) do update set ",
        WRITTEN.join(", ")
    );
    // The identity never changes.
    let kept = [
        "id",
        "source",
        "obs_id",
        "attempt",
        "first_seen",
        "backfill",
    ];
    let set: Vec<String> = WRITTEN
        .iter()
        .filter(|column| !kept.contains(column))
        .map(|column| format!("{column} = excluded.{column}"))
        .collect();
    statement.push_str(&set.join(", "));
    db.execute_raw(sql(db, statement, values)).await?;
    Ok(())
}

pub(super) fn values(written: &Written<'_>) -> [Value; WRITTEN.len()] {
    let (row, keys) = (written.row, written.keys);
    let activity = &row.activity;
    let facts = &activity.facts;
    let place = Place::of(keys.shape.as_ref());
    [
        activity.id.into(),
        activity.source.as_str().into(),
        activity.obs_id.as_str().into(),
        i32::try_from(activity.attempt).unwrap_or(i32::MAX).into(),
        written.seq.into(),
        activity.status.as_str().into(),
        activity.basis.as_str().into(),
        keys.collection.as_str().into(),
        facts.facility_name.as_str().into(),
        keys.intent.clone().into(),
        keys.role.as_str().into(),
        keys.tracking.clone().into(),
        keys.category.clone().into(),
        keys.target_class.clone().into(),
        keys.site.clone().into(),
        keys.ground.into(),
        keys.proposal.clone().into(),
        keys.target.clone().into(),
        keys.target_truncated.into(),
        keys.exptime.into(),
        facts.t_min.into(),
        facts.t_max.into(),
        sky_index::key(keys.shape.as_ref(), facts.t_min, facts.t_max).into(),
        place.x.into(),
        place.y.into(),
        place.z.into(),
        place.reach.into(),
        row.track.clone().into(),
        row.due_at.into(),
        row.backfill.into(),
        activity.first_seen.into(),
        row.plan_hash.into(),
        row.fact_hash.into(),
        row.doubt.clone().into(),
        written.body.into(),
    ]
}

/// The rows of these `obs_id`s, locked for this transaction, in the order of their keys.
///
/// # Errors
/// Those of the database.
pub async fn lock(
    db: &impl ConnectionTrait,
    source: &str,
    obs_ids: &[&str],
) -> anyhow::Result<Vec<Row>> {
    by_obs_ids(db, source, obs_ids, for_update(db)).await
}

/// The rows of these `obs_id`s, as they stand.
///
/// # Errors
/// Those of the database.
pub async fn load(
    db: &impl ConnectionTrait,
    source: &str,
    obs_ids: &[&str],
) -> anyhow::Result<Vec<Row>> {
    by_obs_ids(db, source, obs_ids, "").await
}

async fn by_obs_ids(
    db: &impl ConnectionTrait,
    source: &str,
    obs_ids: &[&str],
    locking: &str,
) -> anyhow::Result<Vec<Row>> {
    if obs_ids.is_empty() {
        return Ok(Vec::new());
    }
    let (text, values) = if db.get_database_backend() == sea_orm::DbBackend::Sqlite {
        let text = format!(
            "select {COLUMNS} from activities a where a.source = $1 and a.obs_id in {} \
             order by a.obs_id, a.attempt",
            placeholders(1, obs_ids.len(), 2)
        );
        let obs_ids = obs_ids.iter().map(|id| Value::from(*id));
        (
            text,
            std::iter::once(source.into()).chain(obs_ids).collect(),
        )
    } else {
        // Asked for by a list and in this order, PostgreSQL would rather read the whole source in
        // that order than look up each of the list; behind `offset 0` it cannot.
        let text = format!(
            "select {COLUMNS} from activities a where a.id = any(array( \
               select b.id from jsonb_array_elements_text($2::text::jsonb) as k(obs_id) \
               cross join lateral (select b.id from activities b \
                 where b.source = $1 and b.obs_id = k.obs_id offset 0) as b)) \
             order by a.obs_id, a.attempt {locking}"
        );
        let obs_ids = serde_json::to_string(obs_ids)?;
        (text, vec![source.into(), obs_ids.into()])
    };
    db.query_all_raw(sql(db, text, values))
        .await?
        .iter()
        .map(Row::read)
        .collect()
}

/// The rows of these ids, locked for this transaction, in the order of their keys: the one order in
/// which everybody locks activities.
///
/// # Errors
/// Those of the database.
pub async fn lock_ids(db: &impl ConnectionTrait, ids: &[Uuid]) -> anyhow::Result<Vec<Row>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!(
        "select {COLUMNS} from activities a where a.id in {} \
         order by a.source, a.obs_id, a.attempt {}",
        placeholders(1, ids.len(), 1),
        for_update(db)
    );
    let values = ids.iter().map(|id| Value::from(*id)).collect();
    db.query_all_raw(sql(db, text, values))
        .await?
        .iter()
        .map(Row::read)
        .collect()
}

/// SQLite locks the whole file when a writing transaction begins.
fn for_update(db: &impl ConnectionTrait) -> &'static str {
    match db.get_database_backend() {
        sea_orm::DbBackend::Sqlite => "",
        _ => "for update of a",
    }
}

/// Reads `activities` by the index of what is due, which SQLite has to be told.
pub(super) fn by_due(db: &impl ConnectionTrait) -> &'static str {
    match db.get_database_backend() {
        sea_orm::DbBackend::Sqlite => "indexed by activities_due",
        _ => "",
    }
}

/// Ends a query inside another that PostgreSQL is to answer by itself: it would rather begin with
/// what the outer one asks for, which millions may have.
pub(super) fn first_of_all(db: &impl ConnectionTrait) -> &'static str {
    match db.get_database_backend() {
        sea_orm::DbBackend::Sqlite => "",
        _ => "offset 0",
    }
}

/// Leaves out rows that somebody else is dealing with right now.
pub(super) fn skip_locked(db: &impl ConnectionTrait) -> &'static str {
    match db.get_database_backend() {
        sea_orm::DbBackend::Sqlite => "",
        _ => "for update skip locked",
    }
}

/// An activity and its JSON as clients see it.
///
/// # Errors
/// Those of the database.
pub async fn json_by_id(db: &impl ConnectionTrait, id: Uuid) -> anyhow::Result<Option<String>> {
    let text = "select a.seq, a.body from activities a where a.id = $1";
    let Some(row) = db.query_one_raw(sql(db, text, vec![id.into()])).await? else {
        return Ok(None);
    };
    let body: String = row.try_get("", "body")?;
    Ok(Some(with_seq(&body, row.try_get("", "seq")?)))
}
