//! `/outbox`: the list, then a mail as text, as HTML and as source.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use uuid::Uuid;

use super::admission::Reader;
use super::{Kept, pages};
use crate::error::{Error, Result};
use crate::hub::Hub;
use crate::server::HTML;

/// Of our own pages: our style and frames of our own, nothing else.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'",
);

/// Of a mail's HTML: as strict as a mail program, in our own frame only.
const MAIL_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox",
);

/// The pages of the outbox.
pub fn router() -> Router<Hub> {
    Router::new()
        .route("/outbox", get(list))
        .route("/outbox.css", get(style))
        .route("/outbox/{id}", get(text))
        .route("/outbox/{id}/html", get(html))
        .route("/outbox/{id}/source", get(source))
}

/// The mails, the newest first.
async fn list(_: Reader, State(hub): State<Hub>) -> Result<Response> {
    let mails = super::all(hub.db.read()).await?;
    Ok(page(pages::list(&mails), POLICY))
}

/// One mail: its text, and its HTML in a frame.
async fn text(_: Reader, State(hub): State<Hub>, Path(id): Path<String>) -> Result<Response> {
    Ok(page(pages::mail(&one(&hub, &id).await?), POLICY))
}

/// Its HTML.
async fn html(_: Reader, State(hub): State<Hub>, Path(id): Path<String>) -> Result<Response> {
    let mut page = page(one(&hub, &id).await?.html, MAIL_POLICY);
    let framed = HeaderValue::from_static("SAMEORIGIN");
    page.headers_mut().insert(header::X_FRAME_OPTIONS, framed);
    Ok(page)
}

/// As it would have gone over the wire.
async fn source(_: Reader, State(hub): State<Hub>, Path(id): Path<String>) -> Result<Response> {
    let kind = (header::CONTENT_TYPE, "text/plain; charset=utf-8");
    Ok(([kind, FRESH], one(&hub, &id).await?.source).into_response())
}

async fn style(_: Reader) -> Response {
    let kind = (header::CONTENT_TYPE, "text/css; charset=utf-8");
    ([kind, FRESH], include_str!("outbox.css")).into_response()
}

async fn one(hub: &Hub, id: &str) -> Result<Kept> {
    let id: Uuid = id.parse().map_err(|_| Error::NotFound("mail"))?;
    let found = super::by_id(hub.db.read(), id).await?;
    found.ok_or(Error::NotFound("mail"))
}

const FRESH: (HeaderName, &str) = (header::CACHE_CONTROL, "private, no-store");

fn page(html: String, policy: HeaderValue) -> Response {
    let policy = (header::CONTENT_SECURITY_POLICY, policy);
    ([HTML, policy], [FRESH], html).into_response()
}
