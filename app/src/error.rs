//! What a client may know about what went wrong: RFC 9457 problems.

use std::time::Duration;

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
        /// What was likely meant.
        meant: Option<String>,
    },
    /// Entries of a list cannot be understood; nothing was done with the others either.
    #[error("{} of the entries cannot be understood, so none was taken", .0.len())]
    Entries(Vec<(usize, Error)>),
    /// A part of the filter cannot be understood.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// The route is there, but not for this method.
    #[error("this route does not take that method")]
    Method,
    /// A WebSocket's route was asked for something else.
    #[error("this route takes WebSockets only: {0}")]
    Upgrade(String),
    /// Nobody is signed in, or no longer.
    #[error("this takes a session, or a token in `Authorization: Bearer …`")]
    SignIn,
    /// Somebody could not sign in. In the same words whatever did not fit, so that nobody learns
    /// which addresses have accounts.
    #[error("address and password do not fit")]
    WrongLogin,
    /// Address and password fit; a second factor is missing.
    #[error("a code is needed: six digits of the second factor, or a recovery code, in `totp`")]
    NeedsCode,
    /// The second factor does not fit.
    #[error("the code does not fit, or was used already")]
    WrongCode,
    /// Whoever asks may not do this.
    #[error("{0}")]
    Forbidden(&'static str),
    /// It stands against what is there already.
    #[error("{0}")]
    Conflict(String),
    /// Asked too often; again after this long.
    #[error("too many requests; try again in {} s", seconds(*.0))]
    TooMany(Duration),
    /// It takes a mail, and none can be sent.
    #[error("this hub sends no mail yet: whoever runs it has to set SMTP_URL and MAIL_FROM")]
    NoMail,
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
            meant: None,
        }
    }

    /// An error about one field, with what was likely meant.
    pub fn meant(
        field: impl Into<String>,
        reason: impl Into<String>,
        meant: Option<String>,
    ) -> Self {
        let mut reason: String = reason.into();
        if let Some(meant) = &meant {
            reason.push_str(&format!("; did you mean {meant:?}?"));
        }
        Error::Invalid {
            field: field.into(),
            reason,
            meant,
        }
    }

    /// The status it is answered with.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Error::NotFound(_) => StatusCode::NOT_FOUND,
            Error::Invalid { .. } | Error::Filter(_) | Error::Entries(_) => StatusCode::BAD_REQUEST,
            Error::Method => StatusCode::METHOD_NOT_ALLOWED,
            Error::Upgrade(_) => StatusCode::BAD_REQUEST,
            Error::SignIn | Error::WrongLogin | Error::NeedsCode | Error::WrongCode => {
                StatusCode::UNAUTHORIZED
            }
            Error::Forbidden(_) => StatusCode::FORBIDDEN,
            Error::Conflict(_) => StatusCode::CONFLICT,
            Error::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Error::Late | Error::Unavailable(_) | Error::NoMail => StatusCode::SERVICE_UNAVAILABLE,
            Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Logs what is ours to mend, once, where it is answered.
    pub fn report(&self) {
        if let Error::Internal(error) = self {
            tracing::error!(error = format!("{error:#}"), "A request failed: {error:#}");
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
            Error::Invalid { field, meant, .. } => json!({
                "type": "/problems/invalid", "title": "Not understood", "status": status,
                "detail": detail, "field": field, "meant": meant,
            }),
            Error::Entries(entries) => json!({
                "type": "/problems/entries", "title": "Not understood", "status": status,
                "detail": detail, "errors": entries.iter().map(entry).collect::<Vec<_>>(),
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
            Error::SignIn => json!({
                "type": "/problems/sign-in", "title": "Sign in to do this", "status": status,
                "detail": detail,
            }),
            Error::WrongLogin => json!({
                "type": "/problems/login", "title": "Not signed in", "status": status,
                "detail": detail,
            }),
            Error::NeedsCode => json!({
                "type": "/problems/code", "title": "A code is needed", "status": status,
                "detail": detail, "field": "totp",
            }),
            Error::WrongCode => json!({
                "type": "/problems/code", "title": "The code does not fit", "status": status,
                "detail": detail, "field": "totp",
            }),
            Error::Forbidden(_) => json!({
                "type": "/problems/forbidden", "title": "Not allowed", "status": status,
                "detail": detail,
            }),
            Error::Conflict(_) => json!({
                "type": "/problems/conflict", "title": "Not as things stand", "status": status,
                "detail": detail,
            }),
            Error::TooMany(_) => json!({
                "type": "/problems/too-many", "title": "Too many requests", "status": status,
                "detail": detail,
            }),
            Error::NoMail => json!({
                "type": "/problems/no-mail", "title": "No mail can be sent", "status": status,
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

/// What is wrong with one entry of a list: its place, and its own problem.
fn entry((index, error): &(usize, Error)) -> serde_json::Value {
    let problem = error.problem();
    json!({
        "index": index, "detail": problem["detail"], "field": problem["field"],
        "meant": problem["meant"],
    })
}

/// Whole seconds, rounded up: who waits that long is not too early.
fn seconds(wait: Duration) -> u64 {
    wait.as_millis()
        .div_ceil(1000)
        .try_into()
        .unwrap_or(u64::MAX)
}

impl From<sea_orm::DbErr> for Error {
    fn from(error: sea_orm::DbErr) -> Self {
        Error::Internal(error.into())
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        self.report();
        let mut response = (self.status(), self.problem().to_string()).into_response();
        let problem = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, problem);
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match self {
            Error::SignIn => {
                let scheme = HeaderValue::from_static("Bearer");
                response
                    .headers_mut()
                    .insert(header::WWW_AUTHENTICATE, scheme);
            }
            Error::TooMany(wait) => {
                let wait = HeaderValue::from(seconds(wait));
                response.headers_mut().insert(header::RETRY_AFTER, wait);
            }
            _ => {}
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_too_often_is_told_when_to_come_back() {
        let response = Error::TooMany(Duration::from_millis(1_001)).into_response();
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(response.headers()[header::RETRY_AFTER], "2");
    }

    #[test]
    fn who_is_not_signed_in_is_told_how() {
        let response = Error::SignIn.into_response();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Bearer");
    }

    #[test]
    fn where_no_mail_can_be_sent_the_answer_says_what_to_set() {
        let problem = Error::NoMail.problem();
        assert_eq!(problem["status"], 503);
        let detail = problem["detail"].as_str().unwrap_or_default();
        assert!(detail.contains("SMTP_URL") && detail.contains("MAIL_FROM"));
    }
}
