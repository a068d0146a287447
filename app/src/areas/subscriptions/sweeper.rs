//! Finds what is due and on nobody's way: tries that were put off, digests whose hour has come, what
//! a process that died had in hand.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ConnectionTrait;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::courier::Courier;
use super::parcel::Parcel;
use super::{digest, tasks};
use crate::db::sql;
use crate::hub::Hub;
use crate::lease::{Lease, Lost};

/// Parcels of a kind found at once; the rest is found next time.
const MOST: u64 = 2_000;
/// Of them those of one account.
const OF_ONE: u64 = 200;
/// How long a new delivery is left to the courier that has it.
const IN_HAND: Duration = Duration::from_secs(5);

/// Sweeps until `cancel`. Of several processes one at a time does.
pub(super) async fn run(hub: Hub, courier: Courier, cancel: CancellationToken) {
    let mut looks = interval(hub.config.pace.sweep);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut lease = None;
    loop {
        tokio::select! {
            () = cancel.cancelled() => break,
            _ = looks.tick() => {}
        }
        if let Err(error) = turn(&hub, &courier, &mut lease).await {
            tracing::warn!(
                error = format!("{error:#}"),
                "Looking for due deliveries failed: {error:#}"
            );
            if error.chain().any(|cause| cause.is::<Lost>()) {
                lease = None;
            }
        }
    }
    if let Some(lease) = lease
        && let Err(error) = lease.release(&hub.db).await
    {
        tracing::debug!(%error, "The sweeper's lease was not given back");
    }
}

async fn turn(hub: &Hub, courier: &Courier, lease: &mut Option<Lease>) -> anyhow::Result<()> {
    if !hub.db.is_sqlite() {
        match lease {
            None => {
                *lease =
                    Lease::take(&hub.db, "deliveries", hub.config.pace.partition_lease).await?;
            }
            Some(held) => held.renew(&hub.db).await?,
        }
        if lease.is_none() {
            return Ok(());
        }
    }
    let now = hub.clock.now();
    digest::gather(hub, now).await?;
    // A courier without room has enough to do: the rest is found again.
    for found in due(hub, now, IN_HAND).await? {
        courier.take(found.parcel, &found.channel, found.account);
    }
    Ok(())
}

/// Makes the digests whose hour has come and queues a job for whatever is due: for tests and
/// commands.
///
/// # Errors
/// Those of the database.
pub async fn sweep(hub: &Hub) -> anyhow::Result<()> {
    let now = hub.clock.now();
    digest::gather(hub, now).await?;
    for found in due(hub, now, Duration::ZERO).await? {
        tasks::queue(hub, found.parcel).await?;
    }
    Ok(())
}

/// Something due, the channel it goes by, and whose it is.
struct Found {
    parcel: Parcel,
    channel: String,
    account: Uuid,
}

/// What is due at `now`. New deliveries count once they are as old as `in_hand`. Mails and webhooks
/// are asked for apart, and of an account so many at once: what one of them has waiting hides
/// nothing of the others.
async fn due(hub: &Hub, now: DateTime<Utc>, in_hand: Duration) -> anyhow::Result<Vec<Found>> {
    let abandoned = TimeDelta::from_std(in_hand)
        .ok()
        .and_then(|wait| now.checked_sub_signed(wait))
        .unwrap_or(now);
    let mut found = Vec::new();
    for lane in [
        "(sample or channel = 'mail_now') and channel <> 'webhook'",
        "channel = 'webhook'",
    ] {
        let text = format!(
            "select id, channel, account_id from (select d.id, d.channel, s.account_id, \
                d.next_try_at, d.seq, row_number() over \
                    (partition by s.account_id order by d.next_try_at, d.seq) as place \
                from (select id, channel, subscription_id, next_try_at, seq from deliveries \
                    where state = 'queued' and digest_id is null and {lane} and next_try_at <= $1 \
                    and (attempts > 0 or next_try_at <= $2)) d \
                join subscriptions s on s.id = d.subscription_id) queued \
             where place <= {OF_ONE} order by next_try_at, seq limit {MOST}"
        );
        let values = vec![now.into(), abandoned.into()];
        ask(hub, text, values, Parcel::Delivery, &mut found).await?;
    }
    let text = format!(
        "select d.id, d.channel, s.account_id from deliveries d \
         join subscriptions s on s.id = d.subscription_id \
         where d.state = 'sending' and d.claim_until <= $1 order by d.claim_until limit {MOST}"
    );
    ask(hub, text, vec![now.into()], Parcel::Delivery, &mut found).await?;
    let text = format!(
        "select d.id, d.channel, s.account_id from digests d \
         join subscriptions s on s.id = d.subscription_id \
         where d.state = 'queued' and d.next_try_at <= $1 \
         or d.state = 'sending' and d.claim_until <= $1 limit {MOST}"
    );
    ask(hub, text, vec![now.into()], Parcel::Digest, &mut found).await?;
    Ok(found)
}

async fn ask(
    hub: &Hub,
    text: String,
    values: Vec<sea_orm::Value>,
    parcel: fn(Uuid) -> Parcel,
    found: &mut Vec<Found>,
) -> anyhow::Result<()> {
    let db = hub.db.own();
    for row in db.query_all_raw(sql(db, text, values)).await? {
        found.push(Found {
            parcel: parcel(row.try_get("", "id")?),
            channel: row.try_get("", "channel")?,
            account: row.try_get("", "account_id")?,
        });
    }
    Ok(())
}
