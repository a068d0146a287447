//! The HTTP client connectors ask with.
//!
//! One request at a time and a minimum interval per host, time-outs, retries with back-off and
//! `Retry-After`, conditional GET, limits on size and decompression, record and replay.

use std::time::Duration;

use crate::{Answer, Result};

/// Asks upstreams, politely. Cheap to clone.
#[derive(Clone)]
pub struct Upstream {}

impl Upstream {
    /// GET. A 304 is answered from the copy kept in memory, so callers never see one.
    ///
    /// # Errors
    /// `Unreachable`, `Busy`; `Unreadable` for an answer that is too large or a 4xx.
    pub async fn get(&self, _url: &str, _query: &[(&str, &str)]) -> Result<Answer> {
        unimplemented!()
    }

    /// GET that hands over 4xx and 5xx bodies as well, for upstreams whose errors must be read (TAP).
    pub async fn get_any(&self, _url: &str, _query: &[(&str, &str)]) -> Result<Answer> {
        unimplemented!()
    }

    /// POST of a form. Asked again on failures like a GET: connectors only post queries.
    pub async fn post_form(&self, _url: &str, _form: &[(&str, &str)]) -> Result<Answer> {
        unimplemented!()
    }

    /// POST of a form that hands over 4xx and 5xx bodies as well.
    pub async fn post_form_any(&self, _url: &str, _form: &[(&str, &str)]) -> Result<Answer> {
        unimplemented!()
    }

    /// Waits before asking the same again (`EXECUTING`); at once when replaying.
    pub async fn pause(&self, _wait: Duration) {
        unimplemented!()
    }
}
