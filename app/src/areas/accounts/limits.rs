//! How often somebody may ask, counted in the database, so that it holds for all processes.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ConnectionTrait;

use crate::db::{Attempts, Db, sql};
use crate::error::{Error, Result};
use crate::secrets::hash_token;

/// So many times in so long, from the first one on.
#[derive(Clone, Debug)]
pub struct Limit {
    /// Whom and what it counts; kept as a hash.
    pub key: String,
    /// How many are let through.
    pub most: u32,
    /// In how long.
    pub per: Duration,
}

impl Limit {
    /// So many of `what` by `whom`.
    #[must_use]
    pub fn new(what: &str, whom: &str, most: u32, per: Duration) -> Limit {
        Limit {
            key: format!("{what}:{whom}"),
            most,
            per,
        }
    }
}

/// Counts one more, and says whether it is within the limit.
///
/// # Errors
/// Those of the database.
pub async fn limit(
    db: &Db,
    key: &str,
    most: u32,
    per: Duration,
    now: DateTime<Utc>,
) -> anyhow::Result<bool> {
    let key = key.to_owned();
    Ok(count(db, &[Limit { key, most, per }], now).await?.is_none())
}

/// Counts one more of each.
///
/// # Errors
/// When one is over its limit, with how long to wait; those of the database.
pub async fn within(db: &Db, limits: &[Limit], now: DateTime<Utc>) -> Result<()> {
    match count(db, limits, now).await? {
        None => Ok(()),
        Some(wait) => Err(Error::TooMany(wait)),
    }
}

/// Forgets what was counted of each.
///
/// # Errors
/// Those of the database.
pub(super) async fn forgive<'a>(
    tx: &impl ConnectionTrait,
    limits: impl IntoIterator<Item = &'a Limit>,
) -> anyhow::Result<()> {
    for (hash, _) in in_order(limits) {
        let text = "delete from limits where key_hash = $1";
        tx.execute_raw(sql(tx, text, vec![hash.to_vec().into()]))
            .await?;
    }
    Ok(())
}

/// Limits in the one order in which all of them are counted and forgotten, so that two who do so
/// at once never wait for each other.
fn in_order<'a>(limits: impl IntoIterator<Item = &'a Limit>) -> BTreeMap<[u8; 32], &'a Limit> {
    let hashed = |limit: &'a Limit| (hash_token(&limit.key), limit);
    limits.into_iter().map(hashed).collect()
}

/// How long to wait, if at all. Whoever asks while they have to wait does not wait longer.
async fn count(db: &Db, limits: &[Limit], now: DateTime<Utc>) -> anyhow::Result<Option<Duration>> {
    let mut attempts = Attempts::default();
    loop {
        match count_once(db, limits, now).await {
            Err(error) if attempts.again(&error).await => {}
            counted => return counted,
        }
    }
}

async fn count_once(
    db: &Db,
    limits: &[Limit],
    now: DateTime<Utc>,
) -> anyhow::Result<Option<Duration>> {
    let mut wait = None;
    let write = db.begin().await?;
    for (hash, limit) in in_order(limits) {
        let text = "insert into limits (key_hash, count, until) values ($1, 1, $2) \
            on conflict (key_hash) do update set \
                count = case when limits.until <= $3 then 1 else limits.count + 1 end, \
                until = case when limits.until <= $3 then excluded.until else limits.until end \
            returning count, until";
        let end = TimeDelta::from_std(limit.per)
            .ok()
            .and_then(|per| now.checked_add_signed(per))
            .context("a limit beyond the calendar")?;
        let values = vec![hash.to_vec().into(), end.into(), now.into()];
        let row = write
            .tx()
            .query_one_raw(sql(write.tx(), text, values))
            .await?;
        let row = row.context("a count is answered")?;
        let (count, until): (i64, DateTime<Utc>) =
            (row.try_get("", "count")?, row.try_get("", "until")?);
        if count > i64::from(limit.most) {
            let left = (until - now).to_std().unwrap_or_default();
            wait = wait.max(Some(left.max(Duration::from_secs(1))));
        }
    }
    write.commit().await?;
    Ok(wait)
}
