//! `/lite` and its neighbours, and the script that keeps the board moving where scripts run.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use tokio::sync::Mutex;

use super::{facility, page, present, sources};
use crate::areas::activities::event_log::{self, End};
use crate::error::{Error, Result};
use crate::hub::Hub;
use crate::plain::{self, Plain};

/// The pages.
pub fn router() -> Router<Hub> {
    let board = Board::new(false);
    Router::new()
        .route(
            "/lite",
            get(async move |hub: State<Hub>| board.answer(&hub).await),
        )
        .route("/lite/facilities/{name}", get(of_facility))
        .route("/lite/sources", get(of_sources))
        .route(
            "/lite.js",
            get(async || plain::asset("text/javascript; charset=utf-8", include_str!("lite.js"))),
        )
}

async fn of_facility(State(hub): State<Hub>, Path(name): Path<String>) -> Response {
    shown(facility::page(&hub, &name).await)
}

async fn of_sources(State(hub): State<Hub>) -> Response {
    shown(sources::page(&hub).await)
}

fn shown(page: Result<Plain>) -> Response {
    match page {
        Ok(page) => page.into_response(),
        Err(error) => plain::problem(error, true),
    }
}

/// The answer where there is nothing: a page for browsers, a problem for programs.
#[must_use]
pub fn missing(headers: &HeaderMap) -> Response {
    if wants_html(headers) {
        return page::missing().answer(StatusCode::NOT_FOUND);
    }
    Error::NotFound("page").into_response()
}

/// The answer to a page of the web app where that was not built in.
#[must_use]
pub fn unbuilt(headers: &HeaderMap) -> Response {
    if wants_html(headers) {
        return page::unbuilt().answer(StatusCode::NOT_FOUND);
    }
    Error::NotFound("page").into_response()
}

/// Whether a browser asks.
pub fn wants_html(headers: &HeaderMap) -> bool {
    let mut accepted = headers.get_all(header::ACCEPT).iter();
    accepted.any(|value| {
        value
            .to_str()
            .is_ok_and(|value| value.contains("text/html"))
    })
}

/// The board, kept as it was made last. After an event every reader asks for it at once: one makes
/// it, the others wait for that.
#[derive(Clone)]
pub struct Board {
    bare: bool,
    kept: Arc<Mutex<Option<Made>>>,
}

/// A page, and what it was made of: it holds for a second, unless something happens.
struct Made {
    end: End,
    second: i64,
    page: Bytes,
}

impl Board {
    /// A board. `bare`: it stands where the web app would.
    #[must_use]
    pub fn new(bare: bool) -> Board {
        Board {
            bare,
            kept: Arc::default(),
        }
    }

    /// The page.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn answer(&self, hub: &Hub) -> Result<Response> {
        Ok(plain::live(self.page(hub).await?))
    }

    async fn page(&self, hub: &Hub) -> Result<Bytes> {
        let mut kept = self.kept.lock().await;
        // The log itself and not the feed's place in it: the page is never behind an event.
        let end = event_log::end(hub.db.read()).await?;
        let second = hub.clock.now().timestamp();
        if let Some(made) = &*kept
            && made.second == second
            && made.end == end
        {
            return Ok(made.page.clone());
        }
        let made = page::board(&present::of(hub, None).await?, self.bare);
        let page = Bytes::from(made.into_html());
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
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn browsers_are_told_in_html_and_programs_in_json() {
        for answer in [missing, unbuilt] {
            let kind = |accept: Option<&'static str>| {
                let accept = accept.map(|text| (header::ACCEPT, HeaderValue::from_static(text)));
                let response = answer(&accept.into_iter().collect());
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
}
