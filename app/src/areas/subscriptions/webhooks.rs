//! What is kept of a subscription's webhook: its secrets, and how its endpoint does.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::write;
use crate::db::{Attempts, sql};
use crate::error::{Error, Result};
use crate::hub::Hub;
use crate::webhook::Secret;

/// What secrets are sealed for.
const PURPOSE: &str = "webhook";
/// How long the secret before a rotation goes on signing beside the new one.
const OVERLAP: TimeDelta = TimeDelta::hours(24);

/// A webhook.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// Where it goes.
    pub url: String,
    /// What signs it: the newest secret first, then the one before while it still counts. Empty
    /// when the hub's key has changed and nothing can be opened any more.
    pub secrets: Vec<Secret>,
    /// Since when every delivery has failed.
    pub failing_since: Option<DateTime<Utc>>,
    /// When it was switched off.
    pub off_at: Option<DateTime<Utc>>,
    /// Why.
    pub off_why: Option<String>,
}

/// The webhook of a subscription.
///
/// # Errors
/// Those of the database.
pub async fn of(
    hub: &Hub,
    db: &impl ConnectionTrait,
    subscription: Uuid,
) -> anyhow::Result<Option<Webhook>> {
    let text = "select url, secret, old_secret, old_until, failing_since, off_at, off_why \
                from webhooks where subscription_id = $1";
    let values = vec![subscription.into()];
    let Some(row) = db.query_one_raw(sql(db, text, values)).await? else {
        return Ok(None);
    };
    let sealed: Vec<u8> = row.try_get("", "secret")?;
    let old: Option<Vec<u8>> = row.try_get("", "old_secret")?;
    let old_until: Option<DateTime<Utc>> = row.try_get("", "old_until")?;
    let old = old.filter(|_| old_until.is_some_and(|until| hub.clock.now() < until));
    let secrets = [Some(sealed), old].into_iter().flatten();
    Ok(Some(Webhook {
        url: row.try_get("", "url")?,
        secrets: secrets.filter_map(|sealed| open(hub, &sealed)).collect(),
        failing_since: row.try_get("", "failing_since")?,
        off_at: row.try_get("", "off_at")?,
        off_why: row.try_get("", "off_why")?,
    }))
}

/// Makes a webhook with a secret of its own, which is seen here and never again.
pub(super) async fn insert(
    hub: &Hub,
    tx: &impl ConnectionTrait,
    subscription: Uuid,
    url: &str,
) -> anyhow::Result<Secret> {
    let secret = Secret::generate();
    let text = "insert into webhooks (subscription_id, url, secret) values ($1, $2, $3)";
    let values = vec![subscription.into(), url.into(), seal(hub, &secret).into()];
    tx.execute_raw(sql(tx, text, values)).await?;
    Ok(secret)
}

/// Sends a webhook elsewhere, with the same secret; how the old place did no longer counts.
pub(super) async fn redirect(
    tx: &impl ConnectionTrait,
    subscription: Uuid,
    url: &str,
) -> anyhow::Result<()> {
    let text = "update webhooks set url = $1, failing_since = null, off_at = null, off_why = null \
                where subscription_id = $2";
    tx.execute_raw(sql(tx, text, vec![url.into(), subscription.into()]))
        .await?;
    Ok(())
}

/// Switches a webhook on again that was switched off; any other stays as it is.
///
/// # Errors
/// Those of the database.
pub(super) async fn switch_on(hub: &Hub, subscription: Uuid) -> anyhow::Result<()> {
    let write = hub.db.begin().await?;
    let text = "update webhooks set failing_since = null, off_at = null, off_why = null \
                where subscription_id = $1 and off_at is not null";
    let question = sql(write.tx(), text, vec![subscription.into()]);
    write.tx().execute_raw(question).await?;
    Ok(write.commit().await?)
}

/// Gives a webhook that failed, or was switched off, another chance.
pub(super) async fn forgive(tx: &impl ConnectionTrait, subscription: Uuid) -> anyhow::Result<()> {
    let text = "update webhooks set failing_since = null, off_at = null, off_why = null \
                where subscription_id = $1";
    tx.execute_raw(sql(tx, text, vec![subscription.into()]))
        .await?;
    Ok(())
}

/// Removes a webhook.
pub(super) async fn remove(tx: &impl ConnectionTrait, subscription: Uuid) -> anyhow::Result<()> {
    let text = "delete from webhooks where subscription_id = $1";
    tx.execute_raw(sql(tx, text, vec![subscription.into()]))
        .await?;
    Ok(())
}

/// Gives the webhook of an account's subscription a new secret; the one before goes on signing
/// beside it for a day. Says the new one and until when the old one counts.
///
/// # Errors
/// When there is no such subscription or it has no webhook, and those of the database.
pub(super) async fn rotate(
    hub: &Hub,
    account: Uuid,
    subscription: Uuid,
) -> Result<(Secret, DateTime<Utc>)> {
    let mut attempts = Attempts::default();
    loop {
        match try_rotate(hub, account, subscription).await {
            Err(Error::Internal(error)) if attempts.again(&error).await => {}
            done => return done,
        }
    }
}

async fn try_rotate(
    hub: &Hub,
    account: Uuid,
    subscription: Uuid,
) -> Result<(Secret, DateTime<Utc>)> {
    let write = hub.db.begin().await?;
    let tx = write.tx();
    write::owned(tx, hub.catalogue.as_ref(), account, subscription).await?;
    let now = hub.clock.now();
    let until = now.checked_add_signed(OVERLAP).unwrap_or(now);
    let secret = Secret::generate();
    let text = "update webhooks set old_secret = secret, old_until = $1, secret = $2 \
                where subscription_id = $3";
    let values = vec![until.into(), seal(hub, &secret).into(), subscription.into()];
    let changed = tx.execute_raw(sql(tx, text, values)).await?;
    if changed.rows_affected() == 0 {
        return Err(Error::NotFound("webhook"));
    }
    write.commit().await?;
    Ok((secret, until))
}

fn seal(hub: &Hub, secret: &Secret) -> Vec<u8> {
    hub.secrets.seal(PURPOSE, secret.reveal().as_bytes())
}

fn open(hub: &Hub, sealed: &[u8]) -> Option<Secret> {
    let plain = hub.secrets.open(PURPOSE, sealed)?;
    Secret::parse(std::str::from_utf8(&plain).ok()?).ok()
}
