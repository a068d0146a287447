//! The jobs of the area. Each carries an id only, and finds nothing to do the second time.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tasks::Job;
use uuid::Uuid;

use super::delivery;
use super::parcel::Parcel;
use crate::hub::Hub;

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
