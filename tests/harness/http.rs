//! Asking a server over its socket.

use serde_json::Value;

/// An answer as tests compare it.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// The status code.
    pub(crate) status: u16,
    /// Its header fields, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// Its body, as text.
    pub(crate) body: String,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        let parsed = serde_json::from_str(&self.body);
        parsed.unwrap_or_else(|error| panic!("{error} in {} {}", self.status, self.body))
    }

    /// The value of a header field.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.headers.iter();
        fields
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Asks by GET. `None` when nobody listens, or the server goes away in the middle of its answer.
pub(crate) async fn get(url: &str) -> Option<Answer> {
    let response = client().get(url).send().await.ok()?;
    let status = response.status().as_u16();
    let text = |value: &reqwest::header::HeaderValue| {
        String::from_utf8_lossy(value.as_bytes()).into_owned()
    };
    let fields = response.headers().iter();
    let headers = fields
        .map(|(name, value)| (name.to_string(), text(value)))
        .collect();
    Some(Answer {
        status,
        headers,
        body: response.text().await.ok()?,
    })
}

/// A client that asks this machine only, whatever proxy the environment names.
pub(crate) fn client() -> reqwest::Client {
    let builder = reqwest::Client::builder()
        .no_proxy()
        .timeout(super::PATIENCE);
    builder.build().unwrap()
}
