//! What people want to be told: their subscriptions, and what becomes of them.

mod claim;
mod courier;
mod decide;
mod delivery;
mod delivery_routes;
mod digest;
mod endpoint;
mod fields;
mod gate;
mod holds;
mod hours;
mod keeper;
mod ledger;
mod line;
pub mod mails;
mod matcher;
pub mod model;
mod parcel;
mod partition;
mod payloads;
mod port;
pub mod preview;
mod reading;
mod roster;
mod routes;
mod sample;
mod sites;
mod sweeper;
mod tasks;
mod unsubscribe;
pub mod versions;
pub mod webhooks;
mod why;
mod write;

use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;

pub use self::keeper::{Deliveries, Subscriptions};
pub use self::matcher::match_all;
pub use self::model::{Channel, OncePer, Quiet, Subscription};
pub use self::sweeper::sweep;
pub use self::tasks::{Deliver, DeliverDigest, ForgetDeliveries, TellSwitchedOff};
pub use self::unsubscribe::pages;
pub use self::versions::Changes;
pub use self::write::{announce, bury_all_of, topic};
use crate::hub::Hub;

/// The routes of the area.
pub fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new()
        .merge(routes::router())
        .merge(delivery_routes::router())
        .merge(preview::router())
}

/// Matches and delivers until `cancel`: in every process that works.
pub async fn run(hub: Hub, cancel: CancellationToken) {
    let courier = courier::Courier::new();
    tokio::join!(
        courier.clone().run(hub.clone(), cancel.clone()),
        sweeper::run(hub.clone(), courier.clone(), cancel.clone()),
        matcher::run(hub, courier, cancel),
    );
}
