//! Claiming a delivery: in one transaction it is checked again that it is wanted, may go out now,
//! and still holds; only then it is this worker's to send.

use std::collections::BTreeSet;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{Envelope, EventKind};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult};
use uuid::Uuid;

use super::holds::{NOTHING_TO_CORRECT, shows, still_true, was_told};
use super::hours::quiet_ends;
use super::model::{self, Subscription};
use super::parcel::{self, Parcel};
use super::webhooks::{self, Webhook};
use super::{digest, ledger};
use crate::areas::accounts::{self, Reach};
use crate::db::{Attempts, sql};
use crate::hub::Hub;

/// Earlier mails of a thread that a mail refers to.
const REFERENCES: usize = 20;

/// A delivery that is this worker's to send.
pub(super) struct Claimed {
    pub(super) id: Uuid,
    /// When it became so.
    pub(super) since: Instant,
    /// The line whose snapshot it shows.
    shown: i64,
    /// Which try this is, from 1: nobody else's has this number.
    pub(super) attempt: i32,
    pub(super) message_id: String,
    /// Message-IDs of what this subscription was told of the activity before, oldest first.
    pub(super) references: Vec<String>,
    pub(super) subscription: Subscription,
    pub(super) reach: Reach,
    /// Where it goes when it is no mail.
    pub(super) webhook: Option<Webhook>,
    pub(super) envelope: Envelope,
    pub(super) why: String,
    pub(super) late: bool,
    pub(super) correction: bool,
    pub(super) sample: bool,
}

/// A row of the ledger, as far as claiming it goes.
struct Row {
    id: Uuid,
    subscription: Uuid,
    seq: i64,
    snapshot_seq: i64,
    event: EventKind,
    channel: String,
    activity: Uuid,
    late: bool,
    correction: bool,
    sample: bool,
    replayed: bool,
    why: String,
    message_id: String,
}

const COLUMNS: &str = "id, subscription_id, seq, snapshot_seq, event, channel, activity_id, late, \
    correction, sample, replayed, why, message_id";

impl Row {
    fn read(row: &QueryResult) -> anyhow::Result<Row> {
        Ok(Row {
            id: row.try_get("", "id")?,
            subscription: row.try_get("", "subscription_id")?,
            seq: row.try_get("", "seq")?,
            snapshot_seq: row.try_get("", "snapshot_seq")?,
            event: row.try_get::<String>("", "event")?.parse()?,
            channel: row.try_get("", "channel")?,
            activity: row.try_get("", "activity_id")?,
            late: row.try_get("", "late")?,
            correction: row.try_get("", "correction")?,
            sample: row.try_get("", "sample")?,
            replayed: row.try_get("", "replayed")?,
            why: row.try_get("", "why")?,
            message_id: row.try_get("", "message_id")?,
        })
    }
}

/// What follows from checking again.
pub(super) enum Verdict<T> {
    /// It goes out.
    Go(T),
    /// Not before then.
    Wait(DateTime<Utc>),
    /// Never, and why.
    Drop(String),
    /// With the others that are too many for this hour.
    Overflow,
}

/// Claims a delivery. None when there is nothing to send: it is not due, somebody else has it, it
/// waits, or it is not wanted any more.
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
    let (parcel, now) = (Parcel::Delivery(id), hub.clock.now());
    let write = hub.db.begin().await?;
    let tx = write.tx();
    let Some(due) = parcel::lock(tx, parcel, COLUMNS, now).await? else {
        write.rollback().await?;
        return Ok(None);
    };
    let row = Row::read(&due.row)?;
    let mut claimed = None;
    match judge(hub, tx, &row, due.in_doubt, now).await? {
        Verdict::Go(mut ready) => {
            let until = parcel::later(now, hub.config.pace.claim);
            parcel::claim(tx, parcel, due.in_doubt, until).await?;
            shows(tx, row.id, ready.shown).await?;
            ready.attempt = due.attempts + 1;
            claimed = Some(ready);
        }
        Verdict::Wait(until) => parcel::put_off(tx, parcel, until).await?,
        Verdict::Drop(why) => parcel::give_up(tx, parcel, &why, now).await?,
        Verdict::Overflow => digest::overflow(hub, tx, row.id, row.subscription, now).await?,
    }
    write.commit().await?;
    if due.in_doubt && claimed.is_some() {
        count_possible_repeat();
    }
    Ok(claimed)
}

