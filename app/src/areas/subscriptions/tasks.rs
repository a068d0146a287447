//! The jobs of the area. Each carries an id only, and finds nothing to do the second time.

use std::time::Duration;

use chrono::TimeDelta;
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use tasks::Job;
use uuid::Uuid;

use super::delivery;
use super::parcel::Parcel;
use crate::db::sql;
use crate::hub::Hub;

/// How long the ledger keeps what ended: nothing is told twice of a group in that time.
const KEPT: TimeDelta = TimeDelta::days(400);
/// Rows removed in one transaction.
const AT_ONCE: u64 = 2_000;
/// Longest a job may take: a claim, and the sending within it.
const LONGEST: Duration = Duration::from_secs(300);

/// Sends one delivery, if it is due.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Deliver {
    /// Its row in the ledger.
    pub id: Uuid,
}

impl Job for Deliver {
    const NAME: &'static str = "subscriptions.deliver";
    const TIMEOUT: Duration = LONGEST;
    type Hub = Hub;

    async fn run(self, hub: &Hub) -> anyhow::Result<()> {
        delivery::deliver(hub, Parcel::Delivery(self.id)).await
    }
}

/// Sends one digest, if it is due.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeliverDigest {
    /// Its row.
    pub id: Uuid,
}

impl Job for DeliverDigest {
    const NAME: &'static str = "subscriptions.deliver_digest";
    const TIMEOUT: Duration = LONGEST;
    type Hub = Hub;

    async fn run(self, hub: &Hub) -> anyhow::Result<()> {
        delivery::deliver(hub, Parcel::Digest(self.id)).await
    }
}

/// Tells the owner of a webhook that was switched off.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TellSwitchedOff {
    /// The webhook's subscription.
    pub subscription: Uuid,
}

impl Job for TellSwitchedOff {
    const NAME: &'static str = "subscriptions.tell_switched_off";
    type Hub = Hub;

    async fn run(self, hub: &Hub) -> anyhow::Result<()> {
        delivery::tell_switched_off(hub, self.subscription).await
    }
}

/// Removes what ended long ago from the ledger.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ForgetDeliveries {}

impl Job for ForgetDeliveries {
    const NAME: &'static str = "subscriptions.forget_deliveries";
    const TIMEOUT: Duration = LONGEST;
    type Hub = Hub;

    async fn run(self, hub: &Hub) -> anyhow::Result<()> {
        let Some(before) = hub.clock.now().checked_sub_signed(KEPT) else {
            return Ok(());
        };
        for table in ["deliveries", "digests"] {
            let text = format!(
                "delete from {table} where id in (select id from {table} \
                 where finished_at < $1 limit {AT_ONCE})"
            );
            loop {
                let write = hub.db.begin().await?;
                let question = sql(write.tx(), text.as_str(), vec![before.into()]);
                let gone = write.tx().execute_raw(question).await?.rows_affected();
                write.commit().await?;
                if gone < AT_ONCE {
                    break;
                }
            }
        }
        Ok(())
    }
}

/// Queues the job of a parcel, unless it has one.
///
/// # Errors
/// Those of the queue.
pub(super) async fn queue(hub: &Hub, parcel: Parcel) -> anyhow::Result<()> {
    let key = parcel.id().simple().to_string();
    match parcel {
        Parcel::Delivery(id) => hub.queue.push_unless_queued(Deliver { id }, &key).await,
        Parcel::Digest(id) => {
            let job = DeliverDigest { id };
            hub.queue.push_unless_queued(job, &key).await
        }
    }
}
