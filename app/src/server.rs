//! The hub's HTTP side, and the process that runs it all.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use sentry::integrations::tower::{NewSentryLayer, SentryHttpLayer};
use tasks::{Schedule, Workers};
use tokio::net::TcpListener;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tower_http::cors::{Any, CorsLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::TraceLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::SwaggerUi;

use crate::areas::web::{self, Bundle};
use crate::areas::{self, activities, subscriptions};
use crate::error::Error;
use crate::hub::Hub;
use crate::start::{FAREWELL, Ready};
use crate::{accept, mail, openapi, plain, service, telemetry};

/// Longest work on an answer; streams have begun long before.
const LONGEST_ANSWER: Duration = Duration::from_secs(30);

/// Every route that the API document describes.
#[must_use]
pub fn api() -> OpenApiRouter<Hub> {
    rest().merge(activities::sockets())
}

/// All of those but the sockets.
fn rest() -> OpenApiRouter<Hub> {
    OpenApiRouter::with_openapi(openapi::head())
        .merge(areas::router())
        .merge(service::router())
}

/// The whole HTTP side, with the web app of this build.
pub fn router(hub: Hub) -> Router {
    with_app(hub, Bundle::built_in())
}

/// The whole HTTP side, with this web app.
pub fn with_app(hub: Hub, app: Bundle) -> Router {
    if !hub.role.serves() {
        let (probes, _) = service::router().split_for_parts();
        return probes.with_state(hub);
    }
    let (router, _) = rest().split_for_parts();
    let (sockets, _) = activities::sockets().split_for_parts();
    let document = api().into_openapi();
    let docs = SwaggerUi::new("/api/docs").url("/api/openapi.json", openapi::named(document));
    let compress = CompressionLayer::new()
        .compress_when(SizeAbove::new(1024).and(NotForContentType::const_new("text/event-stream")));
    let router = router
        .merge(docs)
        .merge(web::router(app.clone()))
        .merge(areas::pages())
        .merge(mail::outbox::router())
        .merge(plain::router())
        .fallback(async move |request: Request| web::fallback(app.clone(), request).await)
        .method_not_allowed_fallback(|| async { Error::Method });
    in_time(router, LONGEST_ANSWER)
        .layer(
            ServiceBuilder::new()
                .layer(NewSentryLayer::<Request>::new_from_top())
                .layer(SentryHttpLayer::new().enable_transaction())
                .layer(TraceLayer::new_for_http().make_span_with(telemetry::span))
                .layer(header_layer("x-content-type-options", "nosniff"))
                .layer(header_layer("referrer-policy", "same-origin"))
                .layer(header_layer("x-frame-options", "DENY"))
                .layer(
                    CorsLayer::new()
                        .allow_origin(Any)
                        .allow_methods([http_get()]),
                )
                .layer(compress)
                .layer(DefaultBodyLimit::max(64 << 10))
                .layer(CatchPanicLayer::custom(panicked)),
        )
        // A handshake asks for nothing that is traced, packed or shared between origins: ten
        // thousand that come back at once are let in without.
        .merge(
            sockets
                .method_not_allowed_fallback(|| async { Error::Method })
                .layer(header_layer("x-content-type-options", "nosniff"))
                .layer(CatchPanicLayer::custom(panicked)),
        )
        // Outermost: a page that is kept costs none of the layers it went through once.
        .layer(middleware::from_fn_with_state(
            hub.clone(),
            activities::kept,
        ))
        .with_state(hub)
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    Error::Internal(anyhow::anyhow!("a handler panicked")).into_response()
}

/// Lets every route take at most so long until its answer begins.
pub fn in_time<S>(router: Router<S>, longest: Duration) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    router.layer(middleware::from_fn(
        move |request: Request, next: Next| async move {
            let answer = tokio::time::timeout(longest, next.run(request)).await;
            answer.unwrap_or_else(|_| Error::Late.into_response())
        },
    ))
}

