//! Finds what is due and on nobody's way: tries that were put off, digests whose hour has come, what
//! a process that died had in hand.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ConnectionTrait;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::courier::Courier;
use super::parcel::Parcel;
use super::{digest, tasks};
use crate::db::sql;
use crate::hub::Hub;
use crate::lease::{Lease, Lost};

/// Parcels of a kind found at once; the rest is found next time.
const MOST: u64 = 2_000;
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
    for (parcel, channel) in due(hub, now, IN_HAND).await? {
        courier.take(parcel, &channel);
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
    for (parcel, _) in due(hub, now, Duration::ZERO).await? {
        tasks::queue(hub, parcel).await?;
    }
    Ok(())
}

/// What is due at `now`, and the channel it goes by. New deliveries count once they are as old as
/// `in_hand`.
async fn due(
    hub: &Hub,
    now: DateTime<Utc>,
    in_hand: Duration,
) -> anyhow::Result<Vec<(Parcel, String)>> {
    let db = hub.db.own();
    let abandoned = TimeDelta::from_std(in_hand)
        .ok()
        .and_then(|wait| now.checked_sub_signed(wait))
        .unwrap_or(now);
    let text = format!(
        "select id, channel from deliveries where state = 'queued' and digest_id is null \
         and (sample or channel in ('mail_now', 'webhook')) and next_try_at <= $1 \
         and (attempts > 0 or next_try_at <= $2) order by next_try_at, seq limit {MOST}"
    );
    let first = sql(db, text, vec![now.into(), abandoned.into()]);
    let text = format!(
        "select id, channel from deliveries where state = 'sending' and claim_until <= $1 \
         order by claim_until limit {MOST}"
    );
    let expired = sql(db, text, vec![now.into()]);
    let text = format!(
        "select id, channel from digests where state = 'queued' and next_try_at <= $1 \
         or state = 'sending' and claim_until <= $1 limit {MOST}"
    );
    let digests = sql(db, text, vec![now.into()]);
    let mut found = Vec::new();
    for question in [first, expired] {
        for row in db.query_all_raw(question).await? {
            let parcel = Parcel::Delivery(row.try_get("", "id")?);
            found.push((parcel, row.try_get("", "channel")?));
        }
    }
    for row in db.query_all_raw(digests).await? {
        let parcel = Parcel::Digest(row.try_get("", "id")?);
        found.push((parcel, row.try_get("", "channel")?));
    }
    Ok(found)
}
