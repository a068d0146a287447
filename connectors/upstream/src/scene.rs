//! What a request asks, as cassettes tell requests apart, and a recorded answer made live again.

use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderName, HeaderValue, TRANSFER_ENCODING};
use reqwest::ResponseBuilderExt;
use url::Url;
use vcr_cassette::HttpInteraction;

use crate::cassette::{MATCH, restored};
use crate::growing::LINES;
use crate::redact;

/// A request without its secrets; parameters in any order are the same request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Question {
    /// Method and URL without the query.
    pub(crate) place: Place,
    query: Vec<(String, String)>,
    body: Vec<(String, String)>,
}

/// Method and URL without the query.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    method: String,
    path: String,
}

impl Question {
    pub(crate) fn new(method: &str, url: &Url, body: &[u8]) -> Self {
        let mut path = redact::url(url);
        path.set_query(None);
        path.set_fragment(None);
        let mut query = redact::parameters(url.query().unwrap_or("").as_bytes());
        query.sort();
        let mut body = redact::parameters(body);
        body.sort();
        Question {
            place: Place {
                method: method.to_ascii_uppercase(),
                path: path.into(),
            },
            query,
            body,
        }
    }

    /// What a request asks.
    pub(crate) fn asked(request: &reqwest::Request) -> Self {
        let body = request.body().and_then(reqwest::Body::as_bytes);
        Question::new(
            request.method().as_str(),
            request.url(),
            body.unwrap_or_default(),
        )
    }

    /// What a recorded request asked.
    pub(crate) fn recorded(scene: &HttpInteraction) -> Self {
        let request = &scene.request;
        // A request body that cannot be restored matches nothing but itself.
        let body = restored(&request.body).unwrap_or_else(|_| request.body.string.clone().into());
        Question::new(request.method.as_str(), &request.uri, &body)
    }

    /// Query and body as text to look for `x-match` in.
    pub(crate) fn text(&self) -> String {
        let pairs = self.query.iter().chain(&self.body);
        let pairs: Vec<String> = pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("&")
    }
}

/// The texts a played request must hold.
pub(crate) fn needles(scene: &HttpInteraction) -> Vec<String> {
    let headers = scene.request.headers.iter();
    headers
        .filter(|(name, _)| name.eq_ignore_ascii_case(MATCH))
        .flat_map(|(_, texts)| texts.clone())
        .collect()
}

/// The recorded answer, as if it had just come from `url`.
///
/// Its body is stored unfolded, so codings are left out. A length is stated only where the
/// recording proves that the body is whole: it states the same length, or came in chunks.
pub(crate) fn response(scene: &HttpInteraction, url: &Url) -> anyhow::Result<reqwest::Response> {
    let recorded = &scene.response;
    let body = restored(&recorded.body)?;
    let length = body.len().to_string();
    let mut whole = false;
    let mut builder = http::Response::builder()
        .status(recorded.status.code)
        .url(url.clone());
    let passed_on = recorded.headers.iter().filter(|(name, _)| *name != LINES);
    for (name, values) in passed_on {
        let name = HeaderName::from_bytes(name.as_bytes())?;
        for value in values {
            if name == CONTENT_LENGTH {
                whole |= value.trim() == length;
            } else if name == TRANSFER_ENCODING {
                whole |= value.to_ascii_lowercase().contains("chunked");
            } else if name != CONTENT_ENCODING {
                builder = builder.header(name.clone(), HeaderValue::from_str(value)?);
            }
        }
    }
    if whole {
        builder = builder.header(CONTENT_LENGTH, length);
    }
    Ok(builder.body(body)?.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(method: &str, url: &str, body: &str) -> Question {
        Question::new(method, &url.parse().unwrap(), body.as_bytes())
    }

    #[test]
    fn encoding_and_order_make_no_other_question() {
        assert_eq!(
            asked("get", "https://a.org/x?q=M%2031&n=1", ""),
            asked("GET", "https://a.org/x?n=1&q=M+31", "")
        );
        assert_ne!(
            asked("GET", "https://a.org/x?n=1", ""),
            asked("GET", "https://a.org/x?n=2", "")
        );
        assert_ne!(
            asked("POST", "https://a.org/x", "a=1"),
            asked("POST", "https://a.org/x", "a=2")
        );
        assert_ne!(
            asked("POST", "https://a.org/x", ""),
            asked("GET", "https://a.org/x", "")
        );
    }

    #[test]
    fn a_secret_makes_no_other_question() {
        assert_eq!(
            asked("GET", "https://a.org/x?token=mine", ""),
            asked("GET", "https://a.org/x?token=REDACTED", "")
        );
    }

    #[test]
    fn text_is_decoded() {
        let question = asked("POST", "https://a.org/x?b=2", "QUERY=a%20%3E%20%27b%27");

        assert_eq!(question.text(), "b=2&QUERY=a > 'b'");
    }
}
