//! What list routes share: the query's plain parameters, limits, answers with an `ETag`.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::filter::{ActivityFilter, Aliases, Context, Key};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// Items of a page when nothing is said.
pub const DEFAULT_LIMIT: usize = 50;
/// Most items of a page.
pub const MAX_LIMIT: usize = 200;
/// Longest query string read.
pub const LONGEST_QUERY: usize = 64 * 1024;

/// The pairs of a query string: those of the filter, and the others.
#[derive(Debug, Default)]
pub struct Pairs {
    /// Pairs of the filter's grammar, or of no grammar at all (an error the filter names best).
    pub filter: Vec<(String, String)>,
    /// The route's own parameters.
    own: Vec<(String, String)>,
}

impl Pairs {
    /// Reads a query string. `own` are the route's parameters; they win over filter keys.
    ///
    /// # Errors
    /// When it is too long.
    pub fn read(query: Option<&str>, own: &[&str]) -> Result<Pairs> {
        let query = query.unwrap_or_default();
        if query.len() > LONGEST_QUERY {
            return Err(Error::invalid(
                "query",
                format!("over {LONGEST_QUERY} bytes long"),
            ));
        }
        let mut pairs = Pairs::default();
        for (key, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let pair = (key.into_owned(), value.into_owned());
            if own.contains(&pair.0.as_str()) {
                pairs.own.push(pair);
            } else {
                pairs.filter.push(pair);
            }
        }
        Ok(pairs)
    }

    /// The last value of one of the route's parameters.
    #[must_use]
    pub fn own(&self, name: &str) -> Option<&str> {
        self.own
            .iter()
            .rev()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// A parameter read by `FromStr`.
    ///
    /// # Errors
    /// Naming the parameter, what it got and what it takes.
    pub fn parsed<T: std::str::FromStr>(&self, name: &str, takes: &str) -> Result<Option<T>> {
        self.own(name)
            .map(|text| {
                text.parse()
                    .map_err(|_| Error::invalid(name, format!("{text:?}; it takes {takes}")))
            })
            .transpose()
    }

    /// `limit`, 1 to 200.
    ///
    /// # Errors
    /// When it is not.
    pub fn limit(&self) -> Result<usize> {
        let takes = "a number from 1 to 200";
        let limit = self.parsed("limit", takes)?.unwrap_or(DEFAULT_LIMIT);
        if (1..=MAX_LIMIT).contains(&limit) {
            return Ok(limit);
        }
        Err(Error::invalid(
            "limit",
            format!("{limit}; it takes {takes}"),
        ))
    }

    /// The filter that the other pairs are.
    ///
    /// # Errors
    /// Naming the key or value that was not understood.
    pub fn filter(&self, context: Context, names: &dyn Aliases) -> Result<ActivityFilter> {
        let pairs = self.filter.iter().map(|(key, value)| (key, value));
        Ok(ActivityFilter::from_pairs(pairs, context, names)?)
    }

    /// Refuses whatever the route does not know (for routes without a filter).
    ///
    /// # Errors
    /// Naming the parameter.
    pub fn nothing_else(&self, known: &str) -> Result<()> {
        match self.filter.first() {
            None => Ok(()),
            Some((key, _)) if Key::is_one(key) => Err(Error::invalid(
                key,
                format!("this route takes no filter, only {known}"),
            )),
            Some((key, _)) => Err(Error::invalid(
                key,
                format!("unknown; this route takes {known}"),
            )),
        }
    }
}

/// An answer for anybody, as [`public_json`].
///
/// # Errors
/// When it has no JSON.
pub fn public(headers: &HeaderMap, answer: &impl Serialize, seconds: u32) -> Result<Response> {
    let body = serde_json::to_string(answer).map_err(anyhow::Error::from)?;
    Ok(public_json(headers, body, seconds))
}

/// JSON for anybody, fresh for `seconds`, with an `ETag`; 304 when the client has it already.
#[must_use]
pub fn public_json(headers: &HeaderMap, body: String, seconds: u32) -> Response {
    let etag = format!("\"{:x}\"", Sha256::digest(&body))[..18].to_owned() + "\"";
    let etag = HeaderValue::from_str(&etag).unwrap_or_else(|_| HeaderValue::from_static("\"0\""));
    let control = HeaderValue::from_str(&format!("public, max-age={seconds}"))
        .unwrap_or_else(|_| HeaderValue::from_static("no-cache"));
    let mut response = if is_known(headers, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let json = HeaderValue::from_static("application/json");
        ([(header::CONTENT_TYPE, json)], body).into_response()
    };
    response.headers_mut().insert(header::ETAG, etag);
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, control);
    response
}

/// Whether whoever sent these header fields has the answer of this `ETag` already.
#[must_use]
pub fn is_known(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    headers.get_all(header::IF_NONE_MATCH).iter().any(|given| {
        given.to_str().is_ok_and(|given| {
            given
                .split(',')
                .any(|one| one.trim().trim_start_matches("W/").as_bytes() == etag.as_bytes())
        })
    })
}
