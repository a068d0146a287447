//! Watching it run: log lines, Sentry, metrics.

use std::borrow::Cow;
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::Context;
use axum::extract::Request;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use sentry::ClientInitGuard;
use sentry::integrations::tracing::{BreadcrumbLayer, ErrorLayer, SpanLayer};
use tokio_util::sync::CancellationToken;
use tracing::Span;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use crate::config::{Config, LogFormat};

/// Pages whose addresses open things: what follows is nobody's to read in a log.
const OPENING: [&str; 3] = ["/verify/", "/reset/", "/unsubscribe/"];

/// A path as logs and reports may show it.
fn shown(path: &str) -> Cow<'_, str> {
    let opening = OPENING.iter().find(|opening| path.starts_with(*opening));
    opening.map_or(Cow::Borrowed(path), |opening| format!("{opening}…").into())
}

/// The span of a request.
pub fn span(request: &Request) -> Span {
    let path = shown(request.uri().path());
    tracing::debug_span!("request", method = %request.method(), path = %path)
}

/// Reports panics, failed requests and dead jobs, if `SENTRY_DSN` is set. To be called before the
/// async runtime is built, and held to the end.
pub fn sentry(config: &Config) -> ClientInitGuard {
    let dsn = config.sentry_dsn.clone().unwrap_or_default();
    let options = sentry::ClientOptions::new()
        .maybe_release(sentry::release_name!())
        .send_default_pii(false)
        .before_send(|mut event| {
            if let Some(url) = event.request.as_mut().and_then(|r| r.url.as_mut()) {
                let shown = shown(url.path()).into_owned();
                url.set_path(&shown);
            }
            Some(event)
        })
        .traces_sampler(|context| match context.name() {
            // Probes say nothing, and a socket is one odd request of many hours.
            name if name.contains("/healthz") || name.contains("/readyz") => 0.0,
            name if name.contains("/live") || name.contains("/stream") => 0.0,
            // Their addresses open things.
            name if OPENING.iter().any(|opening| name.contains(opening)) => 0.0,
            _ => 0.05,
        });
    sentry::init((dsn, options))
}

/// Log lines to stderr, as text or JSON, filtered by `RUST_LOG`.
///
/// # Errors
/// When `RUST_LOG` cannot be read.
pub fn logging(format: LogFormat) -> anyhow::Result<()> {
    let wanted = std::env::var("RUST_LOG")
        .ok()
        .filter(|text| !text.is_empty());
    let filter = EnvFilter::try_new(wanted.as_deref().unwrap_or("info")).with_context(|| {
        format!("RUST_LOG is {wanted:?}; it takes levels such as info or app=debug,warn")
    })?;
    let quiet = "sqlx=warn,sea_orm=warn,hyper=warn,reqwest=warn,tungstenite=warn,apalis=warn";
    let filter = quiet
        .split(',')
        .filter(|_| wanted.is_none())
        .filter_map(|directive| directive.parse().ok())
        .fold(filter, EnvFilter::add_directive);
    let lines = match format {
        LogFormat::Text => fmt::layer()
            .with_writer(std::io::stderr)
            .with_target(false)
            .boxed(),
        LogFormat::Json => fmt::layer()
            .with_writer(std::io::stderr)
            .json()
            .flatten_event(true)
            .boxed(),
    };
    tracing_subscriber::registry()
        .with(filter)
        .with(lines)
        .with(SpanLayer::new())
        .with(ErrorLayer::new().with_filter(LevelFilter::ERROR))
        .with(BreadcrumbLayer::new().with_filter(LevelFilter::INFO))
        .try_init()
        .context("setting up log lines")
}

/// How often histograms are emptied into their summaries, whether anybody scrapes or not.
const UPKEEP: Duration = Duration::from_secs(5);

/// The metrics of this process, for `/metrics`, recorded from the first call on. None when somebody
/// else set up a recorder.
pub fn metrics() -> Option<&'static PrometheusHandle> {
    static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    let install = || {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).ok().map(|()| handle)
    };
    HANDLE.get_or_init(install).as_ref()
}

/// Keeps what histograms hold small until `cancel`: between two scrapes, which may never come, they
/// would keep every single measurement.
pub async fn upkeep(cancel: CancellationToken) {
    let Some(handle) = metrics() else { return };
    while cancel
        .run_until_cancelled(tokio::time::sleep(UPKEEP))
        .await
        .is_some()
    {
        handle.run_upkeep();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_open_things_are_not_shown() {
        assert_eq!(shown("/reset/abc.def"), "/reset/…");
        assert_eq!(shown("/unsubscribe/abc.def?x"), "/unsubscribe/…");
        assert_eq!(shown("/api/me"), "/api/me");
    }
}
