//! Rows by the million, for measuring lists. They have no events, no words and no raw texts, so
//! nothing but a measurement is to use this: [`super::apply`] is the only way in.

use std::fmt::Write as _;

use anyhow::Context;
use domain::Activity;
use domain::keys::Keys;
use sea_orm::sqlx::postgres::PgPoolCopyExt;
use sea_orm::{ConnectionTrait, Value};

use super::row::{self, Row, Written};
use crate::db::{Db, sql};

/// Indexes that searches by place and pages of the newest do not read.
const OTHERS: [&str; 9] = [
    "activities_by_facility",
    "activities_by_target",
    "activities_by_proposal",
    "activities_by_seq",
    "activities_by_status",
    "activities_running",
    "activities_on_track",
    "activities_due",
    "activities_due_of_facility",
];

/// Those they read, made when all rows are there.
const READ: [(&str, &str); 2] = [
    ("activities_newest", "(t_min, id)"),
    (
        "activities_by_place",
        "(sky_key, t_min, id, t_max, sky_x, sky_y, sky_z, sky_reach)",
    ),
];

/// Rows ready to be written.
pub struct Batch(Vec<(Row, Keys, String)>);

impl Batch {
    /// Activities as rows. Of their JSON only what says something is kept, and no links or titles,
    /// so that five millions fit on a small disk.
    ///
    /// # Errors
    /// When one has no JSON.
    pub fn of(activities: Vec<Activity>) -> anyhow::Result<Batch> {
        let row = |activity: Activity| {
            let (keys, body) = (Keys::of(&activity), narrow(&row::body(&activity)?)?);
            anyhow::Ok((Row::new(activity, true), keys, body))
        };
        Ok(Batch(
            activities.into_iter().map(row).collect::<Result<_, _>>()?,
        ))
    }

    fn written(&self) -> Vec<Written<'_>> {
        self.0
            .iter()
            .map(|(row, keys, body)| Written {
                row,
                seq: row.activity.seq,
                keys,
                body,
                before: None,
            })
            .collect()
    }
}

fn narrow(body: &str) -> anyhow::Result<String> {
    let mut json: serde_json::Map<String, serde_json::Value> = serde_json::from_str(body)?;
    json.retain(|key, value| {
        let empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        !empty && !["links", "proposal_title", "keywords", "first_seen"].contains(&key.as_str())
    });
    Ok(serde_json::to_string(&json)?)
}

/// Makes an empty database ready for [`write`].
///
/// # Errors
/// Those of the database.
pub async fn begin(db: &Db) -> anyhow::Result<()> {
    let gone = OTHERS.into_iter().chain(READ.map(|(name, _)| name));
    for name in gone {
        let text = format!("drop index if exists {name}");
        db.read().execute_unprepared(&text).await?;
    }
    Ok(())
}

/// Ends what [`begin`] began.
///
/// # Errors
/// Those of the database.
pub async fn end(db: &Db) -> anyhow::Result<()> {
    for (name, columns) in READ {
        let text = format!("create index {name} on activities {columns}");
        db.own().execute_unprepared(&text).await?;
    }
    let tidy = match db.is_sqlite() {
        true => "analyze",
        false => "vacuum analyze",
    };
    db.own().execute_unprepared(tidy).await?;
    Ok(())
}

/// Writes new activities as they are, in one transaction.
///
/// # Errors
/// Those of the database.
pub async fn write(db: &Db, batch: &Batch) -> anyhow::Result<()> {
    let longest = batch
        .0
        .iter()
        .filter_map(|(row, ..)| {
            let facts = &row.activity.facts;
            Some((facts.t_max? - facts.t_min?).num_seconds() + 1)
        })
        .max()
        .unwrap_or(0);
    if !db.is_sqlite() {
        copy(db, batch).await?;
    }
    let write = db.begin().await?;
    if db.is_sqlite() {
        row::upsert(write.tx(), &batch.written()).await?;
    }
    let text = "update event_counter set longest_s = $1 where id = 1 and longest_s < $1";
    write
        .tx()
        .execute_raw(sql(write.tx(), text, vec![longest.into()]))
        .await?;
    write.commit().await?;
    Ok(())
}

async fn copy(db: &Db, batch: &Batch) -> anyhow::Result<()> {
    let pool = db.own().get_postgres_connection_pool();
    let text = format!("copy activities ({}) from stdin", row::WRITTEN.join(", "));
    let mut into = pool.copy_in_raw(&text).await?;
    let mut lines = String::new();
    for written in batch.written() {
        for (nth, value) in row::values(&written).iter().enumerate() {
            if nth > 0 {
                lines.push('\t');
            }
            field(&mut lines, value).context("a value of a kind that rows are not made of")?;
        }
        lines.push('\n');
    }
    into.send(lines.into_bytes()).await?;
    into.finish().await?;
    Ok(())
}

/// A value as `copy` reads it.
fn field(line: &mut String, value: &Value) -> Option<()> {
    match value {
        Value::Bool(Some(value)) => write!(line, "{value}").ok(),
        Value::Int(Some(value)) => write!(line, "{value}").ok(),
        Value::BigInt(Some(value)) => write!(line, "{value}").ok(),
        Value::Double(Some(value)) => write!(line, "{value}").ok(),
        Value::Uuid(Some(value)) => write!(line, "{value}").ok(),
        Value::ChronoDateTimeUtc(Some(value)) => write!(line, "{}", value.to_rfc3339()).ok(),
        Value::String(Some(value)) => {
            for letter in value.chars() {
                match letter {
                    '\\' => line.push_str("\\\\"),
                    '\t' => line.push_str("\\t"),
                    '\n' => line.push_str("\\n"),
                    '\r' => line.push_str("\\r"),
                    other => line.push(other),
                }
            }
            Some(())
        }
        Value::Bool(None)
        | Value::Int(None)
        | Value::BigInt(None)
        | Value::Double(None)
        | Value::Uuid(None)
        | Value::String(None)
        | Value::ChronoDateTimeUtc(None) => {
            line.push_str("\\N");
            Some(())
        }
        _ => None,
    }
}
