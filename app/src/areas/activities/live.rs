//! The live streams: how a client comes by one.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use domain::filter::Context;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::replay::{Replay, Resume};
use super::routes::asked;
use super::socket::{self, Newcomer};
use super::stream;
use super::tail::Tail;
use super::upgrade::Upgrade;
use crate::error::{Error, Result};
use crate::hub::Hub;
use crate::page::Pairs;

/// The stream that is an answer like others.
pub fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new().routes(routes!(server_sent))
}

/// The live socket: beside the rest, as thousands may knock at once.
pub fn sockets() -> OpenApiRouter<Hub> {
    OpenApiRouter::new().routes(routes!(live))
}

/// The live protocol: a WebSocket that sends every event that passes, in order, each once.
#[utoipa::path(get, path = "/api/activities/live", tag = "live",
    params(crate::openapi::FilterParams, crate::openapi::LiveParams),
    responses((status = 101, description = "Frames as in section 7 of the contract")))]
async fn live(
    State(hub): State<Hub>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    upgrade: Upgrade,
) -> Result<Response> {
    let replay = replay(&hub, query.as_deref(), None, &headers).await?;
    let tracker = hub.connections.clone();
    let signed_in = socket::signed_in(&headers);
    Ok(upgrade.serve(&tracker, move |stream, early| {
        let newcomer = Newcomer {
            replay,
            signed_in,
            early,
            hello: None,
        };
        socket::serve(stream, newcomer, hub)
    }))
}

/// The same envelopes as Server-Sent Events; `Last-Event-ID` resumes.
#[utoipa::path(get, path = "/api/activities/stream", tag = "live",
    params(crate::openapi::FilterParams, crate::openapi::LiveParams),
    responses((status = 200, description = "An event stream", content_type = "text/event-stream")))]
async fn server_sent(
    State(hub): State<Hub>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response> {
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let replay = replay(&hub, query.as_deref(), last, &headers).await?;
    let sse = Sse::new(stream::events(hub, Tail::new(replay))).keep_alive(KeepAlive::default());
    let mut response = sse.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Proxies that buffer would hold events back.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// What follows, by the parameters both streams take.
pub(super) async fn replay(
    hub: &Hub,
    query: Option<&str>,
    last_event_id: Option<&str>,
    headers: &HeaderMap,
) -> Result<Replay> {
    let pairs = Pairs::read(query, &["since", "log"])?;
    let mut since: Option<i64> = pairs.parsed("since", "the `seq` of the last event you have")?;
    if let Some(last) = last_event_id.and_then(|id| id.parse().ok()) {
        since = Some(last);
    }
    if since.is_some_and(|since| since < 0) {
        return Err(Error::invalid(
            "since",
            "below zero; it takes the `seq` of the last event you have",
        ));
    }
    let filter = asked(hub, &pairs, Context::Live, headers).await?;
    let resume = Resume {
        since,
        log: pairs.own("log").map(str::to_owned),
    };
    Ok(Replay::begin(hub.clone(), filter.into(), resume).await?)
}
