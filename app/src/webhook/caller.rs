//! The client that posts to endpoints.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use tokio::time::{Instant, timeout_at};
use url::{Host, Url};

use super::answer::{Answer, KEPT, WebhookError};
use super::names::{Guard, Names, SystemNames, Unresolved};
use super::retry_after;
use super::secret::{Secret, sign};
use super::url::{Refusal, check_url};

/// The time a delivery may take, from looking the name up to the last byte of the answer.
pub const LIMIT: Duration = Duration::from_secs(10);
/// How long a connection is kept for the next delivery.
const IDLE: Duration = Duration::from_secs(30);

/// Posts to endpoints. Follows no redirect and heeds no proxy of the environment.
#[derive(Clone)]
pub struct Caller {
    http: Client,
    guard: Guard,
    own_networks: bool,
    limit: Duration,
}

impl Caller {
    /// A caller that asks this machine for the addresses of names. With `own_networks`
    /// (`ALLOW_PRIVATE_WEBHOOKS`) it posts to hosts of one's own as well.
    ///
    /// # Errors
    /// When there is no client to be had (TLS).
    pub fn new(own_networks: bool) -> anyhow::Result<Caller> {
        Caller::with(own_networks, Arc::new(SystemNames), LIMIT)
    }

    /// A caller with other names and another limit of time.
    ///
    /// # Errors
    /// As [`Caller::new`].
    pub fn with(
        own_networks: bool,
        names: Arc<dyn Names>,
        limit: Duration,
    ) -> anyhow::Result<Caller> {
        let guard = Guard::new(names, own_networks);
        let http = Client::builder()
            .user_agent(concat!("starboard/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(guard.clone())
            .redirect(Policy::none())
            .no_proxy()
            // Sooner than the whole: who was never reached has nothing to repeat.
            .connect_timeout(limit / 10 * 9)
            .referer(false)
            .https_only(!own_networks)
            // A kilobyte is read: nothing is gained by compression, and much could unfold.
            .no_gzip()
            .no_brotli()
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(2)
            .build()
            .context("making the client of webhooks")?;
        Ok(Caller {
            http,
            guard,
            own_networks,
            limit,
        })
    }

    /// Reads a URL as [`check_url`] does, and also judges what its name resolves to at the moment.
    /// A name that cannot be looked up passes: each delivery judges again.
    ///
    /// # Errors
    /// What is wrong with it, for the user to read.
    pub async fn check(&self, text: &str) -> Result<Url, Refusal> {
        let url = check_url(text, self.own_networks)?;
        if let Some(Host::Domain(name)) = url.host() {
            let deadline = Instant::now() + self.limit;
            let found = timeout_at(deadline, self.guard.addresses(name)).await;
            if let Ok(Err(Unresolved::Refused(refusal))) = found {
                return Err(refusal);
            }
        }
        Ok(url)
    }

    /// Posts a body of JSON, signed with every secret. `id` names the message, the same in every
    /// attempt, so that the endpoint can tell a repeat; the timestamp is this attempt's. An answer
    /// with 2xx is a success; its body may still stall or break then.
    ///
    /// # Errors
    /// When it was not delivered: what may be better later, and what may not.
    pub async fn post(
        &self,
        url: &str,
        secrets: &[Secret],
        id: &str,
        body: impl Into<Bytes>,
        now: DateTime<Utc>,
    ) -> Result<Answer, WebhookError> {
        let url = check_url(url, self.own_networks)?;
        let body = body.into();
        let timestamp = now.timestamp();
        let request = self
            .http
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", sign(secrets, id, timestamp, &body))
            .body(body);
        let deadline = Instant::now() + self.limit;
        let response = match timeout_at(deadline, request.send()).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(unsent(error)),
            Err(_) => {
                let seconds = self.limit.as_secs_f64();
                return Err(WebhookError::Unknown {
                    why: format!("no answer within {seconds} s"),
                });
            }
        };
        let status = response.status();
        let retry_after = wish(&response, now);
        let answer = Answer::new(status.as_u16(), beginning(response, deadline).await);
        judge(status, answer, retry_after)
    }
}

/// What an answer means.
fn judge(
    status: StatusCode,
    answer: Answer,
    retry_after: Option<Duration>,
) -> Result<Answer, WebhookError> {
    if status.is_success() {
        return Ok(answer);
    }
    if status == StatusCode::GONE {
        return Err(WebhookError::Gone(answer));
    }
    let more = if status.is_redirection() {
        "; redirects are not followed"
    } else {
        ""
    };
    Err(WebhookError::Later {
        why: format!("the endpoint answered {status}{more}"),
        answer: Some(answer),
        retry_after,
    })
}

/// When the endpoint wants to be asked again.
fn wish(response: &Response, now: DateTime<Utc>) -> Option<Duration> {
    let value = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    retry_after::read(value, now)
}

/// The beginning of a body: as much as is kept and a byte more, or what comes until the deadline.
async fn beginning(mut response: Response, deadline: Instant) -> Vec<u8> {
    let mut read = Vec::new();
    while read.len() <= KEPT {
        match timeout_at(deadline, response.chunk()).await {
            Ok(Ok(Some(chunk))) => read.extend(chunk.iter().take(KEPT + 1 - read.len())),
            Ok(Ok(None) | Err(_)) | Err(_) => break,
        }
    }
    read
}

/// Why a request got no answer: the refusal of our own guard, or what the innermost cause says.
fn unsent(error: reqwest::Error) -> WebhookError {
    let unconnected = error.is_connect();
    let error = error.without_url();
    let mut cause: &dyn Error = &error;
    loop {
        if let Some(refusal) = cause.downcast_ref::<Refusal>() {
            return refusal.clone().into();
        }
        match cause.source() {
            Some(inner) => cause = inner,
            None if unconnected => {
                return WebhookError::unanswered(format!("no connection: {cause}"));
            }
            None => {
                let why = format!("no answer: {cause}");
                return WebhookError::Unknown { why };
            }
        }
    }
}
