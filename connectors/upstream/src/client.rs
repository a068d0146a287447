//! The HTTP client connectors ask with.
//!
//! One request at a time and a minimum interval per host, time-outs, retries with back-off and
//! `Retry-After`, conditional GET, limits on size and decompression, record and replay.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::Clock;

use crate::{Answer, Cassette, Options, Recorder, Result};

/// Asks upstreams, politely. Cheap to clone.
#[derive(Clone)]
pub struct Upstream {}

impl Upstream {
    /// Asks over the network.
    ///
    /// # Errors
    /// `Unreachable` when no client can be made (a contact that fits no header, no certificates).
    pub fn live(_options: Options) -> Result<Self> {
        unimplemented!()
    }

    /// Asks over the network and writes down what it hears.
    ///
    /// # Errors
    /// As [`live`](Self::live).
    pub fn recording(_options: Options) -> Result<(Self, Recorder)> {
        unimplemented!()
    }

    /// Answers from cassettes, each answer once and in order; a request that is on none is an
    /// `Unreachable` naming it. Never waits, never touches the network.
    #[must_use]
    pub fn replay(_cassettes: Vec<Cassette>, _clock: Clock) -> Self {
        unimplemented!()
    }

    /// The same, but the last answer of each request is given again and again.
    #[must_use]
    pub fn replay_repeating(_cassettes: Vec<Cassette>, _clock: Clock) -> Self {
        unimplemented!()
    }

    /// Plays cassettes for the demo: the answer to a path is the newest one recorded by `now`,
    /// whatever its query and body, except as `x-match` says.
    #[must_use]
    pub fn playing(
        _cassettes: Vec<Cassette>,
        _now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static,
    ) -> Self {
        unimplemented!()
    }

    /// The same upstream, taking bodies of up to `largest` bytes.
    #[must_use]
    pub fn allowing(&self, _largest: usize) -> Self {
        unimplemented!()
    }

    /// GET. A 304 is answered from the copy kept in memory, so callers never see one.
    ///
    /// # Errors
    /// `Unreachable`, `Busy`; `Unreadable` for an answer that is too large or a 4xx.
    pub async fn get(&self, _url: &str, _query: &[(&str, &str)]) -> Result<Answer> {
        unimplemented!()
    }

    /// GET that hands over 4xx and 5xx bodies as well, for upstreams whose errors must be read (TAP).
    ///
    /// # Errors
    /// `Unreachable`, `Busy`; `Unreadable` for an answer that is too large.
    pub async fn get_any(&self, _url: &str, _query: &[(&str, &str)]) -> Result<Answer> {
        unimplemented!()
    }

    /// POST of a form. Asked again on failures like a GET: connectors only post queries.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn post_form(&self, _url: &str, _form: &[(&str, &str)]) -> Result<Answer> {
        unimplemented!()
    }

    /// POST of a form that hands over 4xx and 5xx bodies as well.
    ///
    /// # Errors
    /// As [`get_any`](Self::get_any).
    pub async fn post_form_any(&self, _url: &str, _form: &[(&str, &str)]) -> Result<Answer> {
        unimplemented!()
    }

    /// Waits before asking the same again (`EXECUTING`); at once when replaying.
    pub async fn pause(&self, _wait: Duration) {
        unimplemented!()
    }
}
