//! Whether a browser's write comes from our own pages.
//!
//! A cookie goes with every request a browser makes, whoever's page caused it. What no page can
//! forge is where the request says it comes from. Signing in is held to it too: otherwise a
//! stranger's page could sign a visitor in to the stranger's account.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};

use crate::error::{Error, Result};
use crate::hub::Hub;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// A request that comes from a page of this hub, or from a program that says so.
#[derive(Clone, Copy, Debug)]
pub struct SameOrigin;

impl FromRequestParts<Hub> for SameOrigin {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self> {
        check(&hub.config.public_url, &parts.headers).map(|()| SameOrigin)
    }
}

/// Refuses what does not say that it comes from `public_url`.
///
/// # Errors
/// When it does not say so.
pub(super) fn check(public_url: &str, headers: &HeaderMap) -> Result<()> {
    let only = |name: &HeaderName| {
        let mut values = headers.get_all(name).iter();
        let first = values.next().filter(|_| values.next().is_none());
        first.and_then(|value| value.to_str().ok())
    };
    let ours = url::Url::parse(public_url).map(|url| url.origin().ascii_serialization());
    let by_origin = only(&header::ORIGIN).is_some_and(|origin| ours.as_deref() == Ok(origin));
    if by_origin || only(&SEC_FETCH_SITE) == Some("same-origin") {
        return Ok(());
    }
    Err(Error::Forbidden(
        "a write needs an `Origin` equal to this hub's PUBLIC_URL, or `Sec-Fetch-Site: same-origin`; \
         programs use a token",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(pairs: &[(&'static str, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        check("https://board.example.org", &headers).is_ok()
    }

    #[test]
    fn our_own_pages_may_write() {
        assert!(allowed(&[("origin", "https://board.example.org")]));
        assert!(allowed(&[("sec-fetch-site", "same-origin")]));
    }

    #[test]
    fn nobody_else_may() {
        for origin in [
            "null",
            "https://example.org",
            "http://board.example.org",
            "https://board.example.org:8443",
            "https://board.example.org.evil.example",
        ] {
            assert!(!allowed(&[("origin", origin)]), "{origin}");
        }
        for site in ["same-site", "cross-site", "none"] {
            assert!(!allowed(&[("sec-fetch-site", site)]), "{site}");
        }
        assert!(!allowed(&[]));
        let ours = ("origin", "https://board.example.org");
        assert!(!allowed(&[ours, ("origin", "https://example.org")]));
    }
}