/// It may have been taken before: whoever claimed it died before saying so, or the receiver's
/// answer was lost.
pub(super) fn count_possible_repeat() {
    metrics::counter!("starboard_delivery_repeats_possible").increment(1);
    tracing::warn!("A delivery whose outcome nobody knows is sent again, by the same name");
}

async fn judge(
    hub: &Hub,
    tx: &impl ConnectionTrait,
    row: &Row,
    in_doubt: bool,
    now: DateTime<Utc>,
) -> anyhow::Result<Verdict<Claimed>> {
    let names = hub.catalogue.as_ref();
    let Some(subscription) = model::by_id(tx, names, row.subscription).await? else {
        return Ok(Verdict::Drop("the subscription is gone".to_owned()));
    };
    let mut reach = accounts::reach(tx, &[subscription.account]).await?;
    let Some(reach) = reach.remove(&subscription.account) else {
        return Ok(Verdict::Drop("the account is gone".to_owned()));
    };
    if let Some(why) = unwanted(&subscription, &row.channel, row.sample, now) {
        return Ok(Verdict::Drop(why));
    }
    let webhook = match row.channel.as_str() {
        "webhook" => match webhooks::of(hub, tx, subscription.id).await? {
            None => return Ok(Verdict::Drop("the webhook is gone".to_owned())),
            Some(webhook) if webhook.off_at.is_some() => {
                return Ok(Verdict::Drop("the webhook is switched off".to_owned()));
            }
            Some(webhook) => Some(webhook),
        },
        _ => match unreachable(&reach) {
            Some(why) => return Ok(Verdict::Drop(why.to_owned())),
            None => None,
        },
    };
    // What may be out already is not held back by what counts from now on.
    if !row.sample && !in_doubt {
        if let Some(quiet) = subscription.quiet
            && let Some(ends) = quiet_ends(quiet, reach.time_zone, now)
        {
            return Ok(Verdict::Wait(ends));
        }
        if !row.correction && !row.replayed && is_full(tx, &subscription, row, now).await? {
            return Ok(match webhook {
                None => Verdict::Overflow,
                Some(_) => Verdict::Drop(format!(
                    "more than {} an hour",
                    subscription.max_per_hour.unwrap_or_default()
                )),
            });
        }
    }
    let mut envelope = match as_it_stands(tx, row).await? {
        Ok(envelope) => envelope,
        Err(why) => return Ok(Verdict::Drop(why)),
    };
    let shown = envelope.activity.seq;
    // Also where a later snapshot is shown, as everywhere.
    envelope.activity.seq = envelope.seq;
    Ok(Verdict::Go(Claimed {
        id: row.id,
        since: Instant::now(),
        shown,
        attempt: 0,
        message_id: row.message_id.clone(),
        references: references(tx, row).await?,
        subscription,
        reach,
        webhook,
        envelope,
        why: row.why.clone(),
        late: row.late,
        correction: row.correction,
        sample: row.sample,
    }))
}

/// Claims of a subscription with a limit wait for each other, so that their number is exact.
async fn lock_subscription(tx: &impl ConnectionTrait, id: Uuid) -> anyhow::Result<()> {
    if tx.get_database_backend() != DbBackend::Sqlite {
        let text = "select 1 from subscriptions where id = $1 for no key update";
        tx.query_one_raw(sql(tx, text, vec![id.into()])).await?;
    }
    Ok(())
}

