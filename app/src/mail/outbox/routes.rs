//! `/outbox`: the list, then a mail as text, as HTML and as source.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use uuid::Uuid;

use super::admission::Reader;
use super::{Kept, pages};
use crate::error::{Error, Result};
use crate::hub::Hub;
use crate::plain::{FRESH, HTML, Plain};

/// Of a mail's HTML: as strict as a mail program, in our own frame only.
const MAIL_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox",
);

/// The pages of the outbox.
pub fn router() -> Router<Hub> {
    Router::new()
        .route("/outbox", get(list))
        .route("/outbox/{id}", get(text))
        .route("/outbox/{id}/html", get(html))
        .route("/outbox/{id}/source", get(source))
}

/// The mails, the newest first.
async fn list(_: Reader, State(hub): State<Hub>) -> Result<Plain> {
    let mails = super::all(hub.db.read()).await?;
    Ok(pages::list(&mails))
}

/// One mail: its text, and its HTML in a frame.
async fn text(_: Reader, State(hub): State<Hub>, Path(id): Path<String>) -> Result<Plain> {
    Ok(pages::mail(&one(&hub, &id).await?))
}

/// Its HTML.
async fn html(_: Reader, State(hub): State<Hub>, Path(id): Path<String>) -> Result<Response> {
    let policy = (header::CONTENT_SECURITY_POLICY, MAIL_POLICY);
    let framed = HeaderValue::from_static("SAMEORIGIN");
    let fields = [HTML, FRESH, policy, (header::X_FRAME_OPTIONS, framed)];
    Ok((fields, one(&hub, &id).await?.html).into_response())
}

/// As it would have gone over the wire.
async fn source(_: Reader, State(hub): State<Hub>, Path(id): Path<String>) -> Result<Response> {
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    let kind = (header::CONTENT_TYPE, kind);
    Ok(([kind, FRESH], one(&hub, &id).await?.source).into_response())
}

async fn one(hub: &Hub, id: &str) -> Result<Kept> {
    let id: Uuid = id.parse().map_err(|_| Error::NotFound("mail"))?;
    let found = super::by_id(hub.db.read(), id).await?;
    found.ok_or(Error::NotFound("mail"))
}
