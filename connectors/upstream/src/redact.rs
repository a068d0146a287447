//! Keeps secrets out of recordings, messages and logs.

use url::Url;
use url::form_urlencoded::{self, Serializer};

/// Stands where a secret stood.
const REDACTED: &str = "REDACTED";

/// Headers that are never written down.
const HEADERS: [&str; 9] = [
    "authorization",
    "cookie",
    "proxy-authenticate",
    "proxy-authorization",
    "set-cookie",
    "x-api-key",
    "x-auth-token",
    "x-csrf-token",
    "www-authenticate",
];

/// Query and form parameters whose values are secrets, without `-` and `_`.
const PARAMETERS: [&str; 17] = [
    "accesstoken",
    "apikey",
    "auth",
    "authorization",
    "clientsecret",
    "jwt",
    "key",
    "passwd",
    "password",
    "pwd",
    "refreshtoken",
    "secret",
    "session",
    "sessionid",
    "sig",
    "signature",
    "token",
];

/// Whether a header is left out of recordings.
pub(crate) fn is_secret_header(name: &str) -> bool {
    HEADERS.contains(&name.to_ascii_lowercase().as_str())
}

fn is_secret_parameter(name: &str) -> bool {
    let plain: String = name.chars().filter(|c| !matches!(c, '-' | '_')).collect();
    PARAMETERS.contains(&plain.to_ascii_lowercase().as_str())
}

/// The parameters of a query or form, decoded, secrets blanked.
pub(crate) fn parameters(encoded: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(encoded)
        .map(|(name, value)| {
            let value = if is_secret_parameter(&name) {
                REDACTED.to_owned()
            } else {
                value.into_owned()
            };
            (name.into_owned(), value)
        })
        .collect()
}

/// A query or form without its secrets; left as it came where it holds none.
pub(crate) fn form(encoded: &str) -> String {
    let secret = form_urlencoded::parse(encoded.as_bytes()).any(|(k, _)| is_secret_parameter(&k));
    if !secret {
        return encoded.to_owned();
    }
    Serializer::new(String::new())
        .extend_pairs(parameters(encoded.as_bytes()))
        .finish()
}

/// A URL without its secrets.
pub(crate) fn url(url: &Url) -> Url {
    let mut clean = url.clone();
    // Neither can fail for a URL with a host; one without has nothing to hide there.
    let _ = clean.set_username("");
    let _ = clean.set_password(None);
    if let Some(query) = url.query() {
        clean.set_query(Some(&form(query)));
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_in_a_url_are_blanked_and_the_rest_stays_as_it_came() {
        let asked: Url = "https://me:pw@a.org/x?API_Key=abc&q=a%20b".parse().unwrap();
        assert_eq!(
            url(&asked).as_str(),
            "https://a.org/x?API_Key=REDACTED&q=a+b"
        );

        let plain: Url = "https://a.org/x?q=a%20b".parse().unwrap();
        assert_eq!(url(&plain), plain);
    }

    #[test]
    fn secrets_in_a_form_are_blanked() {
        assert_eq!(form("jwt=abc&name=M31"), "jwt=REDACTED&name=M31");
        assert_eq!(form("name=M%2031"), "name=M%2031");
        assert!(is_secret_header("Set-Cookie"));
        assert!(!is_secret_header("content-type"));
    }
}
