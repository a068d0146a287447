//! Recorded answers, in the VCR cassette format.
//!
//! Beyond the format we have one convention of our own: the pseudo header `x-match` of a recorded
//! request. When cassettes are [played](crate::Upstream::playing) for the demo, an answer with
//! `x-match` is given only to requests whose decoded query and body (`name=value`, joined with
//! `&`) hold each of its texts. Replays in tests compare whole requests and ignore it. Answers
//! that grow while they are played have a second one, `x-lines` (see [`growing`](crate::growing)).

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde_json::Value;
use vcr_cassette::{Body, HttpInteraction, Method, Request, Response, Status};

use crate::growing::{self, Line};
use crate::request::{address, encoded};
use crate::{Error, Result};

/// Names the texts a played request must hold.
pub(crate) const MATCH: &str = "x-match";

/// Recorded answers, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Cassette {
    pub(crate) tape: vcr_cassette::Cassette,
}

/// One request and its answer, for composing cassettes in tests and demos.
#[derive(Clone, Debug, PartialEq)]
pub struct Take {
    scene: HttpInteraction,
}

impl Cassette {
    /// An empty cassette.
    #[must_use]
    pub fn new() -> Self {
        Cassette::of(Vec::new())
    }

    pub(crate) fn of(scenes: Vec<HttpInteraction>) -> Self {
        Cassette {
            tape: vcr_cassette::Cassette {
                http_interactions: scenes,
                recorded_with: format!("Starboard {}", env!("CARGO_PKG_VERSION")),
            },
        }
    }

    /// Reads a cassette, JSON or YAML.
    ///
    /// # Errors
    /// `Unreadable` when it is neither, or not of this format.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let is_json = bytes.trim_ascii_start().starts_with(b"{");
        let tape = if is_json {
            serde_json::from_slice(bytes).map_err(|e| e.to_string())
        } else {
            serde_norway::from_slice(bytes).map_err(|e| e.to_string())
        };
        let tape = tape.map_err(|why| Error::Unreadable(format!("not a cassette: {why}")))?;
        Ok(Cassette { tape })
    }

    /// The cassette as JSON, the same text for the same content.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut value = serde_json::to_value(&self.tape).unwrap_or(Value::Null);
        value.sort_all_objects();
        let mut text = format!("{value:#}");
        text.push('\n');
        text
    }

    /// Adds a take at the end.
    #[must_use]
    pub fn with(mut self, take: Take) -> Self {
        self.tape.http_interactions.push(take.scene);
        self
    }

    /// How many answers it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tape.http_interactions.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tape.http_interactions.is_empty()
    }
}

impl Default for Cassette {
    fn default() -> Self {
        Cassette::new()
    }
}

impl Take {
    /// A GET, answered with 200 and no body until told otherwise.
    ///
    /// # Panics
    /// When `url` is none: takes are composed from literals.
    #[must_use]
    pub fn get(url: &str, query: &[(&str, &str)]) -> Self {
        Take::new(Method::Get, url, query, String::new())
    }

    /// A POST of a form, answered with 200 and no body until told otherwise.
    ///
    /// # Panics
    /// When `url` is none.
    #[must_use]
    pub fn post(url: &str, form: &[(&str, &str)]) -> Self {
        Take::new(Method::Post, url, &[], encoded(form))
    }

    fn new(method: Method, url: &str, query: &[(&str, &str)], body: String) -> Self {
        let uri = address(url, query).expect("a take is composed from a literal URL");
        let body = Body {
            encoding: None,
            string: body,
        };
        Take {
            scene: HttpInteraction {
                request: Request {
                    uri,
                    body,
                    method,
                    headers: HashMap::new(),
                },
                response: Response {
                    body: stored(b""),
                    http_version: None,
                    status: Status {
                        code: 200,
                        message: String::new(),
                    },
                    headers: HashMap::from([("content-length".into(), vec!["0".into()])]),
                },
                recorded_at: DateTime::<Utc>::UNIX_EPOCH.into(),
            },
        }
    }

    /// Answers with this status.
    #[must_use]
    pub fn status(mut self, code: u16) -> Self {
        self.scene.response.status.code = code;
        self
    }

