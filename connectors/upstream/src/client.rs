//! The HTTP client connectors ask with.
//!
//! One request at a time and a minimum interval per host, time-outs, retries with back-off and
//! `Retry-After`, conditional GET, limits on size and decompression, record and replay.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::Clock;
use http::header::{CONTENT_TYPE, HeaderMap};
use http::{Method, StatusCode};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};

use crate::replay::{Playing, Replay};
use crate::request::Request;
use crate::retry::{Failure, back_off, retry_after};
use crate::sleeper::Sleeper;
use crate::validators::Validators;
use crate::{Answer, Cassette, Error, Options, Pace, Recorder, Result};
use crate::{body, record, redact, redirect};

/// Asks upstreams, politely. Cheap to clone.
#[derive(Clone)]
pub struct Upstream {
    inner: Arc<Inner>,
    largest: usize,
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upstream").finish_non_exhaustive()
    }
}

struct Inner {
    http: ClientWithMiddleware,
    sleeper: Sleeper,
    clock: Clock,
    /// None where nobody is asked.
    pace: Option<Pace>,
    /// None where each answer must be the upstream's own.
    validators: Option<Validators>,
    patience: Duration,
    tries: u32,
}

impl Upstream {
    /// Asks over the network.
    ///
    /// # Errors
    /// `Unreachable` when no client can be made (a contact that fits no header, no certificates).
    pub fn live(options: Options) -> Result<Self> {
        let http = ClientBuilder::new(network(&options)?).build();
        Ok(Upstream::new(http, options, Some(Validators::default())))
    }

    /// Asks over the network and writes down what it hears.
    ///
    /// # Errors
    /// As [`live`](Self::live).
    pub fn recording(options: Options) -> Result<(Self, Recorder)> {
        let recorder = Recorder::default();
        let http = ClientBuilder::new(network(&options)?)
            .with(record::Recording {
                recorder: recorder.clone(),
                clock: options.clock.clone(),
                largest: options.largest,
            })
            .build();
        Ok((Upstream::new(http, options, None), recorder))
    }

    /// Answers from cassettes, each answer once and in order; a request that is on none is an
    /// `Unreachable` naming it. Never waits, never touches the network.
    #[must_use]
    pub fn replay(cassettes: Vec<Cassette>, clock: Clock) -> Self {
        let http = offline().with(Replay::new(cassettes, false)).build();
        Upstream::without_waits(http, clock, Some(Validators::default()))
    }

    /// The same, but the last answer of each request is given again and again.
    #[must_use]
    pub fn replay_repeating(cassettes: Vec<Cassette>, clock: Clock) -> Self {
        let http = offline().with(Replay::new(cassettes, true)).build();
        Upstream::without_waits(http, clock, Some(Validators::default()))
    }

    /// The same, and writes down the waits it spares itself.
    #[cfg(test)]
    pub(crate) fn replay_noting_waits(
        cassettes: Vec<Cassette>,
        waits: Arc<std::sync::Mutex<Vec<Duration>>>,
    ) -> Self {
        let http = offline().with(Replay::new(cassettes, true)).build();
        let options = Options {
            sleeper: Sleeper::Noted(waits),
            pace: Pace::new(Duration::ZERO),
            ..Options::new("", Clock::system())
        };
        Upstream::new(http, options, None)
    }

    /// Plays cassettes for the demo: the answer to a path is the newest one recorded by `now`
    /// (else the oldest), whatever its query and body, except as `x-match` says
    /// (see [`cassette`](crate::cassette)). Each answer may be given any number of times.
    #[must_use]
    pub fn playing(
        cassettes: Vec<Cassette>,
        now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static,
    ) -> Self {
        let http = offline()
            .with(Playing::new(cassettes, Box::new(now)))
            .build();
        Upstream::without_waits(http, Clock::system(), None)
    }

