//! Digests: many things told in one mail, once for each slot.
//!
//! A digest is made of the ledger only, and looks before it goes out whether what it tells still
//! holds. One transaction makes its row, which is unique by subscription,
//! channel and slot, and attaches what waits for it; then it is claimed and sent like a delivery.

use std::collections::HashMap;
use std::time::Instant;

use chrono::{DateTime, Utc};
use domain::{Activity, Envelope, EventKind};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::claim::{self, unreachable, unwanted};
use super::hours::{Rhythm, Slot, quiet_ends};
use super::model::{self, Channel, Subscription};
use super::parcel::{self, Parcel};
use super::{holds, ledger};
use crate::areas::accounts::{self, Reach};
use crate::db::{Attempts, sql};
use crate::hub::Hub;

/// Subscriptions whose digests are made in one look.
const AT_ONCE: u64 = 500;
/// Things a digest tells one by one; the rest is counted.
pub(super) const SHOWN: usize = 50;

/// Makes the digests whose hour has come.
///
/// # Errors
/// Those of the database; what was made stays.
pub(super) async fn gather(hub: &Hub, now: DateTime<Utc>) -> anyhow::Result<()> {
    let db = hub.db.own();
    let text = format!(
        "select distinct subscription_id, channel from deliveries where state = 'queued' \
         and digest_id is null and not sample and next_try_at <= $1 \
         and channel in ('mail_hourly', 'mail_nightly') limit {AT_ONCE}"
    );
    let rows = db.query_all_raw(sql(db, text, vec![now.into()])).await?;
    for row in rows {
        let subscription = row.try_get("", "subscription_id")?;
        let channel: String = row.try_get("", "channel")?;
        let mut attempts = Attempts::default();
        loop {
            match make(hub, subscription, &channel, now).await {
                Err(error) if attempts.again(&error).await => {}
                done => break done?,
            }
        }
    }
    Ok(())
}

/// Makes one digest, or puts what waits for it off: its owner may have chosen another hour, moved,
/// or left since.
async fn make(
    hub: &Hub,
    subscription: Uuid,
    channel: &str,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let write = hub.db.begin().await?;
    let tx = write.tx();
    let names = hub.catalogue.as_ref();
    let Some(found) = model::by_id(tx, names, subscription).await? else {
        return Ok(write.rollback().await?);
    };
    let reach = accounts::reach(tx, &[found.account]).await?;
    let zone = reach
        .get(&found.account)
        .map_or(chrono_tz::Tz::UTC, |reach| reach.time_zone);
    let rhythm = found.channels.iter().find_map(|known| match known {
        Channel::MailHourly if channel == "mail_hourly" => Some(Rhythm::Hourly),
        Channel::MailNightly { hour } if channel == "mail_nightly" => Some(Rhythm::Nightly {
            hour: u32::from(*hour),
            zone,
        }),
        _ => None,
    });
    let Some(rhythm) = rhythm else {
        let text = format!(
            "update deliveries set state = 'dropped', answer = 'unsubscribed', {}, \
             finished_at = $1, next_try_at = null where subscription_id = $2 and channel = $3 \
             and state = 'queued' and digest_id is null",
            parcel::FREED
        );
        let values = vec![now.into(), subscription.into(), channel.into()];
        tx.execute_raw(sql(tx, text, values)).await?;
        return Ok(write.commit().await?);
    };
    if let Some(slot) = rhythm.last(now)
        && let Some(id) = open(hub, tx, subscription, channel, &slot, now).await?
    {
        attach(tx, id, subscription, channel, slot.due).await?;
    }
    // Told since the slot was due, or the slot has had its digest: with the next one.
    if let Some(next) = rhythm.next(now) {
        let text = "update deliveries set next_try_at = $1 where subscription_id = $2 \
            and channel = $3 and state = 'queued' and digest_id is null and not sample";
        let values = vec![next.due.into(), subscription.into(), channel.into()];
        tx.execute_raw(sql(tx, text, values)).await?;
    }
    Ok(write.commit().await?)
}

/// The digest of a slot while it waits to be sent, made if there is none. None when it was sent
/// already.
async fn open(
    hub: &Hub,
    tx: &impl ConnectionTrait,
    subscription: Uuid,
    channel: &str,
    slot: &Slot,
    now: DateTime<Utc>,
) -> anyhow::Result<Option<Uuid>> {
    let id = Uuid::now_v7();
    let text = "insert into digests (id, subscription_id, channel, slot, state, next_try_at, \
            message_id, created_at) values ($1, $2, $3, $4, 'queued', $5, $6, $7) \
        on conflict (subscription_id, channel, slot) do nothing";
    let values = vec![
        id.into(),
        subscription.into(),
        channel.into(),
        slot.name.as_str().into(),
        slot.due.into(),
        hub.mailer.message_id(&id.simple().to_string()).into(),
        now.into(),
    ];
    tx.execute_raw(sql(tx, text, values)).await?;
    let text = "update digests set state = state where subscription_id = $1 and channel = $2 \
        and slot = $3 and state = 'queued' and attempts = 0 returning id";
    let values = vec![
        subscription.into(),
        channel.into(),
        slot.name.as_str().into(),
    ];
    let row = tx.query_one_raw(sql(tx, text, values)).await?;
    Ok(row.map(|row| row.try_get("", "id")).transpose()?)
}

