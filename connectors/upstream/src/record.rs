//! Writes down what upstreams answer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use domain::Clock;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{Extensions, HeaderMap};
use reqwest::{Request, Response, ResponseBuilderExt};
use reqwest_middleware::{Error, Middleware, Next, Result};
use vcr_cassette::{HttpInteraction, Method, Status, Version};

use crate::cassette::{Cassette, stored};
use crate::{body, redact};

/// Holds what was recorded so far. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    scenes: Arc<Mutex<Vec<HttpInteraction>>>,
}

impl Recorder {
    /// All answers so far, secrets removed.
    #[must_use]
    pub fn cassette(&self) -> Cassette {
        let scenes = self.scenes.lock().unwrap_or_else(PoisonError::into_inner);
        Cassette::of(scenes.clone())
    }
}

/// Passes requests on and writes the answers down.
pub(crate) struct Recording {
    pub(crate) recorder: Recorder,
    pub(crate) clock: Clock,
    pub(crate) largest: usize,
}

#[async_trait::async_trait]
impl Middleware for Recording {
    async fn handle(
        &self,
        asked: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<Response> {
        let request = noted(&asked);
        let response = next.run(asked, extensions).await?;

        let (status, version) = (response.status(), response.version());
        let (headers, url) = (response.headers().clone(), response.url().clone());
        let body = body::read(response, self.largest)
            .await
            .map_err(Error::middleware)?;
        let headers = unfolded(headers, body.whole.then_some(body.bytes.len()));

        let scene = HttpInteraction {
            request,
            response: vcr_cassette::Response {
                body: stored(&body.bytes),
                http_version: version_of(version),
                status: Status {
                    code: status.as_u16(),
                    message: status.canonical_reason().unwrap_or_default().to_owned(),
                },
                headers: shown(&headers),
            },
            recorded_at: writable(self.clock.now()).into(),
        };
        self.recorder
            .scenes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(scene);

        let mut answer = http::Response::builder()
            .status(status)
            .url(url)
            .body(body.bytes)
            .map_err(Error::middleware)?;
        *answer.headers_mut() = headers;
        Ok(answer.into())
    }
}

/// The request as it may be kept.
fn noted(asked: &Request) -> vcr_cassette::Request {
    let sent = asked.body().and_then(reqwest::Body::as_bytes);
    let mut body = stored(sent.unwrap_or_default());
    if body.encoding.is_none() {
        body.string = redact::form(&body.string);
    }
    vcr_cassette::Request {
        uri: redact::url(asked.url()),
        body,
        method: match asked.method().as_str() {
            "GET" => Method::Get,
            "POST" => Method::Post,
            other => Method::Other(other.to_owned()),
        },
        headers: shown(asked.headers()),
    }
}

/// Headers of a body that was unfolded; its length stands there only when it is proven.
fn unfolded(mut headers: HeaderMap, length: Option<usize>) -> HeaderMap {
    headers.remove(CONTENT_ENCODING);
    headers.remove(TRANSFER_ENCODING);
    headers.remove(CONTENT_LENGTH);
    if let Some(length) = length {
        headers.insert(CONTENT_LENGTH, length.into());
    }
    headers
}

/// Headers that may be kept.
fn shown(headers: &HeaderMap) -> HashMap<String, Vec<String>> {
    let mut shown: HashMap<String, Vec<String>> = HashMap::new();
    for (name, value) in headers {
        let name = name.as_str();
        if let Ok(value) = value.to_str()
            && !redact::is_secret_header(name)
        {
            shown
                .entry(name.to_owned())
                .or_default()
                .push(value.to_owned());
        }
    }
    shown
}

fn version_of(version: http::Version) -> Option<Version> {
    match version {
        http::Version::HTTP_10 => Some(Version::Http1_0),
        http::Version::HTTP_11 => Some(Version::Http1_1),
        http::Version::HTTP_2 => Some(Version::Http2_0),
        http::Version::HTTP_3 => Some(Version::Http3_0),
        _ => None,
    }
}

/// The format's dates have years of four digits; others cannot be written.
fn writable(at: DateTime<Utc>) -> DateTime<Utc> {
    let last = DateTime::from_timestamp(253_402_300_799, 0).unwrap_or_default();
    at.clamp(DateTime::<Utc>::UNIX_EPOCH, last)
}
