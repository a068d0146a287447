//! How the endpoint of a webhook does, and when it is given up.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend};
use uuid::Uuid;

use crate::db::sql;
use crate::webhook::{self, Answer, Endpoint, WebhookError};

/// Writes down how the endpoint at this URL did. Answers where it stands; none when the
/// subscription has another one by now, or it is off already.
///
/// # Errors
/// Those of the database.
pub(super) async fn did(
    tx: &impl ConnectionTrait,
    subscription: Uuid,
    url: &str,
    answered: &Result<Answer, WebhookError>,
    now: DateTime<Utc>,
) -> anyhow::Result<Option<Endpoint>> {
    let lock = match tx.get_database_backend() {
        DbBackend::Sqlite => "",
        _ => "for update",
    };
    let text = format!(
        "select failing_since from webhooks where subscription_id = $1 and url = $2 \
         and off_at is null {lock}"
    );
    let values = vec![subscription.into(), url.into()];
    let Some(row) = tx.query_one_raw(sql(tx, text, values)).await? else {
        return Ok(None);
    };
    let endpoint = webhook::after(row.try_get("", "failing_since")?, answered, now);
    let (since, off_at, off_why) = match &endpoint {
        Endpoint::Works => (None, None, None),
        Endpoint::Fails { since } => (Some(*since), None, None),
        Endpoint::Off { since, why } => (Some(*since), Some(now), Some(why.as_str())),
    };
    let text = "update webhooks set failing_since = $1, off_at = $2, off_why = $3 \
        where subscription_id = $4";
    let values = vec![
        since.into(),
        off_at.into(),
        off_why.into(),
        subscription.into(),
    ];
    tx.execute_raw(sql(tx, text, values)).await?;
    Ok(Some(endpoint))
}
