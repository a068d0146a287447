//! What a server says when it does not do what it was asked.

use reqwest::StatusCode;
use serde_json::Value;
use url::Url;

use crate::cli::Usage;
use crate::words::plain;

/// A refusal, in the server's words (RFC 9457).
#[derive(Debug, thiserror::Error)]
#[error("{said}")]
pub(in crate::cli) struct Refused {
    /// Its status.
    pub(in crate::cli) status: StatusCode,
    /// The problem's `type`: `/problems/sign-in`.
    pub(in crate::cli) kind: Option<String>,
    /// What a person is told.
    said: String,
}

/// What to do about a 401.
const SIGN_IN: &str = "sign in with `starboard login`, or set STARBOARD_TOKEN";

/// What a server says is wrong. A question it cannot understand is wrong usage.
pub(in crate::cli) fn refusal(base: &Url, status: StatusCode, body: &[u8]) -> anyhow::Error {
    let problem: Option<Value> = serde_json::from_slice(body).ok();
    let said = |name: &str| Some(plain(problem.as_ref()?.get(name)?.as_str()?));
    let kind = said("type");
    let detail = said("detail").or_else(|| said("title"));
    if status == StatusCode::BAD_REQUEST
        && let Some(detail) = detail
    {
        return Usage(detail).into();
    }
    let mut said = format!("{base} answered {status}");
    if let Some(detail) = detail {
        said.push_str(": ");
        said.push_str(&detail);
    }
    if kind.as_deref() == Some("/problems/sign-in") {
        said.push_str(": ");
        said.push_str(SIGN_IN);
    }
    Refused { status, kind, said }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: StatusCode, body: &str) -> anyhow::Error {
        refusal(
            &Url::parse("http://a.org").unwrap(),
            status,
            body.as_bytes(),
        )
    }

    #[test]
    fn a_question_not_understood_is_wrong_usage() {
        let body = r#"{"type":"/problems/filter","detail":"`facility` knows no \"JWTS\""}"#;
        let error = refused(StatusCode::BAD_REQUEST, body);
        assert!(error.is::<Usage>());
        assert_eq!(error.to_string(), "`facility` knows no \"JWTS\"");

        let error = refused(StatusCode::BAD_GATEWAY, "<html>");
        assert!(!error.is::<Usage>());
        assert_eq!(error.to_string(), "http://a.org/ answered 502 Bad Gateway");
    }

    #[test]
    fn whoever_is_not_signed_in_is_told_how() {
        let body = r#"{"type":"/problems/sign-in","detail":"this takes a session"}"#;
        let said = refused(StatusCode::UNAUTHORIZED, body).to_string();
        assert!(said.contains("this takes a session"), "{said}");
        assert!(said.contains("starboard login"), "{said}");
    }
}
