//! Carries what is to go out at once from the matcher to the senders of the same process, so that
//! nothing waits for a queue. What it loses, with its process or because it is full, stands in the
//! ledger: the sweeper finds it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::delivery;
use super::line::Line;
use super::parcel::Parcel;
use crate::hub::Hub;

/// Mails sent at once by this process, and of them those of one account.
const MAILS: (usize, usize) = (16, 8);
/// Webhooks called at once by this process, and of them those of one account: most of the time they
/// are waited for, ten seconds each if an endpoint likes.
const WEBHOOKS: (usize, usize) = (64, 8);
/// How long what is on its way may take after the stop.
const FAREWELL: Duration = Duration::from_secs(10);

/// Takes parcels. Cheap to clone.
#[derive(Clone)]
pub(super) struct Courier {
    mails: Line,
    webhooks: Line,
}

impl Courier {
    pub(super) fn new() -> Courier {
        Courier {
            mails: Line::new(MAILS.1),
            webhooks: Line::new(WEBHOOKS.1),
        }
    }

    /// Takes a parcel of this account along, once while it is on its way. False when there is no
    /// room for it.
    pub(super) fn take(&self, parcel: Parcel, channel: &str, account: Uuid) -> bool {
        match channel {
            "webhook" => self.webhooks.push(parcel, account),
            _ => self.mails.push(parcel, account),
        }
    }

    /// Sends until `cancel`, then what is on its way.
    pub(super) async fn run(self, hub: Hub, cancel: CancellationToken) {
        let tracker = TaskTracker::new();
        tokio::select! {
            () = cancel.cancelled() => {}
            () = carry(&hub, &tracker, self.mails, MAILS.0) => {}
            () = carry(&hub, &tracker, self.webhooks, WEBHOOKS.0) => {}
        }
        tracker.close();
        let _ = tokio::time::timeout(FAREWELL, tracker.wait()).await;
    }
}

async fn carry(hub: &Hub, tracker: &TaskTracker, line: Line, at_once: usize) {
    let senders = Arc::new(Semaphore::new(at_once));
    while let Ok(sender) = Arc::clone(&senders).acquire_owned().await {
        let (taken, hub) = (line.next().await, hub.clone());
        tracker.spawn(async move {
            if let Err(error) = delivery::deliver(&hub, taken.parcel).await {
                tracing::warn!(
                    error = format!("{error:#}"),
                    "A delivery was held up and is tried again: {error:#}"
                );
            }
            drop((taken, sender));
        });
    }
}