/// Why a subscription does not want to be told by a channel any more.
pub(super) fn unwanted(
    subscription: &Subscription,
    channel: &str,
    sample: bool,
    now: DateTime<Utc>,
) -> Option<String> {
    let has = |name: &str| subscription.channels.iter().any(|c| c.name() == name);
    if !has(channel) {
        return Some("unsubscribed".to_owned());
    }
    if sample {
        return None;
    }
    if !subscription.active {
        return Some("the subscription is paused".to_owned());
    }
    let muted = subscription.mute_until.filter(|until| now < *until);
    muted.map(|_| "the subscription is muted".to_owned())
}

/// Why no mail goes to somebody.
pub(super) fn unreachable(reach: &Reach) -> Option<&'static str> {
    if !reach.verified {
        return Some("the address is not verified");
    }
    reach
        .paused
        .then_some("mails to the address are paused, as it refused one")
}

/// Whether the subscription was told as much within an hour as it wants to be.
async fn is_full(
    tx: &impl ConnectionTrait,
    subscription: &Subscription,
    row: &Row,
    now: DateTime<Utc>,
) -> anyhow::Result<bool> {
    let (Some(most), Some(since)) = (
        subscription.max_per_hour,
        now.checked_sub_signed(TimeDelta::hours(1)),
    ) else {
        return Ok(false);
    };
    lock_subscription(tx, subscription.id).await?;
    let text = "select count(*) as n from deliveries where subscription_id = $1 and channel = $2 \
        and digest_id is null and not sample and not correction and not replayed and id <> $3 \
        and (state = 'sending' or state = 'sent' and finished_at > $4)";
    let values = vec![
        subscription.id.into(),
        row.channel.as_str().into(),
        row.id.into(),
        since.into(),
    ];
    let found = tx.query_one_raw(sql(tx, text, values)).await?;
    let count: i64 = found.map_or(Ok(0), |row| row.try_get("", "n"))?;
    Ok(count >= i64::from(most))
}

/// The event as it is told: with its own snapshot, or a later one where that is not true any more.
/// Or why it is not told at all.
async fn as_it_stands(
    tx: &impl ConnectionTrait,
    row: &Row,
) -> anyhow::Result<Result<Envelope, String>> {
    let told = match row.sample {
        true => row.snapshot_seq,
        false => row.seq,
    };
    let mut lines = ledger::envelopes(tx, &BTreeSet::from([told, row.snapshot_seq])).await?;
    let Some(mut envelope) = lines.remove(&told) else {
        return Ok(Err("the event is not kept any more".to_owned()));
    };
    if let Some(later) = lines.remove(&row.snapshot_seq) {
        envelope.activity = later.activity;
    }
    if row.correction {
        let told = was_told(tx, row.subscription, row.activity, row.seq).await?;
        return Ok(match told {
            true => Ok(envelope),
            false => Err(NOTHING_TO_CORRECT.to_owned()),
        });
    }
    let plans = matches!(row.event, EventKind::Scheduled | EventKind::Started);
    if row.sample || !plans {
        return Ok(Ok(envelope));
    }
    let mut newest = ledger::newest(tx, &BTreeSet::from([row.activity])).await?;
    let Some(newest) = newest.remove(&row.activity) else {
        return Ok(Ok(envelope));
    };
    Ok(still_true(row.event, envelope, newest))
}

async fn references(tx: &impl ConnectionTrait, row: &Row) -> anyhow::Result<Vec<String>> {
    let text = format!(
        "select message_id from deliveries where subscription_id = $1 and activity_id = $2 \
         and channel = 'mail_now' and state in ('sending', 'sent') and digest_id is null \
         and not sample and id <> $3 and seq < $4 order by created_at desc, id desc limit {REFERENCES}"
    );
    let values = vec![
        row.subscription.into(),
        row.activity.into(),
        row.id.into(),
        row.seq.into(),
    ];
    let mut ids = Vec::new();
    for found in tx.query_all_raw(sql(tx, text, values)).await? {
        ids.push(found.try_get("", "message_id")?);
    }
    ids.reverse();
    Ok(ids)
}
