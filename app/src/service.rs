//! The service itself: alive, ready, metrics.

use std::sync::OnceLock;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use metrics::gauge;
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::areas::activities::event_log;
use crate::areas::archives;
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
    let Ok(end) = event_log::end(hub.db.read()).await else {
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
    static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    let Some(handle) = HANDLE.get_or_init(telemetry::metrics) else {
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
    let end = event_log::end(hub.db.read()).await?;
    gauge!("starboard_live_connections").set(hub.feed.clients() as f64);
    gauge!("starboard_log_seq").set(end.seq as f64);
    gauge!("starboard_log_pruned_to").set(end.pruned_to as f64);
    gauge!("starboard_feed_lag_events").set((end.seq - hub.feed.position()).max(0) as f64);
    // Readers of the log with a cursor of their own come with subscriptions; until then the feed
    // is the only one.
    gauge!("starboard_smallest_cursor").set(hub.feed.position() as f64);
    gauge!("starboard_bus_up").set(f64::from(u8::from(hub.bus.state() != BusState::Degraded)));
    let now = hub.clock.now();
    for (name, source) in archives::all(hub.db.read()).await? {
        if let Some(last) = source.last_success {
            let age = (now - last).num_seconds() as f64;
            gauge!("starboard_source_age_seconds", "source" => name.clone()).set(age);
        }
        gauge!("starboard_source_failures", "source" => name).set(f64::from(source.failures));
    }
    for count in hub.queue.counts().await? {
        let state = format!("{:?}", count.state).to_lowercase();
        gauge!("starboard_jobs", "job" => count.name, "state" => state).set(count.jobs as f64);
    }
    Ok(())
}
