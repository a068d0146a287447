//! One request, as a connector wants it.

use http::Method;
use http::header::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderValue};
use url::Url;
use url::form_urlencoded::Serializer;

use crate::{Error, Result};

/// One request.
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) url: Url,
    form: Option<String>,
    /// Errors are handed over to be read.
    pub(crate) any: bool,
}

impl Request {
    pub(crate) fn get(url: &str, query: &[(&str, &str)], any: bool) -> Result<Self> {
        Ok(Request {
            method: Method::GET,
            url: address(url, query)?,
            form: None,
            any,
        })
    }

    pub(crate) fn post(url: &str, form: &[(&str, &str)], any: bool) -> Result<Self> {
        Ok(Request {
            method: Method::POST,
            url: address(url, &[])?,
            form: Some(encoded(form)),
            any,
        })
    }

    pub(crate) fn ready(&self) -> reqwest::Request {
        let mut request = reqwest::Request::new(self.method.clone(), self.url.clone());
        let headers = request.headers_mut();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        if let Some(form) = &self.form {
            let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
            headers.insert(CONTENT_TYPE, form_type);
            *request.body_mut() = Some(form.clone().into());
        }
        request
    }

    pub(crate) fn host(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        match self.url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// Host and path: what may stand in messages.
    pub(crate) fn place(&self) -> String {
        format!("{}{}", self.host(), self.url.path())
    }
}

/// `url` with `query` behind it.
pub(crate) fn address(url: &str, query: &[(&str, &str)]) -> Result<Url> {
    let mut address =
        Url::parse(url).map_err(|e| Error::Unreadable(format!("not a URL to ask: {e}")))?;
    if !matches!(address.scheme(), "http" | "https") {
        let scheme = address.scheme();
        return Err(Error::Unreadable(format!("cannot ask over {scheme}")));
    }
    if !query.is_empty() {
        address.query_pairs_mut().extend_pairs(query);
    }
    Ok(address)
}

/// A form, encoded.
pub(crate) fn encoded(form: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(form).finish()
}
