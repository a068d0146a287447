//! The event log: one counter makes the order, and every line keeps its snapshot.
//!
//! Numbers are taken by updating one row, whose lock lasts until commit: events become visible in
//! the order of `seq`, without holes, by the same SQL on both databases. (A database sequence hands
//! numbers out before commit: a reader can see 12 before 11, and lose 11 for ever.)

use anyhow::Context;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use domain::{Clock, EventKind};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

use super::row::with_seq;
use crate::db::{rows, sql};

/// The log's identity and its two ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// Tells one log from another: a restored database or a fresh file is another log.
    pub log: String,
    /// The newest event.
    pub seq: i64,
    /// Events up to this one may be gone.
    pub pruned_to: i64,
}

/// A line about to be written.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Whose.
    pub activity_id: Uuid,
    /// What happened.
    pub event: EventKind,
    /// The world's time of it.
    pub at: DateTime<Utc>,
    /// Never notified.
    pub backfill: bool,
    /// Of the snapshot.
    pub t_min: Option<DateTime<Utc>>,
    /// Of the snapshot.
    pub t_max: Option<DateTime<Utc>>,
    /// The snapshot, without `seq`.
    pub body: String,
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its place.
    pub seq: i64,
    /// The envelope as clients get it.
    pub envelope: String,
}

/// Makes the counter of a new log, once.
///
/// # Errors
/// Those of the database.
pub async fn ensure_counter(db: &impl ConnectionTrait) -> anyhow::Result<()> {
    let text = "insert into event_counter (id, log, seq, pruned_to) values (1, $1, 0, 0) \
                on conflict (id) do nothing";
    db.execute_raw(sql(db, text, vec![new_log().into()]))
        .await?;
    Ok(())
}

/// Gives the log a new identity: after restoring a backup, old positions mean nothing.
///
/// # Errors
/// Those of the database.
pub async fn renew(db: &impl ConnectionTrait) -> anyhow::Result<()> {
    let text = "update event_counter set log = $1 where id = 1";
    db.execute_raw(sql(db, text, vec![new_log().into()]))
        .await?;
    Ok(())
}

fn new_log() -> String {
    Uuid::new_v4().simple().to_string()
}

/// Identity and ends of the log.
///
/// # Errors
/// Those of the database.
pub async fn end(db: &impl ConnectionTrait) -> anyhow::Result<End> {
    let text = format!("select {END} from event_counter c where c.id = 1");
    let row = db.query_one_raw(sql(db, text, vec![])).await?;
    read_end(row.as_ref())
}

/// The columns [`read_end`] reads, of `event_counter` under the name `c`.
const END: &str = "c.log, c.seq as newest, c.pruned_to";

fn read_end(row: Option<&QueryResult>) -> anyhow::Result<End> {
    let row = row.context("the event counter is missing: run `starboard migrate`")?;
    Ok(End {
        log: row.try_get("", "log")?,
        seq: row.try_get("", "newest")?,
        pruned_to: row.try_get("", "pruned_to")?,
    })
}

/// The place up to which everybody who keeps a cursor in the database has read; none when nobody
/// does. What follows is still needed.
///
/// # Errors
/// Those of the database.
pub async fn smallest_cursor(db: &impl ConnectionTrait) -> anyhow::Result<Option<i64>> {
    let text = "select min(seq) as seq from matcher_cursors";
    let row = db.query_one_raw(sql(db, text, vec![])).await?;
    Ok(row.map_or(Ok(None), |row| row.try_get("", "seq"))?)
}

/// How far before a window an activity may start that reaches into it.
///
/// # Errors
/// Those of the database.
pub async fn longest(db: &impl ConnectionTrait) -> anyhow::Result<TimeDelta> {
    let text = "select longest_s from event_counter where id = 1";
    let row = db.query_one_raw(sql(db, text, vec![])).await?;
    let seconds: i64 = row
        .map(|row| row.try_get("", "longest_s"))
        .transpose()?
        .unwrap_or(0);
    Ok(TimeDelta::try_seconds(seconds).unwrap_or(TimeDelta::MAX))
}

/// Appends lines: takes their numbers and writes them in one statement. Answers the lines.
///
/// It holds the counter's lock until commit, so it comes late in a transaction: behind it stands
/// one more statement, which writes the activities with their new `seq`. (Written before, they would
/// have to be written a second time with it, and with them every index.)
///
/// # Errors
/// Those of the database.
pub async fn append(
    db: &impl ConnectionTrait,
    drafts: &[Draft],
    clock: &Clock,
) -> anyhow::Result<Vec<Line>> {
    if drafts.is_empty() {
        return Ok(Vec::new());
    }
    let count = i64::try_from(drafts.len())?;
    let longest = drafts
        .iter()
        .filter_map(|d| Some(d.t_max? - d.t_min?))
        .max()
        .unwrap_or_default();
    let take = "update event_counter set seq = seq + $1, \
        longest_s = case when longest_s < $2 then $2 else longest_s end \
        where id = 1 returning seq";
    let values = vec![count.into(), (longest.num_seconds() + 1).into()];
    let row = db.query_one_raw(sql(db, take, values)).await?;
    let row = row.ok_or_else(|| anyhow::anyhow!("the event counter is missing"))?;
    let last: i64 = row.try_get("", "seq")?;
    let first = last - count + 1;
    // Read behind the counter, so that the order of `logged` is the order of `seq`.
    let logged = clock.now();

    let values = (first..)
        .zip(drafts)
        .flat_map(|(seq, draft)| line_values(seq, draft, logged))
        .collect();
    let (rows, values) = rows(db, "events", &WRITTEN, values);
    let text = format!("insert into events ({}) {rows}", WRITTEN.join(", "));
    db.execute_raw(sql(db, text, values)).await?;

    let line = |(seq, draft): (i64, &Draft)| Line {
        seq,
        envelope: envelope(
            seq,
            draft.event.as_str(),
            draft.at,
            logged,
            draft.backfill,
            &draft.body,
        ),
    };
    Ok((first..).zip(drafts).map(line).collect())
}

