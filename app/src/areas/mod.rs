//! The areas of the hub, their routers and their jobs.

use axum::Router;
use tasks::Workers;
use utoipa_axum::router::OpenApiRouter;

use crate::hub::Hub;

pub mod activities;
pub mod archives;
pub mod board;
pub mod observatories;
pub mod satellites;

/// The API of every area.
pub fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new()
        .merge(observatories::router())
        .merge(archives::router())
        .merge(activities::router())
}

/// The pages made here, outside the API.
pub fn pages() -> Router<Hub> {
    board::router()
}

/// Registers the jobs of every area.
#[must_use]
pub fn jobs(mut workers: Workers<Hub>, hub: &Hub) -> Workers<Hub> {
    workers = workers
        .register::<activities::HarvestUpstream>(4)
        .register::<activities::PruneEvents>(1);
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
