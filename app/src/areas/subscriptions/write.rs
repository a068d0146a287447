//! Making, changing and burying subscriptions: each change takes the next version, in the
//! transaction that writes it.
//!
//! The counter is taken first, and its row is locked until commit: versions become visible in their
//! order and without holes, and whoever changes subscriptions waits for whoever came before.

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use domain::EventKind;
use sea_orm::ConnectionTrait;
use serde_json::Value;
use uuid::Uuid;

use super::model::{self, Channel, MOST, Names, OncePer, Quiet, Subscription};
use super::webhooks;
use crate::db::{Attempts, placeholders, sql};
use crate::error::{Error, Result};
use crate::hub::Hub;
use crate::webhook::Secret;

/// How long a tombstone stands. No matcher sleeps that long.
const BURIED_FOR: TimeDelta = TimeDelta::days(30);

/// Longest name of a subscription, characters.
pub(super) const LONGEST_NAME: usize = 200;
/// What the name of a copy ends in.
const COPY: &str = " (copy)";

/// What a subscription says, checked, without whose and which it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Draft {
    /// As its owner calls it.
    pub(super) name: String,
    /// What has to hold: the filter's JSON.
    pub(super) filter: Value,
    /// Of which events.
    pub(super) events: Vec<EventKind>,
    /// How to tell.
    pub(super) channels: Vec<Channel>,
    /// What counts as the same news.
    pub(super) once_per: OncePer,
    /// When delivery waits.
    pub(super) quiet: Option<Quiet>,
    /// Deliveries an hour.
    pub(super) max_per_hour: Option<u32>,
    /// Nothing is delivered before.
    pub(super) mute_until: Option<DateTime<Utc>>,
    /// Not paused.
    pub(super) active: bool,
}

impl Draft {
    /// The address of its webhook.
    pub(super) fn webhook(&self) -> Option<&str> {
        self.channels.iter().find_map(|channel| match channel {
            Channel::Webhook { url } => Some(url.as_str()),
            _ => None,
        })
    }

    /// The same again, to be changed before it tells anything.
    pub(super) fn copy(&self) -> Draft {
        let room = LONGEST_NAME - COPY.chars().count();
        let name: String = self.name.chars().take(room).collect();
        Draft {
            name: name + COPY,
            active: false,
            ..self.clone()
        }
    }

    fn values(&self) -> Result<[sea_orm::Value; 10]> {
        let json = |text: serde_json::Result<String>| text.map_err(anyhow::Error::from);
        let minutes = |part: fn(Quiet) -> u16| self.quiet.map(|quiet| i32::from(part(quiet)));
        Ok([
            self.name.as_str().into(),
            self.filter.to_string().into(),
            json(serde_json::to_string(&self.events))?.into(),
            json(serde_json::to_string(&self.channels))?.into(),
            self.once_per.as_str().into(),
            minutes(|quiet| quiet.from).into(),
            minutes(|quiet| quiet.to).into(),
            self.max_per_hour
                .map(|most| i32::try_from(most).unwrap_or(i32::MAX))
                .into(),
            self.mute_until.into(),
            self.active.into(),
        ])
    }
}

impl From<&Subscription> for Draft {
    fn from(of: &Subscription) -> Draft {
        Draft {
            name: of.name.clone(),
            filter: of.given.clone(),
            events: of.events.clone(),
            channels: of.channels.clone(),
            once_per: of.once_per,
            quiet: of.quiet,
            max_per_hour: of.max_per_hour,
            mute_until: of.mute_until,
            active: of.active,
        }
    }
}

/// A subscription as it was written.
#[derive(Debug)]
pub(super) struct Written {
    /// It.
    pub(super) subscription: Subscription,
    /// The secret of its webhook, when one was made: the only time it is seen.
    pub(super) secret: Option<Secret>,
}

/// Runs a transaction again as long as it loses against another.
macro_rules! until_settled {
    ($run:expr) => {{
        let mut attempts = Attempts::default();
        loop {
            match $run.await {
                Err(Error::Internal(error)) if attempts.again(&error).await => {}
                done => break done,
            }
        }
    }};
}

/// Makes subscriptions of an account: all of them, or none.
///
/// # Errors
/// When the account would have too many, and those of the database.
pub(super) async fn create(hub: &Hub, account: Uuid, drafts: &[Draft]) -> Result<Vec<Written>> {
    until_settled!(try_create(hub, account, drafts))
}

