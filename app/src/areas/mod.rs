//! The areas of the hub, their routers and their jobs.

use std::time::Duration;

use axum::Router;
use tasks::{Schedule, Workers};
use utoipa_axum::router::OpenApiRouter;

use crate::hub::Hub;

pub mod accounts;
pub mod activities;
pub mod archives;
pub mod lite;
pub mod observatories;
pub mod satellites;
pub mod subscriptions;
pub mod web;

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// The API of every area.
pub fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new()
        .merge(accounts::router(keepers()))
        .merge(observatories::router())
        .merge(archives::router())
        .merge(activities::router())
        .merge(subscriptions::router())
}

/// What other areas keep of an account: it is in its export, and goes when the account goes.
fn keepers() -> Vec<Box<dyn accounts::Keeper>> {
    vec![
        Box::new(subscriptions::Subscriptions),
        Box::new(subscriptions::Deliveries),
    ]
}

/// The pages made here, outside the API.
pub fn pages() -> Router<Hub> {
    lite::router()
        .merge(accounts::pages())
        .merge(subscriptions::pages())
}

/// Registers the jobs of every area.
#[must_use]
pub fn jobs(mut workers: Workers<Hub>, hub: &Hub) -> Workers<Hub> {
    workers = workers
        .register::<activities::HarvestUpstream>(4)
        .register::<activities::PruneEvents>(1)
        .register::<accounts::SendMail>(4)
        .register::<accounts::ForgetExpired>(1)
        .register::<subscriptions::Deliver>(8)
        .register::<subscriptions::DeliverDigest>(4)
        .register::<subscriptions::TellSwitchedOff>(1)
        .register::<subscriptions::ForgetDeliveries>(1)
        .every(Schedule::every(DAY).phased("deliveries"), || {
            subscriptions::ForgetDeliveries {}
        })
        .every(Schedule::every(HOUR).phased("accounts"), || {
            accounts::ForgetExpired {}
        });
    for connector in registry::ALL {
        let profile = connector.profile();
        if !hub.config.runs(profile.name) {
            continue;
        }
        let schedule = activities::schedule(hub, *connector);
        workers = workers.every(schedule, move || activities::HarvestUpstream {
            connector: profile.name.to_owned(),
        });
    }
    workers
}
