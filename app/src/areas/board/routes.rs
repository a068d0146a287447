//! `/`, its style and its script.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use tokio::sync::Mutex;

use super::{page, present};
use crate::areas::activities::event_log::{self, End};
use crate::error::{Error, Result};
use crate::hub::Hub;
use crate::server::HTML;

/// What the page may load: our own script and style, our own stream; nothing inline.
const POLICY: (HeaderName, HeaderValue) = (
    header::CONTENT_SECURITY_POLICY,
    HeaderValue::from_static(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
         img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
);

/// The pages of the area.
pub fn router() -> Router<Hub> {
    let kept = Kept::default();
    Router::new()
        .route("/", get(move |hub: State<Hub>| board(hub, kept.clone())))
        .route(
            "/board.css",
            get(async || asset("text/css; charset=utf-8", include_str!("board.css"))),
        )
        .route(
            "/board.js",
            get(async || asset("text/javascript; charset=utf-8", include_str!("board.js"))),
        )
}

/// The page.
async fn board(State(hub): State<Hub>, kept: Kept) -> Result<Response> {
    let page = kept.page(&hub).await?;
    let fresh = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(([HTML, POLICY, fresh], page).into_response())
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    let control = (header::CACHE_CONTROL, "public, max-age=300");
    ([(header::CONTENT_TYPE, kind), control], text).into_response()
}

/// The answer where there is nothing: a page for browsers, a problem for programs.
#[must_use]
pub fn missing(headers: &HeaderMap) -> Response {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("text/html")) {
        let fresh = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        return (
            StatusCode::NOT_FOUND,
            [HTML, POLICY, fresh],
            page::missing(),
        )
            .into_response();
    }
    Error::NotFound("page").into_response()
}

/// The page as it was made last. After an event every reader asks for it at once: one makes it,
/// the others wait for that.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Option<Made>>>);

/// A page, and what it was made of: it holds for a second, unless something happens.
struct Made {
    end: End,
    second: i64,
    page: Bytes,
}

impl Kept {
    async fn page(&self, hub: &Hub) -> Result<Bytes> {
        let mut kept = self.0.lock().await;
        // The log itself and not the feed's place in it: the page is never behind an event.
        let end = event_log::end(hub.db.read()).await?;
        let second = hub.clock.now().timestamp();
        if let Some(made) = &*kept
            && made.second == second
            && made.end == end
        {
            return Ok(made.page.clone());
        }
        let page = Bytes::from(page::board(&present::of(hub).await?));
        *kept = Some(Made {
            end,
            second,
            page: page.clone(),
        });
        Ok(page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_in_html_and_programs_in_json() {
        let kind = |accept: Option<&'static str>| {
            let accept = accept.map(|accept| (header::ACCEPT, HeaderValue::from_static(accept)));
            let response = missing(&accept.into_iter().collect());
            assert_eq!(response.status(), StatusCode::NOT_FOUND);
            response.headers()[header::CONTENT_TYPE]
                .to_str()
                .unwrap()
                .to_owned()
        };
        assert_eq!(
            kind(Some("text/html,application/xhtml+xml,*/*;q=0.8")),
            "text/html; charset=utf-8"
        );
        assert_eq!(kind(Some("application/json")), "application/problem+json");
        assert_eq!(kind(None), "application/problem+json");
    }
}