async fn try_create(hub: &Hub, account: Uuid, drafts: &[Draft]) -> Result<Vec<Written>> {
    let write = hub.db.begin().await?;
    let tx = write.tx();
    let last = take_versions(tx, drafts.len()).await?;
    let has = count_of(tx, account).await?;
    if has.saturating_add(drafts.len()) > MOST {
        return Err(Error::Conflict(format!(
            "an account has at most {MOST} subscriptions; there are {has}"
        )));
    }
    let now = hub.clock.now();
    let first = last - i64::try_from(drafts.len()).map_err(anyhow::Error::from)? + 1;
    let mut written = Vec::with_capacity(drafts.len());
    for (version, draft) in (first..).zip(drafts) {
        let id = insert(tx, account, draft, version, now).await?;
        let secret = match draft.webhook() {
            Some(url) => Some(webhooks::insert(hub, tx, id, url).await?),
            None => None,
        };
        let subscription = reread(hub, tx, id).await?;
        written.push(Written {
            subscription,
            secret,
        });
    }
    write.commit().await?;
    announce(hub, last);
    Ok(written)
}

async fn insert(
    tx: &impl ConnectionTrait,
    account: Uuid,
    draft: &Draft,
    version: i64,
    now: DateTime<Utc>,
) -> Result<Uuid> {
    // The log's end is read with the row, as late as can be: what happens from here on is matched.
    let text = "insert into subscriptions (id, account_id, name, filter, events, channels, once_per, \
            quiet_from, quiet_to, max_per_hour, mute_until, active, version, part, created_at, \
            changed_at, active_from_seq) \
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15, \
            (select seq from event_counter where id = 1))";
    let id = Uuid::now_v7();
    let mut values: Vec<sea_orm::Value> = vec![id.into(), account.into()];
    values.extend(draft.values()?);
    values.extend([version.into(), model::part_of(id).into(), now.into()]);
    tx.execute_raw(sql(tx, text, values)).await?;
    Ok(id)
}

/// Changes a subscription of an account to what `edit` makes of it.
///
/// What decides over matches (filter, events, going on after a pause) begins at the log's end anew;
/// a new name or channel loses nothing that has happened already.
///
/// # Errors
/// When there is none, those of `edit`, and those of the database.
pub(super) async fn change(
    hub: &Hub,
    account: Uuid,
    id: Uuid,
    edit: impl Fn(&Subscription) -> Result<Draft>,
) -> Result<Written> {
    until_settled!(try_change(hub, account, id, &edit))
}

async fn try_change(
    hub: &Hub,
    account: Uuid,
    id: Uuid,
    edit: &impl Fn(&Subscription) -> Result<Draft>,
) -> Result<Written> {
    let write = hub.db.begin().await?;
    let tx = write.tx();
    let version = take_versions(tx, 1).await?;
    let before = owned(tx, hub.catalogue.as_ref(), account, id).await?;
    let draft = edit(&before)?;
    let matches_anew = draft.filter != before.given
        || draft.events != before.events
        || draft.once_per != before.once_per
        || draft.active && !before.active;
    let text = "update subscriptions set name = $1, filter = $2, events = $3, channels = $4, \
            once_per = $5, quiet_from = $6, quiet_to = $7, max_per_hour = $8, mute_until = $9, \
            active = $10, version = $11, changed_at = $12, active_from_seq = case when $13 \
                then (select seq from event_counter where id = 1) else active_from_seq end \
        where id = $14";
    let mut values: Vec<sea_orm::Value> = draft.values()?.into();
    values.extend([
        version.into(),
        hub.clock.now().into(),
        matches_anew.into(),
        id.into(),
    ]);
    tx.execute_raw(sql(tx, text, values)).await?;
    if draft.quiet != before.quiet {
        look_again(tx, id, hub.clock.now()).await?;
    }
    let secret = match (Draft::from(&before).webhook(), draft.webhook()) {
        (None, Some(url)) => Some(webhooks::insert(hub, tx, id, url).await?),
        (Some(_), None) => {
            webhooks::remove(tx, id).await?;
            None
        }
        (Some(old), Some(url)) if old != url => {
            webhooks::redirect(tx, id, url).await?;
            None
        }
        _ => None,
    };
    let subscription = reread(hub, tx, id).await?;
    write.commit().await?;
    announce(hub, version);
    Ok(Written {
        subscription,
        secret,
    })
}

/// Has what waits for the end of quiet hours looked at again: they are other ones now.
async fn look_again(tx: &impl ConnectionTrait, id: Uuid, now: DateTime<Utc>) -> anyhow::Result<()> {
    let text = "update deliveries set next_try_at = $1 where subscription_id = $2 \
        and state = 'queued' and attempts = 0 and digest_id is null and not sample \
        and channel in ('mail_now', 'webhook') and next_try_at > $1";
    tx.execute_raw(sql(tx, text, vec![now.into(), id.into()]))
        .await?;
    Ok(())
}

/// Buries a subscription of an account, with its deliveries.
///
/// # Errors
/// When there is none, and those of the database.
pub(super) async fn bury(hub: &Hub, account: Uuid, id: Uuid) -> Result<()> {
    until_settled!(try_bury(hub, account, id))
}