/// Attaches what was told before the slot was due.
async fn attach(
    tx: &impl ConnectionTrait,
    id: Uuid,
    subscription: Uuid,
    channel: &str,
    before: DateTime<Utc>,
) -> anyhow::Result<()> {
    let text = "update deliveries set digest_id = $1, next_try_at = null \
        where subscription_id = $2 and channel = $3 and state = 'queued' and digest_id is null \
        and not sample and created_at < $4";
    let values = vec![
        id.into(),
        subscription.into(),
        channel.into(),
        before.into(),
    ];
    tx.execute_raw(sql(tx, text, values)).await?;
    Ok(())
}

/// Puts a locked delivery with the others that were too many for this hour: they go out together
/// when it is over.
///
/// # Errors
/// Those of the database.
pub(super) async fn overflow(
    hub: &Hub,
    tx: &impl ConnectionTrait,
    delivery: Uuid,
    subscription: Uuid,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let Some(slot) = Rhythm::Hourly.next(now) else {
        return Ok(());
    };
    let Some(id) = open(hub, tx, subscription, "mail_now", &slot, now).await? else {
        return parcel::put_off(tx, Parcel::Delivery(delivery), slot.due).await;
    };
    let text = "update deliveries set state = 'queued', claim_until = null, next_try_at = null, \
        digest_id = $1 where id = $2";
    let values = vec![id.into(), delivery.into()];
    tx.execute_raw(sql(tx, text, values)).await?;
    Ok(())
}

/// A digest that is this worker's to send.
pub(super) struct Claimed {
    /// When it became so.
    pub(super) since: Instant,
    pub(super) attempt: i32,
    pub(super) message_id: String,
    pub(super) subscription: Subscription,
    pub(super) reach: Reach,
    /// Since when what it tells was waiting.
    pub(super) from: DateTime<Utc>,
    /// Until when it tells.
    pub(super) to: DateTime<Utc>,
    /// What it tells one by one.
    pub(super) items: Vec<Item>,
    /// How many things it tells in all.
    pub(super) count: usize,
}

/// One thing in a digest.
pub(super) struct Item {
    pub(super) envelope: Envelope,
    pub(super) why: String,
    pub(super) late: bool,
    pub(super) correction: bool,
}

/// Claims a digest, as [`claim::claim`] does a delivery.
///
/// # Errors
/// Those of the database.
pub(super) async fn claim(hub: &Hub, id: Uuid) -> anyhow::Result<Option<Claimed>> {
    let mut attempts = Attempts::default();
    loop {
        match try_claim(hub, id).await {
            Err(error) if attempts.again(&error).await => {}
            done => return done,
        }
    }
}

async fn try_claim(hub: &Hub, id: Uuid) -> anyhow::Result<Option<Claimed>> {
    let (parcel, now) = (Parcel::Digest(id), hub.clock.now());
    let columns = "subscription_id, channel, message_id";
    let write = hub.db.begin().await?;
    let tx = write.tx();
    let Some(due) = parcel::lock(tx, parcel, columns, now).await? else {
        write.rollback().await?;
        return Ok(None);
    };
    let subscription: Uuid = due.row.try_get("", "subscription_id")?;
    let channel: String = due.row.try_get("", "channel")?;
    let names = hub.catalogue.as_ref();
    let found = model::by_id(tx, names, subscription).await?;
    let reach = match &found {
        Some(found) => accounts::reach(tx, &[found.account])
            .await?
            .remove(&found.account),
        None => None,
    };
    let (Some(subscription), Some(reach)) = (found, reach) else {
        parcel::give_up(tx, parcel, "the subscription is gone", now).await?;
        write.commit().await?;
        return Ok(None);
    };
    let why = unwanted(&subscription, &channel, false, now)
        .or_else(|| unreachable(&reach).map(str::to_owned));
    if let Some(why) = why {
        parcel::give_up(tx, parcel, &why, now).await?;
        write.commit().await?;
        return Ok(None);
    }
    if let Some(quiet) = subscription.quiet.filter(|_| !due.in_doubt)
        && let Some(ends) = quiet_ends(quiet, reach.time_zone, now)
    {
        parcel::put_off(tx, parcel, ends).await?;
        write.commit().await?;
        return Ok(None);
    }
    let (items, count, from) = items(tx, id, due.attempts == 0, now).await?;
    if items.is_empty() {
        parcel::give_up(tx, parcel, "there is nothing left to tell", now).await?;
        write.commit().await?;
        return Ok(None);
    }
    let until = parcel::later(now, hub.config.pace.claim);
    parcel::claim(tx, parcel, due.in_doubt, until).await?;
    let claimed = Claimed {
        since: Instant::now(),
        attempt: due.attempts + 1,
        message_id: due.row.try_get("", "message_id")?,
        from,
        to: now,
        subscription,
        reach,
        items,
        count,
    };
    write.commit().await?;
    if due.in_doubt {
        claim::count_possible_repeat();
    }
    Ok(Some(claimed))
}

