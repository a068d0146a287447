//! Rows by the million, for measuring lists. They have no events, no words and no raw texts, so
//! nothing but a measurement is to use this: [`super::apply`] is the only way in.

use domain::Activity;
use domain::keys::Keys;
use sea_orm::ConnectionTrait;

use super::row::{self, Row, Written};
use crate::db::{Db, sql};

/// Writes new activities as they are, by the same statement as `apply`, in one transaction.
///
/// # Errors
/// Those of the database.
pub async fn write(db: &Db, activities: Vec<Activity>) -> anyhow::Result<()> {
    let longest = activities
        .iter()
        .filter_map(|a| Some((a.facts.t_max? - a.facts.t_min?).num_seconds() + 1))
        .max()
        .unwrap_or(0);
    let mut rows = Vec::with_capacity(activities.len());
    for activity in activities {
        let (keys, body) = (Keys::of(&activity), row::body(&activity)?);
        rows.push((Row::new(activity, true), keys, body));
    }
    let written: Vec<Written<'_>> = rows
        .iter()
        .map(|(row, keys, body)| Written {
            row,
            seq: row.activity.seq,
            keys,
            body,
            before: None,
        })
        .collect();
    let write = db.begin().await?;
    row::upsert(write.tx(), &written).await?;
    let text = "update event_counter set longest_s = $1 where id = 1 and longest_s < $1";
    write
        .tx()
        .execute_raw(sql(write.tx(), text, vec![longest.into()]))
        .await?;
    write.commit().await?;
    Ok(())
}
