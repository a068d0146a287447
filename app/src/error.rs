//! What a client may know about what went wrong: RFC 9457 problems.

use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::filter::FilterError;
use serde_json::json;

/// Shorthand for handlers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An answer that is not what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// A field of the request cannot be understood.
    #[error("{field}: {reason}")]
    Invalid {
        /// The field at fault.
        field: String,
        /// What it got and what it takes.
        reason: String,
    },
    /// A part of the filter cannot be understood.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// The route is there, but not for this method.
    #[error("this route does not take that method")]
    Method,
    /// A WebSocket's route was asked for something else.
    #[error("this route takes WebSockets only: {0}")]
    Upgrade(#[from] WebSocketUpgradeRejection),
    /// The answer was not made in time.
    #[error("the answer took too long; asking for less, or again later, may help")]
    Late,
    /// The request is fine, but not now.
    #[error("{0}")]
    Unavailable(&'static str),
    /// Ours to mend: reported, never described to the client.
    #[error("something went wrong on our side")]
    Internal(#[from] anyhow::Error),
}

impl Error {
    /// An error about one field of the request.
    pub fn invalid(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Error::Invalid {
            field: field.into(),
            reason: reason.into(),
        }
    }

    /// The status it is answered with.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Error::NotFound(_) => StatusCode::NOT_FOUND,
            Error::Invalid { .. } | Error::Filter(_) => StatusCode::BAD_REQUEST,
            Error::Method => StatusCode::METHOD_NOT_ALLOWED,
            Error::Upgrade(rejection) => rejection.status(),
            Error::Late | Error::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The problem document (RFC 9457).
    #[must_use]
    pub fn problem(&self) -> serde_json::Value {
        let status = self.status().as_u16();
        let detail = self.to_string();
        match self {
            Error::NotFound(_) => json!({
                "type": "/problems/not-found", "title": "Not found", "status": status, "detail": detail,
            }),
            Error::Invalid { field, .. } => json!({
                "type": "/problems/invalid", "title": "Not understood", "status": status,
                "detail": detail, "field": field,
            }),
            Error::Filter(error) => json!({
                "type": "/problems/filter", "title": "The filter was not understood", "status": status,
                "detail": detail, "field": error.key, "meant": error.meant,
            }),
            Error::Method => json!({
                "type": "/problems/method", "title": "Not that method", "status": status,
                "detail": detail,
            }),
            Error::Upgrade(_) => json!({
                "type": "/problems/upgrade", "title": "Not a WebSocket", "status": status,
                "detail": detail,
            }),
            Error::Late | Error::Unavailable(_) => json!({
                "type": "/problems/unavailable", "title": "Not now", "status": status, "detail": detail,
            }),
            Error::Internal(_) => json!({
                "type": "/problems/internal", "title": "Something went wrong on our side",
                "status": status, "detail": "it was reported; trying again later may help",
            }),
        }
    }
}

impl From<sea_orm::DbErr> for Error {
    fn from(error: sea_orm::DbErr) -> Self {
        Error::Internal(error.into())
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        if let Error::Internal(error) = &self {
            tracing::error!(error = format!("{error:#}"), "A request failed: {error:#}");
        }
        let mut response = (self.status(), self.problem().to_string()).into_response();
        let problem = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, problem);
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}