/// Columns of a written line, in the order of [`line_values`].
const WRITTEN: [&str; 9] = [
    "seq",
    "activity_id",
    "event",
    "at",
    "logged",
    "backfill",
    "t_min",
    "t_max",
    "body",
];

fn line_values(seq: i64, draft: &Draft, logged: DateTime<Utc>) -> [Value; WRITTEN.len()] {
    [
        seq.into(),
        draft.activity_id.into(),
        draft.event.as_str().into(),
        draft.at.into(),
        logged.into(),
        draft.backfill.into(),
        draft.t_min.into(),
        draft.t_max.into(),
        draft.body.as_str().into(),
    ]
}

/// The columns [`read_line`] reads, of `events` under the name `e`.
pub const COLUMNS: &str = "e.seq as seq, e.event, e.at, e.logged, e.backfill, e.body";

/// A line from a row of [`COLUMNS`].
///
/// # Errors
/// Those of the database.
pub fn read_line(row: &QueryResult) -> anyhow::Result<Line> {
    let seq: i64 = row.try_get("", "seq")?;
    let event: String = row.try_get("", "event")?;
    let body: String = row.try_get("", "body")?;
    let (at, logged) = (row.try_get("", "at")?, row.try_get("", "logged")?);
    let backfill: bool = row.try_get("", "backfill")?;
    Ok(Line {
        seq,
        envelope: envelope(seq, &event, at, logged, backfill, &body),
    })
}

/// The lines after `seq`, at most `limit`, in order.
///
/// # Errors
/// Those of the database.
pub async fn after(db: &impl ConnectionTrait, seq: i64, limit: u64) -> anyhow::Result<Vec<Line>> {
    let text =
        format!("select {COLUMNS} from events e where e.seq > $1 order by e.seq limit {limit}");
    db.query_all_raw(sql(db, text, vec![seq.into()]))
        .await?
        .iter()
        .map(read_line)
        .collect()
}

/// The same, and the log they are of. It is one statement: while a page waits for a connection,
/// there is nothing of it yet.
///
/// # Errors
/// Those of the database.
pub async fn page(
    db: &impl ConnectionTrait,
    seq: i64,
    limit: u64,
) -> anyhow::Result<(Vec<Line>, End)> {
    let text = format!(
        "select {END}, {COLUMNS} from event_counter c left join \
         (select {COLUMNS} from events e where e.seq > $1 order by e.seq limit {limit}) e \
         on 1 = 1 where c.id = 1 order by e.seq"
    );
    let rows = db.query_all_raw(sql(db, text, vec![seq.into()])).await?;
    let end = read_end(rows.first())?;
    let mut lines = Vec::with_capacity(rows.len());
    for row in &rows {
        // Without lines there is a row all the same.
        if row.try_get::<Option<i64>>("", "seq")?.is_some() {
            lines.push(read_line(row)?);
        }
    }
    Ok((lines, end))
}

/// The lines of one activity after `seq`, at most `limit`, in order.
///
/// # Errors
/// Those of the database.
pub async fn of_activity(
    db: &impl ConnectionTrait,
    id: Uuid,
    after: i64,
    limit: u64,
) -> anyhow::Result<Vec<Line>> {
    let text = format!(
        "select {COLUMNS} from events e where e.activity_id = $1 and e.seq > $2 \
         order by e.seq limit {limit}"
    );
    let values = vec![id.into(), after.into()];
    db.query_all_raw(sql(db, text, values))
        .await?
        .iter()
        .map(read_line)
        .collect()
}

/// The last line written at or before `time`: its place, 0 when there is none. Lines are in the
/// order of `logged`, so a dozen look-ups by number find it without an index of its own.
///
/// # Errors
/// Those of the database.
pub async fn seq_at(db: &impl ConnectionTrait, time: DateTime<Utc>) -> anyhow::Result<i64> {
    let (mut low, mut high) = (0, end(db).await?.seq);
    while low < high {
        let middle = low + (high - low + 1) / 2;
        // Pruning leaves gaps: the nearest kept line at or before the middle decides.
        let text = "select seq, logged from events where seq <= $1 order by seq desc limit 1";
        let row = db.query_one_raw(sql(db, text, vec![middle.into()])).await?;
        let Some(row) = row else {
            low = middle;
            continue;
        };
        let seq: i64 = row.try_get("", "seq")?;
        let logged: DateTime<Utc> = row.try_get("", "logged")?;
        match logged <= time {
            true => low = middle,
            false => high = seq - 1,
        }
    }
    Ok(low.max(0))
}

/// One envelope, as every client gets it.
fn envelope(
    seq: i64,
    event: &str,
    at: DateTime<Utc>,
    logged: DateTime<Utc>,
    backfill: bool,
    body: &str,
) -> String {
    let activity = with_seq(body, seq);
    let (at, logged) = (json_time(at), json_time(logged));
    format!(
        "{{\"type\":\"activity\",\"seq\":{seq},\"event\":\"{event}\",\"at\":\"{at}\",\
         \"logged\":\"{logged}\",\"backfill\":{backfill},\"activity\":{activity}}}"
    )
}

/// A time as JSON spells it everywhere: RFC 3339 with `Z`, fractions only where there are any.
#[must_use]
pub fn json_time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
