//! Recorded answers, in the VCR cassette format.

use chrono::{DateTime, Utc};

use crate::Result;

/// Recorded answers, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Cassette {
    pub(crate) tape: vcr_cassette::Cassette,
}

/// One request and its answer, for composing cassettes in tests and demos.
#[derive(Clone, Debug, PartialEq)]
pub struct Take {
    pub(crate) scene: vcr_cassette::HttpInteraction,
}

impl Cassette {
    /// An empty cassette.
    #[must_use]
    pub fn new() -> Self {
        unimplemented!()
    }

    /// Reads a cassette, JSON or YAML.
    ///
    /// # Errors
    /// `Unreadable` when it is neither, or not of this format.
    pub fn parse(_bytes: &[u8]) -> Result<Self> {
        unimplemented!()
    }

    /// The cassette as JSON, the same text for the same content.
    #[must_use]
    pub fn to_json(&self) -> String {
        unimplemented!()
    }

    /// Adds a take at the end.
    #[must_use]
    pub fn with(self, _take: Take) -> Self {
        unimplemented!()
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
    pub fn get(_url: &str, _query: &[(&str, &str)]) -> Self {
        unimplemented!()
    }

    /// A POST of a form, answered with 200 and no body until told otherwise.
    ///
    /// # Panics
    /// When `url` is none.
    #[must_use]
    pub fn post(_url: &str, _form: &[(&str, &str)]) -> Self {
        unimplemented!()
    }

    /// Answers with this status.
    #[must_use]
    pub fn status(self, _code: u16) -> Self {
        unimplemented!()
    }

    /// Answers with this header as well.
    #[must_use]
    pub fn header(self, _name: &str, _value: &str) -> Self {
        unimplemented!()
    }

    /// Answers with this body, its length stated.
    #[must_use]
    pub fn answers(self, _content_type: &str, _body: impl AsRef<[u8]>) -> Self {
        unimplemented!()
    }

    /// Answers without saying how long the body is: the answer is not `whole`.
    #[must_use]
    pub fn of_unknown_length(self) -> Self {
        unimplemented!()
    }

    /// When it was recorded.
    #[must_use]
    pub fn recorded(self, _at: DateTime<Utc>) -> Self {
        unimplemented!()
    }

    /// When played, only answers requests that hold each of these texts (`x-match`).
    #[must_use]
    pub fn matching(self, _texts: &[&str]) -> Self {
        unimplemented!()
    }
}
