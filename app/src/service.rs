//! The service itself: alive, ready, metrics.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use metrics::gauge;
use serde_json::json;
use tasks::{Count, Job, State as JobState};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::areas::activities::{HarvestUpstream, PruneEvents, event_log};
use crate::areas::{archives, subscriptions};
use crate::hub::Hub;
use crate::realtime::bus::State as BusState;
use crate::{schema, telemetry};

/// Routes for those who run the hub.
pub fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new()
        .routes(routes!(healthz))
        .routes(routes!(readyz))
        .routes(routes!(metrics))
}

/// Alive.
#[utoipa::path(get, path = "/healthz", tag = "service",
    responses((status = 200, description = "The process answers")))]
async fn healthz() -> &'static str {
    "ok\n"
}

/// Ready: the database answers, its schema is right, the feed has caught up. A dead bus only
/// degrades.
#[utoipa::path(get, path = "/readyz", tag = "service", responses(
    (status = 200, description = "Ready"), (status = 503, description = "Not ready, and why")))]
async fn readyz(State(hub): State<Hub>) -> Response {
    let bus = match hub.bus.state() {
        BusState::Local => "local",
        BusState::Connected => "connected",
        BusState::Degraded => "degraded",
    };
    match why_not(&hub).await {
        None => {
            let body = json!({ "ready": true, "bus": bus, "log": hub.log });
            (StatusCode::OK, axum::Json(body)).into_response()
        }
        Some(why) => {
            let body = json!({ "ready": false, "bus": bus, "why": why });
            (StatusCode::SERVICE_UNAVAILABLE, axum::Json(body)).into_response()
        }
    }
}

/// Events the feed may be behind and still count as caught up: what is written meanwhile.
const BEHIND: i64 = 5000;

async fn why_not(hub: &Hub) -> Option<&'static str> {
    let Ok(end) = event_log::end(hub.db.own()).await else {
        return Some("the database does not answer");
    };
    if schema::check(&hub.db).await.is_err() {
        return Some("the schema is not the one of this version");
    }
    let position = hub.feed.position();
    if hub.role.serves() && (position < 0 || end.seq - position > BEHIND) {
        return Some("the feed has not caught up with the log");
    }
    None
}

/// Prometheus metrics.
#[utoipa::path(get, path = "/metrics", tag = "service",
    responses((status = 200, description = "Text exposition format", content_type = "text/plain")))]
async fn metrics(State(hub): State<Hub>) -> Response {
    let Some(handle) = telemetry::metrics() else {
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            "metrics are recorded elsewhere\n",
        )
            .into_response();
    };
    if let Err(error) = measure(&hub).await {
        tracing::warn!(error = format!("{error:#}"), "Measuring failed: {error:#}");
    }
    let kind = [(
        header::CONTENT_TYPE,
        "text/plain; version=0.0.4; charset=utf-8",
    )];
    (kind, handle.render()).into_response()
}

/// Gauges that are read rather than counted.
#[expect(clippy::cast_precision_loss, reason = "gauges are floats")]
async fn measure(hub: &Hub) -> anyhow::Result<()> {
    let end = event_log::end(hub.db.own()).await?;
    gauge!("starboard_live_connections").set(hub.feed.clients() as f64);
    gauge!("starboard_log_seq").set(end.seq as f64);
    gauge!("starboard_log_pruned_to").set(end.pruned_to as f64);
    gauge!("starboard_feed_lag_events").set((end.seq - hub.feed.position()).max(0) as f64);
    // Pruning never passes what a matcher has not read.
    let smallest = event_log::smallest_cursor(hub.db.read()).await?;
    gauge!("starboard_smallest_cursor").set(smallest.unwrap_or(end.seq) as f64);
    gauge!("starboard_bus_up").set(f64::from(u8::from(hub.bus.state() != BusState::Degraded)));
    let now = hub.clock.now();
    for (name, source) in archives::all(hub.db.read()).await? {
        if let Some(last) = source.last_success {
            let age = (now - last).num_seconds() as f64;
            gauge!("starboard_source_age_seconds", "source" => name.clone()).set(age);
        }
        gauge!("starboard_source_failures", "source" => name).set(f64::from(source.failures));
    }
    for (job, state, jobs) in every_state(&hub.queue.counts().await?) {
        let state = format!("{state:?}").to_lowercase();
        gauge!("starboard_jobs", "job" => job, "state" => state).set(jobs as f64);
    }
    Ok(())
}

/// The jobs of this version.
const JOBS: [&str; 5] = [
    HarvestUpstream::NAME,
    PruneEvents::NAME,
    subscriptions::Deliver::NAME,
    subscriptions::DeliverDigest::NAME,
    subscriptions::ForgetDeliveries::NAME,
];

/// Every state a job may be in.
const STATES: [JobState; 5] = [
    JobState::Waiting,
    JobState::Retrying,
    JobState::Running,
    JobState::Done,
    JobState::Dead,
];

/// How many jobs are in each state, 0 where the queue counts none: a gauge keeps what it was set to.
/// Jobs of another version count too, once they were seen.
fn every_state(counts: &[Count]) -> Vec<(String, JobState, u64)> {
    static SEEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    seen.extend(JOBS.map(str::to_owned));
    seen.extend(counts.iter().map(|count| count.name.clone()));
    let each = seen.iter().flat_map(|name| {
        STATES.map(|state| {
            let mut counts = counts.iter();
            let found = counts.find(|count| count.name == *name && count.state == state);
            (name.clone(), state, found.map_or(0, |count| count.jobs))
        })
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_that_no_job_is_in_any_more_counts_none() {
        let dead = Count {
            name: PruneEvents::NAME.to_owned(),
            state: JobState::Dead,
            jobs: 3,
        };
        let of = |counts: &[Count]| {
            let every = every_state(counts);
            let mut dead = every
                .into_iter()
                .filter(|(name, state, _)| name == PruneEvents::NAME && *state == JobState::Dead);
            dead.next().map(|(_, _, jobs)| jobs)
        };
        assert_eq!(of(&[dead]), Some(3));
        assert_eq!(of(&[]), Some(0));
    }
}
