//! Carries what is to go out at once from the matcher to the senders of the same process, so that
//! nothing waits for a queue. What it loses, with its process or because it is full, stands in the
//! ledger: the sweeper finds it.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::delivery;
use super::parcel::Parcel;
use crate::hub::Hub;

/// Parcels that wait for a sender.
const DEPTH: usize = 20_000;
/// Mails sent at once by this process.
const MAILS: usize = 16;
/// Webhooks called at once by this process: most of the time they are waited for.
const WEBHOOKS: usize = 64;
/// How long what is on its way may take after the stop.
const FAREWELL: Duration = Duration::from_secs(10);

/// Takes parcels. Cheap to clone.
#[derive(Clone)]
pub(super) struct Courier {
    mails: mpsc::Sender<Parcel>,
    webhooks: mpsc::Sender<Parcel>,
    in_hand: Arc<Mutex<HashSet<Parcel>>>,
}

/// What a courier takes to.
pub(super) struct Senders {
    mails: mpsc::Receiver<Parcel>,
    webhooks: mpsc::Receiver<Parcel>,
    in_hand: Arc<Mutex<HashSet<Parcel>>>,
}

/// A courier and where it goes.
pub(super) fn courier() -> (Courier, Senders) {
    let (to_mails, mails) = mpsc::channel(DEPTH);
    let (to_webhooks, webhooks) = mpsc::channel(DEPTH);
    let in_hand = Arc::default();
    let courier = Courier {
        mails: to_mails,
        webhooks: to_webhooks,
        in_hand: Arc::clone(&in_hand),
    };
    (
        courier,
        Senders {
            mails,
            webhooks,
            in_hand,
        },
    )
}

impl Courier {
    /// Takes a parcel along, once while it is on its way. False when there is no room for it.
    pub(super) fn take(&self, parcel: Parcel, channel: &str) -> bool {
        let lane = match channel {
            "webhook" => &self.webhooks,
            _ => &self.mails,
        };
        let mut in_hand = self.in_hand.lock().unwrap_or_else(PoisonError::into_inner);
        if !in_hand.insert(parcel) {
            return true;
        }
        let taken = lane.try_send(parcel).is_ok();
        if !taken {
            in_hand.remove(&parcel);
        }
        taken
    }
}

impl Senders {
    /// Sends until `cancel`, then what is on its way.
    pub(super) async fn run(self, hub: Hub, cancel: CancellationToken) {
        let Senders {
            mails,
            webhooks,
            in_hand,
        } = self;
        let tracker = TaskTracker::new();
        let lane = |parcels, at_once| Lane {
            hub: hub.clone(),
            parcels,
            at_once: Arc::new(Semaphore::new(at_once)),
            in_hand: Arc::clone(&in_hand),
            tracker: tracker.clone(),
        };
        let (mut mails, mut webhooks) = (lane(mails, MAILS), lane(webhooks, WEBHOOKS));
        tokio::select! {
            () = cancel.cancelled() => {}
            () = mails.run() => {}
            () = webhooks.run() => {}
        }
        tracker.close();
        let _ = tokio::time::timeout(FAREWELL, tracker.wait()).await;
    }
}

struct Lane {
    hub: Hub,
    parcels: mpsc::Receiver<Parcel>,
    at_once: Arc<Semaphore>,
    in_hand: Arc<Mutex<HashSet<Parcel>>>,
    tracker: TaskTracker,
}

impl Lane {
    async fn run(&mut self) {
        while let Some(parcel) = self.parcels.recv().await {
            let Ok(turn) = Arc::clone(&self.at_once).acquire_owned().await else {
                return;
            };
            let (hub, in_hand) = (self.hub.clone(), Arc::clone(&self.in_hand));
            self.tracker.spawn(async move {
                if let Err(error) = delivery::deliver(&hub, parcel).await {
                    tracing::warn!(
                        error = format!("{error:#}"),
                        "A delivery was held up and is tried again: {error:#}"
                    );
                }
                in_hand
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .remove(&parcel);
                drop(turn);
            });
        }
    }
}