async fn try_bury(hub: &Hub, account: Uuid, id: Uuid) -> Result<()> {
    let write = hub.db.begin().await?;
    let version = take_versions(write.tx(), 1).await?;
    owned(write.tx(), hub.catalogue.as_ref(), account, id).await?;
    lay_down(write.tx(), &[id], version, hub.clock.now()).await?;
    write.commit().await?;
    announce(hub, version);
    Ok(())
}

/// Buries all subscriptions of an account that is about to be deleted, in the transaction that
/// deletes it; says at which version, for [`announce`] after the commit. Without this, matchers
/// would go on matching what the foreign key has taken away.
///
/// # Errors
/// Those of the database.
pub async fn bury_all_of(
    tx: &impl ConnectionTrait,
    account: Uuid,
    now: DateTime<Utc>,
) -> anyhow::Result<i64> {
    // Whoever makes one meanwhile holds the counter: with it in hand all of them are seen.
    let newest = take_versions(tx, 0).await?;
    let text = "select id from subscriptions where account_id = $1";
    let rows = tx
        .query_all_raw(sql(tx, text, vec![account.into()]))
        .await?;
    let ids = rows
        .iter()
        .map(|row| row.try_get("", "id"))
        .collect::<Result<Vec<Uuid>, _>>()?;
    if ids.is_empty() {
        return Ok(newest);
    }
    let last = take_versions(tx, ids.len()).await?;
    lay_down(tx, &ids, last, now).await?;
    Ok(last)
}

/// Removes subscriptions and leaves tombstones with the versions up to `last`.
async fn lay_down(
    tx: &impl ConnectionTrait,
    ids: &[Uuid],
    last: i64,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let first = last - i64::try_from(ids.len())? + 1;
    let text = format!(
        "insert into subscription_tombstones (id, version, buried_at) values {}",
        placeholders(ids.len(), 3, 1)
    );
    let values = (first..)
        .zip(ids)
        .flat_map(|(version, id)| [(*id).into(), version.into(), now.into()])
        .collect();
    tx.execute_raw(sql(tx, text, values)).await?;
    let text = format!(
        "delete from subscriptions where id in {}",
        placeholders(1, ids.len(), 1)
    );
    let values = ids.iter().map(|id| (*id).into()).collect();
    tx.execute_raw(sql(tx, text, values)).await?;
    if let Some(old) = now.checked_sub_signed(BURIED_FOR) {
        let text = "delete from subscription_tombstones where buried_at < $1";
        tx.execute_raw(sql(tx, text, vec![old.into()])).await?;
    }
    Ok(())
}

/// Takes the next versions and says the last of them; the counter is this transaction's from here.
async fn take_versions(tx: &impl ConnectionTrait, count: usize) -> anyhow::Result<i64> {
    let text = "update subscription_counter set version = version + $1 where id = 1 \
                returning version";
    let values = vec![i64::try_from(count)?.into()];
    let row = tx.query_one_raw(sql(tx, text, values)).await?;
    let row = row.ok_or_else(|| anyhow::anyhow!("the counter of subscriptions is missing"))?;
    Ok(row.try_get("", "version")?)
}

async fn count_of(tx: &impl ConnectionTrait, account: Uuid) -> Result<usize> {
    let text = "select count(*) as n from subscriptions where account_id = $1";
    let row = tx
        .query_one_raw(sql(tx, text, vec![account.into()]))
        .await?;
    let count: i64 = row
        .map(|row| row.try_get("", "n"))
        .transpose()?
        .unwrap_or(0);
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// A subscription of this account. Somebody else's is none.
///
/// # Errors
/// When there is none, and those of the database.
pub(super) async fn owned(
    db: &impl ConnectionTrait,
    names: &Names,
    account: Uuid,
    id: Uuid,
) -> Result<Subscription> {
    model::by_id(db, names, id)
        .await?
        .filter(|subscription| subscription.account == account)
        .ok_or(Error::NotFound("subscription"))
}

async fn reread(hub: &Hub, tx: &impl ConnectionTrait, id: Uuid) -> Result<Subscription> {
    let written = model::by_id(tx, hub.catalogue.as_ref(), id).await?;
    Ok(written.ok_or_else(|| anyhow::anyhow!("a subscription just written is gone"))?)
}

/// Tells every matcher that subscriptions have changed, up to this version.
pub fn announce(hub: &Hub, version: i64) {
    let hint = Bytes::from(version.to_string());
    hub.bus.publish(&topic(hub), hint);
}

/// The bus topic of changes: a hint is the newest version as text.
#[must_use]
pub fn topic(hub: &Hub) -> String {
    format!("starboard:{}:subscriptions", hub.log)
}
