//! Asking a running server.

mod refused;

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use bytes::Bytes;
use clap::Args;
use reqwest::header::{COOKIE, HeaderMap, HeaderValue, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Method, Response};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

pub(super) use self::refused::{Refused, refusal};
use super::tokens_kept;
use crate::config::Config;
use crate::words::plain;

/// Longest wait for a connection.
pub(super) const CONNECT: Duration = Duration::from_secs(10);
/// Longest wait for an answer.
const ANSWER: Duration = Duration::from_secs(60);

/// Which server is asked.
#[derive(Debug, Args)]
pub(super) struct Server {
    /// The server to ask [default: the local one, on $PORT]
    #[arg(
        long,
        env = "STARBOARD_SERVER",
        hide_env_values = true,
        value_name = "URL"
    )]
    #[arg(value_parser = address)]
    server: Option<Url>,
}

impl Server {
    /// Its address: what was given, or this machine.
    pub(super) fn address(&self, config: &Config) -> anyhow::Result<Url> {
        match &self.server {
            Some(url) => Ok(url.clone()),
            None => local(config),
        }
    }
}

/// The server that the same settings would start here.
fn local(config: &Config) -> anyhow::Result<Url> {
    let ip = match config.listen.ip() {
        ip if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        ip => ip,
    };
    let place = std::net::SocketAddr::new(ip, config.listen.port());
    Ok(Url::parse(&format!("http://{place}"))?)
}

fn address(text: &str) -> Result<Url, String> {
    let takes = "it takes an address such as https://starboard.example.org";
    // A host and port alone parse as a scheme and a path.
    let url = Url::parse(text).map_err(|error| format!("{error}; {takes}"))?;
    match url.scheme() {
        "http" | "https" if url.has_host() => Ok(url),
        other => Err(format!("{other:?} is no way to ask; {takes}")),
    }
}

/// A path of a server, with a query.
pub(super) fn at(base: &Url, path: &str, query: &[(&str, &str)]) -> anyhow::Result<Url> {
    let mut url = base.clone();
    url.path_segments_mut()
        .map_err(|()| anyhow!("{base} has no paths"))?
        .pop_if_empty()
        .extend(path.trim_start_matches('/').split('/'));
    url.set_fragment(None);
    url.set_query(None);
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    Ok(url)
}

/// By what a request is signed in.
#[derive(Debug)]
pub(super) enum Pass {
    /// Nothing.
    Visitor,
    /// An API token.
    Token(String),
    /// A session, as the `name=value` of its cookie; or none yet. Says that it is no stranger's page
    /// that writes.
    Session(Option<HeaderValue>),
}

/// Asks one server.
#[derive(Debug)]
pub(super) struct Client {
    base: Url,
    http: reqwest::Client,
    pass: Pass,
}

impl Client {
    /// A visitor's client of this server.
    pub(super) fn new(base: Url) -> anyhow::Result<Client> {
        Client::with(base, Pass::Visitor)
    }

    /// The client of whoever signed in to this server with `starboard login`, or by
    /// `STARBOARD_TOKEN`; a visitor's when nobody did.
    ///
    /// # Errors
    /// When the kept tokens cannot be read.
    pub(super) fn signed_in(base: Url) -> anyhow::Result<Client> {
        let pass = tokens_kept::token(&base)?.map_or(Pass::Visitor, Pass::Token);
        Client::with(base, pass)
    }

    /// A client with this pass.
    pub(super) fn with(base: Url, pass: Pass) -> anyhow::Result<Client> {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("starboard/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            .timeout(ANSWER);
        // No proxy leads to this machine.
        if is_this_machine(&base) {
            builder = builder.no_proxy();
        }
        // A password or a token goes to nobody but the server that was named.
        if !matches!(pass, Pass::Visitor) {
            builder = builder.redirect(Policy::none());
        }
        Ok(Client {
            base,
            http: builder.build().context("making a client")?,
            pass,
        })
    }

    /// Whether it is signed in by a token.
    pub(super) fn has_token(&self) -> bool {
        matches!(self.pass, Pass::Token(_))
    }

    /// What the server answers to a GET.
    ///
    /// # Errors
    /// That nobody answers, or what the server says is wrong.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> anyhow::Result<T> {
        let (_, body) = self.send(Method::GET, path, query, None).await?;
        self.read(&body)
    }