    fn without_waits(
        http: ClientWithMiddleware,
        clock: Clock,
        validators: Option<Validators>,
    ) -> Self {
        let options = Options {
            sleeper: Sleeper::Never,
            ..Options::new("", clock)
        };
        Upstream::new(http, options, validators)
    }

    fn new(http: ClientWithMiddleware, options: Options, validators: Option<Validators>) -> Self {
        let is_asking = !matches!(options.sleeper, Sleeper::Never);
        Upstream {
            largest: options.largest,
            inner: Arc::new(Inner {
                http,
                sleeper: options.sleeper,
                clock: options.clock,
                pace: is_asking.then_some(options.pace),
                validators,
                patience: options.patience,
                tries: options.tries,
            }),
        }
    }

    /// Forgets the copies kept for conditional requests: what is asked next is sent anew. For a
    /// harvest that doubts what the last one heard.
    pub fn ask_anew(&self) {
        if let Some(validators) = &self.inner.validators {
            validators.clear();
        }
    }

    /// The same upstream, taking bodies of up to `largest` bytes.
    #[must_use]
    pub fn allowing(&self, largest: usize) -> Self {
        Upstream {
            largest,
            ..self.clone()
        }
    }

    /// GET. A 304 is answered from the copy kept in memory, so callers never see one.
    ///
    /// # Errors
    /// `Unreachable`, `Busy`; `Unreadable` for an answer that is too large or a 4xx.
    pub async fn get(&self, url: &str, query: &[(&str, &str)]) -> Result<Answer> {
        self.ask(Request::get(url, query, false)?).await
    }

    /// GET that hands over 4xx and 5xx bodies as well, for upstreams whose errors must be read
    /// (TAP). A 500 comes at once, it may be an error to read; 502 to 504 after the retries.
    ///
    /// # Errors
    /// `Unreachable`, `Busy` (also for 429); `Unreadable` for an answer that is too large.
    pub async fn get_any(&self, url: &str, query: &[(&str, &str)]) -> Result<Answer> {
        self.ask(Request::get(url, query, true)?).await
    }