    /// Answers with this header as well.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let values = self.scene.response.headers.entry(name.to_lowercase());
        values.or_default().push(value.to_owned());
        self
    }

    /// Answers with this body, its length stated.
    #[must_use]
    pub fn answers(mut self, content_type: &str, body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let response = &mut self.scene.response;
        response.body = stored(body);
        for (name, value) in [
            ("content-length", body.len().to_string()),
            ("content-type", content_type.to_owned()),
        ] {
            response.headers.insert(name.to_owned(), vec![value]);
        }
        self
    }

    /// Answers with these lines, each while it is there; to replays, all of them are.
    #[must_use]
    pub fn answers_lines(self, content_type: &str, lines: &[Line]) -> Self {
        let (body, lives) = growing::written(lines);
        let mut take = self.answers(content_type, body);
        let headers = &mut take.scene.response.headers;
        headers.insert(growing::LINES.to_owned(), lives);
        take
    }

    /// Answers without saying how long the body is: the answer is not `whole`.
    #[must_use]
    pub fn of_unknown_length(mut self) -> Self {
        self.scene.response.headers.remove("content-length");
        self
    }

    /// When it was recorded, to the second.
    #[must_use]
    pub fn recorded(mut self, at: DateTime<Utc>) -> Self {
        self.scene.recorded_at = at.into();
        self
    }

    /// When played, only answers requests that hold each of these texts (`x-match`).
    #[must_use]
    pub fn matching(mut self, texts: &[&str]) -> Self {
        let texts = texts.iter().map(|&text| text.to_owned()).collect();
        self.scene.request.headers.insert(MATCH.to_owned(), texts);
        self
    }
}

/// A body as cassettes hold it: text where it is text, base64 otherwise.
pub(crate) fn stored(bytes: &[u8]) -> Body {
    match std::str::from_utf8(bytes) {
        Ok(text) => Body {
            encoding: None,
            string: text.to_owned(),
        },
        Err(_) => Body {
            encoding: Some("base64".to_owned()),
            string: STANDARD.encode(bytes),
        },
    }
}

/// The bytes a stored body stands for. Encodings other than base64 (`UTF-8`, `US-ASCII`) name
/// what the text was before it became JSON.
pub(crate) fn restored(body: &Body) -> Result<Vec<u8>, base64::DecodeError> {
    let is_base64 = body
        .encoding
        .as_deref()
        .is_some_and(|encoding| encoding.eq_ignore_ascii_case("base64"));
    if is_base64 {
        let dense: String = body.string.split_ascii_whitespace().collect();
        STANDARD.decode(dense)
    } else {
        Ok(body.string.clone().into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    #[test]
    fn a_cassette_written_as_json_reads_the_same() {
        let at = Utc.with_ymd_and_hms(2026, 11, 21, 9, 0, 0).unwrap();
        let cassette = Cassette::new()
            .with(
                Take::get("https://a.org/x", &[("q", "M 31")])
                    .answers("text/plain", "caf\u{e9}")
                    .header("ETag", "\"1\"")
                    .matching(&["M 31"])
                    .recorded(at),
            )
            .with(
                Take::post("https://a.org/y", &[("n", "1")]).answers("image/x", [0xff, 0x00, 0xfe]),
            );

        let text = cassette.to_json();

        assert_eq!(Cassette::parse(text.as_bytes()).unwrap(), cassette);
        assert!(text.contains(r#""encoding": "base64""#), "{text}");
        assert_eq!(
            Cassette::parse(text.as_bytes()).unwrap().to_json(),
            text,
            "the same text for the same content"
        );
    }

    #[test]
    fn a_cassette_in_the_ruby_spelling_is_read() {
        let yaml = "\
---
http_interactions:
- request:
    method: get
    uri: http://a.org/plan
    body:
      encoding: US-ASCII
      string: ''
    headers:
      Accept:
      - '*/*'
  response:
    status:
      code: 200
      message: OK
    headers:
      Content-Type:
      - text/plain
    body:
      encoding: base64
      string: |
        aGVs
        bG8=
    http_version: '1.1'
  recorded_at: Tue, 01 Nov 2011 04:58:44 GMT
recorded_with: VCR 2.0.0
";
        let cassette = Cassette::parse(yaml.as_bytes()).unwrap();

        assert_eq!(cassette.len(), 1);
        let body = &cassette.tape.http_interactions[0].response.body;
        assert_eq!(restored(body).unwrap(), b"hello");
    }

    #[test]
    fn what_is_no_cassette_is_unreadable() {
        for text in ["", "{}", "[1]", "<html>", "{\"http_interactions\": 1"] {
            assert!(Cassette::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