    /// What the server answers to JSON.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub(super) async fn give<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        json: &Value,
    ) -> anyhow::Result<T> {
        let (_, body) = self.send(method, path, &[], Some(json)).await?;
        self.read(&body)
    }

    /// The fields and the body of an answer.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        json: Option<&Value>,
    ) -> anyhow::Result<(HeaderMap, Bytes)> {
        let mut request = self.http.request(method, at(&self.base, path, query)?);
        request = match &self.pass {
            Pass::Visitor => request,
            Pass::Token(token) => request.bearer_auth(token),
            Pass::Session(cookie) => {
                let request = request.header("sec-fetch-site", "same-origin");
                match cookie {
                    None => request,
                    Some(cookie) => request.header(COOKIE, cookie.clone()),
                }
            }
        };
        if let Some(json) = json {
            request = request.json(json);
        }
        let sent = request.send().await;
        let response = sent.map_err(|error| self.unreached(error))?;
        let status = response.status();
        if status.is_redirection() {
            return Err(self.moved(&response));
        }
        let fields = response.headers().clone();
        let body = response.bytes().await;
        let body = body.map_err(|error| self.unreached(error))?;
        match status.is_success() {
            true => Ok((fields, body)),
            false => Err(refusal(&self.base, status, &body)),
        }
    }

    /// What an answer's body says.
    ///
    /// # Errors
    /// When it is none of ours.
    pub(super) fn read<T: DeserializeOwned>(&self, body: &[u8]) -> anyhow::Result<T> {
        serde_json::from_slice(body)
            .with_context(|| format!("{} answered, but not like a Starboard server", self.base))
    }

    fn unreached(&self, error: reqwest::Error) -> anyhow::Error {
        let why = root(&error.without_url());
        anyhow!("no answer from {} ({why}): {HOW}", self.base)
    }

    fn moved(&self, response: &Response) -> anyhow::Error {
        let place = response.headers().get(LOCATION);
        let place = place
            .and_then(|place| place.to_str().ok())
            .unwrap_or("elsewhere");
        anyhow!(
            "{} answered {}, to {}: name the address it is at with --server",
            self.base,
            response.status(),
            plain(place)
        )
    }
}

/// What to do when nobody answers.
pub(super) const HOW: &str = "start one with `starboard serve`, or name another with --server";

/// The innermost cause, the one a person can act on.
fn root(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// Whether a URL names this machine.
pub(super) fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// A page of a list.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Page<T> {
    /// Its items.
    pub(super) items: Vec<T>,
    /// The cursor of the next page.
    #[serde(default)]
    pub(super) next: Option<String>,
}

/// Follows a list from page to page, at most `most` items; hands over each page.
pub(super) async fn pages<T: DeserializeOwned>(
    client: &Client,
    path: &str,
    query: &[(&str, &str)],
    most: Option<usize>,
    mut take: impl FnMut(Vec<T>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut cursor: Option<String> = None;
    let mut left = most.unwrap_or(usize::MAX);
    while left > 0 {
        let limit = left.min(crate::page::MAX_LIMIT);
        let count = limit.to_string();
        let mut asked = query.to_vec();
        asked.push(("limit", &count));
        asked.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
        let mut page: Page<T> = client.get(path, &asked).await?;
        page.items.truncate(limit);
        left = left.saturating_sub(page.items.len());
        take(page.items)?;
        match page.next {
            None => return Ok(()),
            Some(next) if cursor.as_ref() == Some(&next) => {
                bail!("the server repeats a page (cursor {:?})", plain(&next))
            }
            Some(next) => cursor = Some(next),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_local_server_is_asked_where_it_listens() {
        for (settings, address) in [
            (&[][..], "http://127.0.0.1:8080/"),
            (&[("PORT", "5000")][..], "http://127.0.0.1:5000/"),
            (
                &[("PORT", "5000"), ("BIND", "::1")][..],
                "http://[::1]:5000/",
            ),
        ] {
            let get = |name: &str| {
                settings
                    .iter()
                    .find(|(k, _)| *k == name)
                    .map(|(_, v)| (*v).to_owned())
            };
            let config = Config::read(get).unwrap();
            assert_eq!(local(&config).unwrap().as_str(), address);
        }
    }

    #[test]
    fn a_path_is_put_behind_the_servers_own() {
        let base = address("https://a.org/board/").unwrap();
        let url = at(&base, "/api/activities", &[("pos", "CIRCLE 1 2 3")]).unwrap();
        assert_eq!(
            url.as_str(),
            "https://a.org/board/api/activities?pos=CIRCLE+1+2+3"
        );
        let base = address("http://a.org").unwrap();
        assert_eq!(
            at(&base, "/api/now", &[]).unwrap().as_str(),
            "http://a.org/api/now"
        );
    }

    #[test]
    fn an_address_without_a_scheme_is_refused() {
        for text in ["localhost:8080", "a.org", "ftp://a.org", ""] {
            let error = address(text).unwrap_err();
            assert!(error.contains("https://starboard.example.org"), "{error}");
        }
    }
}