fn http_get() -> axum::http::Method {
    axum::http::Method::GET
}

fn header_layer(name: &'static str, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(
        HeaderName::from_static(name),
        HeaderValue::from_static(value),
    )
}

/// Runs a hub until it is told to stop: a signal, or its shutdown token.
///
/// # Errors
/// When the address is taken, or a part cannot go on.
pub async fn run(ready: Ready) -> anyhow::Result<()> {
    let Ready { hub, feed, lock } = ready;
    let role = hub.role;
    // Before anything is measured: what comes earlier than the recorder is lost.
    telemetry::metrics();
    let listener = accept::listen(hub.config.listen)
        .with_context(|| format!("listening on {} (BIND, PORT)", hub.config.listen))?;
    let address = listener.local_addr()?;
    let shutdown = hub.shutdown.clone();
    tokio::spawn(signals(hub.clone()));
    tokio::spawn(telemetry::upkeep(shutdown.clone()));

    let mut parts = tokio::task::JoinSet::new();
    parts.spawn(activities::feed::run(hub.clone(), feed));
    if role.works() {
        let clock = activities::clock::run(hub.clone(), shutdown.clone());
        parts.spawn(async move {
            clock.await;
            Ok(())
        });
        let told = subscriptions::run(hub.clone(), shutdown.clone());
        parts.spawn(async move {
            told.await;
            Ok(())
        });
        parts.spawn(workers(&hub).run(shutdown.clone()));
    }
    hub.feed.reached(0).await;
    announce(&hub, address);
    // In a task of its own, so that what it takes begins on the same thread.
    let mut serve = tokio::spawn(serve(listener, hub.clone()));
    let served = tokio::select! {
        served = &mut serve => match served {
            Ok(()) => Ok(()),
            Err(panic) => Err(anyhow::anyhow!("serving panicked: {panic}")),
        },
        Some(ended) = parts.join_next() => match ended {
            Ok(Ok(())) if shutdown.is_cancelled() => Ok(()),
            Ok(Ok(())) => Err(anyhow::anyhow!("a part of the hub ended by itself")),
            Ok(Err(error)) => Err(error),
            Err(panic) => Err(anyhow::anyhow!("a part of the hub panicked: {panic}")),
        },
    };
    shutdown.cancel();
    // Told to stop, the parts may be done first: requests on their way are still answered.
    if !serve.is_finished() {
        let _ = tokio::time::timeout(FAREWELL, &mut serve).await;
    }
    hub.connections.close();
    let _ = tokio::time::timeout(FAREWELL, hub.connections.wait()).await;
    while let Ok(Some(_)) = tokio::time::timeout(Duration::from_secs(12), parts.join_next()).await {
    }
    drop(lock);
    served
}

/// Serves HTTP until the hub shuts down.
pub async fn serve(listener: TcpListener, hub: Hub) {
    let app = router(hub.clone());
    accept::run(listener, hub, app).await;
}

/// The jobs of every area and when they recur.
#[must_use]
pub fn workers(hub: &Hub) -> Workers<Hub> {
    areas::jobs(Workers::new(hub.queue.clone(), hub.clone()), hub).every(
        Schedule::every(Duration::from_secs(3600)).phased("prune"),
        || activities::PruneEvents {},
    )
}

fn announce(hub: &Hub, address: SocketAddr) {
    tracing::info!(%address, role = ?hub.role, "Starboard is ready on {}", hub.config.public_url);
    if hub.config.redis_url.is_none() && !hub.db.is_sqlite() {
        tracing::warn!(
            "REDIS_URL is not set: with several processes, events of another one arrive up to half \
             a second later"
        );
    }
}

async fn signals(hub: Hub) {
    let interrupt = tokio::signal::ctrl_c();
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = interrupt => {}
        () = terminate => {}
        () = hub.shutdown.cancelled() => {}
    }
    tracing::info!("Going down");
    hub.shutdown.cancel();
}