/// The first things a digest tells, how many there are, and since when they were waiting.
async fn items(
    tx: &impl ConnectionTrait,
    digest: Uuid,
    first_try: bool,
    now: DateTime<Utc>,
) -> anyhow::Result<(Vec<Item>, usize, DateTime<Utc>)> {
    let rows = waiting(tx, digest).await?;
    let plans = rows.iter().filter(|row| row.is_plan());
    let newest = ledger::newest(tx, &plans.map(|row| row.activity).collect()).await?;
    let mut kept = Vec::new();
    for row in rows {
        match called_off(tx, &row, newest.get(&row.activity)).await? {
            Some(why) => parcel::give_up(tx, Parcel::Delivery(row.id), &why, now).await?,
            None => kept.push(row),
        }
    }
    let count = kept.len();
    let from = kept.iter().map(|row| row.created_at).min().unwrap_or(now);
    kept.truncate(SHOWN);
    let places = kept.iter().flat_map(|row| [row.seq, row.snapshot_seq]);
    let lines = ledger::envelopes(tx, &places.collect()).await?;
    let mut items = Vec::new();
    for row in kept {
        let id = row.id;
        if let Some(item) = row.item(&lines, &newest) {
            if first_try {
                holds::shows(tx, id, item.envelope.activity.seq).await?;
            }
            items.push(item);
        }
    }
    Ok((items, count, from))
}

/// A delivery that waits in a digest.
struct Row {
    id: Uuid,
    subscription: Uuid,
    activity: Uuid,
    seq: i64,
    snapshot_seq: i64,
    event: EventKind,
    why: String,
    late: bool,
    correction: bool,
    created_at: DateTime<Utc>,
}

async fn waiting(tx: &impl ConnectionTrait, digest: Uuid) -> anyhow::Result<Vec<Row>> {
    let text = "select id, subscription_id, activity_id, seq, snapshot_seq, event, why, late, \
        correction, created_at from deliveries where digest_id = $1 and state = 'queued' \
        order by seq";
    let mut rows = Vec::new();
    for row in tx.query_all_raw(sql(tx, text, vec![digest.into()])).await? {
        rows.push(Row {
            id: row.try_get("", "id")?,
            subscription: row.try_get("", "subscription_id")?,
            activity: row.try_get("", "activity_id")?,
            seq: row.try_get("", "seq")?,
            snapshot_seq: row.try_get("", "snapshot_seq")?,
            event: row.try_get::<String>("", "event")?.parse()?,
            why: row.try_get("", "why")?,
            late: row.try_get("", "late")?,
            correction: row.try_get("", "correction")?,
            created_at: row.try_get("", "created_at")?,
        });
    }
    Ok(rows)
}

impl Row {
    /// Whether it promises something, which has to hold when the digest goes out.
    fn is_plan(&self) -> bool {
        !self.correction && matches!(self.event, EventKind::Scheduled | EventKind::Started)
    }

    /// What the digest says of it; none of what the log does not keep any more.
    fn item(
        self,
        lines: &HashMap<i64, Envelope>,
        newest: &HashMap<Uuid, Activity>,
    ) -> Option<Item> {
        let (line, snapshot) = (lines.get(&self.seq)?, lines.get(&self.snapshot_seq)?);
        let mut envelope = line.clone();
        envelope.activity = snapshot.activity.clone();
        envelope.event = self.event;
        if let Some(newest) = newest.get(&self.activity).filter(|_| self.is_plan()) {
            envelope = holds::still_true(self.event, envelope, newest.clone()).ok()?;
        }
        Some(Item {
            envelope,
            why: self.why,
            late: self.late,
            correction: self.correction,
        })
    }
}

/// Why something that waited is not told any more: it does not hold, or nobody was told what it
/// corrects.
async fn called_off(
    tx: &impl ConnectionTrait,
    row: &Row,
    newest: Option<&Activity>,
) -> anyhow::Result<Option<String>> {
    if row.correction && !holds::was_told(tx, row.subscription, row.activity, row.seq).await? {
        return Ok(Some(holds::NOTHING_TO_CORRECT.to_owned()));
    }
    let newest = newest.filter(|_| row.is_plan());
    Ok(newest.and_then(holds::no_longer_true))
}
