//! What an upstream answered.

use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::{Error, Result};

/// The answer to one request, complete and decompressed.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status; only 2xx and the 4xx that `Upstream` hands over to be read (see its methods).
    pub status: u16,
    /// Where it came from in the end.
    pub url: String,
    /// Its media type, without parameters, lower case; empty when unstated.
    pub content_type: String,
    /// The body.
    pub body: Bytes,
    /// The length or the end of the body was stated and holds.
    pub whole: bool,
}

impl Answer {
    /// The body as text.
    ///
    /// # Errors
    /// `Unreadable` when it is not UTF-8.
    pub fn text(&self) -> Result<&str> {
        std::str::from_utf8(&self.body).map_err(|e| {
            Error::Unreadable(format!(
                "{}: not UTF-8 after byte {}",
                self.url,
                e.valid_up_to()
            ))
        })
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// `Unreadable` when it is not the JSON expected.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body)
            .map_err(|e| Error::Unreadable(format!("{}: {e}", self.url)))
    }
}
