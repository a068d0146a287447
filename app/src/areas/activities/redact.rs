//! Blanking a value wherever we keep it, once its upstream withholds it.

use domain::Activity;
use domain::merge::blank;
use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

use super::row;
use crate::db::sql;

/// Blanks `fields` of an activity in every kept event, and removes its raw records, which may hold
/// them in a form we cannot tell apart.
///
/// # Errors
/// Those of the database.
pub(super) async fn everywhere(
    tx: &impl ConnectionTrait,
    id: Uuid,
    fields: &[String],
) -> anyhow::Result<()> {
    let text = "select seq, body from events where activity_id = $1";
    for event in tx.query_all_raw(sql(tx, text, vec![id.into()])).await? {
        let (seq, body) = blanked(&event, fields)?;
        let text = "update events set body = $1 where seq = $2";
        tx.execute_raw(sql(tx, text, vec![body.into(), seq.into()]))
            .await?;
    }
    let text = "delete from activity_raws where activity_id = $1";
    tx.execute_raw(sql(tx, text, vec![id.into()])).await?;
    Ok(())
}

fn blanked(event: &QueryResult, fields: &[String]) -> anyhow::Result<(i64, String)> {
    let body: String = event.try_get("", "body")?;
    let mut activity: Activity = serde_json::from_str(&body)?;
    blank(&mut activity.facts, fields);
    Ok((event.try_get("", "seq")?, row::body(&activity)?))
}