    /// POST of a form. Asked again on failures like a GET: connectors only post queries.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn post_form(&self, url: &str, form: &[(&str, &str)]) -> Result<Answer> {
        self.ask(Request::post(url, form, false)?).await
    }

    /// POST of a form that hands over 4xx and 5xx bodies as well.
    ///
    /// # Errors
    /// As [`get_any`](Self::get_any).
    pub async fn post_form_any(&self, url: &str, form: &[(&str, &str)]) -> Result<Answer> {
        self.ask(Request::post(url, form, true)?).await
    }

    /// Waits before asking the same again (`EXECUTING`); at once when replaying.
    pub async fn pause(&self, wait: Duration) {
        self.inner.sleeper.sleep(wait).await;
    }

    /// Asks until there is an answer, or no use in asking again.
    async fn ask(&self, request: Request) -> Result<Answer> {
        let mut tried: u32 = 0;
        loop {
            let failure = match self.ask_once(&request).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            tried = tried.saturating_add(1);
            let place = request.place();
            tracing::debug!(url.path = %place, tries = tried, "{place} failed: {failure}");
            if let Some(wait) = failure.wait.filter(|wait| *wait > self.inner.patience) {
                return Err(Error::Busy(wait));
            }
            if !failure.again || tried >= self.inner.tries {
                return failure
                    .answer
                    .filter(|_| request.any)
                    .map(|answer| *answer)
                    .ok_or_else(|| named(&place, failure.error));
            }
            let wait = failure.wait.unwrap_or_default().max(back_off(tried));
            self.inner.sleeper.sleep(wait).await;
        }
    }

    /// Asks once, when it is our turn at that host.
    async fn ask_once(&self, request: &Request) -> Result<Answer, Failure> {
        let inner = &*self.inner;
        let _turn = match &inner.pace {
            Some(pace) => Some(pace.turn(&request.host(), &inner.sleeper).await),
            None => None,
        };
        let validators = inner
            .validators
            .as_ref()
            .filter(|_| request.method == Method::GET);
        let copy = validators.and_then(|kept| kept.copy(request.url.as_str()));

        let mut ready = request.ready();
        if let Some(copy) = &copy {
            copy.condition(ready.headers_mut());
        }
        let response = inner.http.execute(ready).await?;
        let status = response.status();
        if status == StatusCode::NOT_MODIFIED
            && let Some(copy) = copy
        {
            tracing::debug!(url.path = %request.place(), "{} is unchanged", request.place());
            return Ok(copy.answer);
        }

        let headers = response.headers().clone();
        let url = redact::url(response.url());
        if !(status.is_success() || request.any) {
            return Err(self.refused(status, &headers, None));
        }
        let body = body::read(response, self.largest).await?;
        tracing::debug!(
            server.address = %request.host(),
            http.response.status_code = status.as_u16(),
            http.response.body.size = body.bytes.len(),
            whole = body.whole,
            "{} {} answered {status}, {} bytes",
            request.method,
            request.place(),
            body.bytes.len(),
        );
        let answer = Answer {
            status: status.as_u16(),
            url: url.into(),
            content_type: media_type(&headers),
            body: body.bytes,
            whole: body.whole,
        };
        if let Some(validators) = validators {
            validators.keep(request.url.as_str(), &headers, &answer);
        }
        if status.is_success() || is_to_be_read(status) {
            return Ok(answer);
        }
        Err(self.refused(status, &headers, Some(answer)))
    }

    /// What an error status means.
    fn refused(&self, status: StatusCode, headers: &HeaderMap, answer: Option<Answer>) -> Failure {
        let wait = retry_after(headers, self.inner.clock.now());
        let text = format!("answered {status}");
        if status == StatusCode::TOO_MANY_REQUESTS {
            let busy = Error::Busy(wait.unwrap_or(self.inner.patience));
            Failure {
                wait,
                ..Failure::passing(busy)
            }
        } else if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT {
            Failure {
                wait,
                answer: answer.map(Box::new),
                ..Failure::passing(Error::Unreachable(text))
            }
        } else {
            Failure::last(Error::Unreadable(text))
        }
    }
}

/// Answers that a caller who reads errors gets at once.
fn is_to_be_read(status: StatusCode) -> bool {
    status == StatusCode::INTERNAL_SERVER_ERROR
        || (status.is_client_error()
            && status != StatusCode::TOO_MANY_REQUESTS
            && status != StatusCode::REQUEST_TIMEOUT)
}

fn named(place: &str, error: Error) -> Error {
    match error {
        Error::Unreachable(text) => Error::Unreachable(format!("{place}: {text}")),
        Error::Unreadable(text) => Error::Unreadable(format!("{place}: {text}")),
        Error::Busy(wait) => Error::Busy(wait),
    }
}

fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let media = value.and_then(|v| v.split(';').next()).unwrap_or_default();
    media.trim().to_ascii_lowercase()
}

/// A client that asks over the network. Compression is undone in `body`, where it can be bounded.
fn network(options: &Options) -> Result<reqwest::Client> {
    let mut builder = reqwest::Client::builder()
        .user_agent(options.user_agent())
        .connect_timeout(options.connect)
        .timeout(options.total)
        .redirect(redirect::policy())
        .referer(false)
        .no_gzip()
        .no_brotli()
        .no_deflate()
        .no_zstd();
    for (name, address) in &options.hosts {
        builder = builder.no_proxy().resolve(name, *address);
    }
    builder
        .build()
        .map_err(|e| Error::Unreachable(format!("no client can be made: {e}")))
}

/// A client under a middleware that never asks it.
fn offline() -> ClientBuilder {
    ClientBuilder::new(reqwest::Client::new())
}

#[cfg(test)]
mod server;
#[cfg(test)]
mod tests;
