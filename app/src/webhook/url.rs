//! Which URLs webhooks may go to, as far as their text tells.

use url::{Host, Url};

use super::address;

/// Longest URL taken, in bytes.
const LONGEST: usize = 2_000;

/// Why nothing is sent to a URL. Says no more of what a name resolves to than of what kind it is:
/// the addresses inside our network are nobody's business.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Longer than 2,000 bytes, or no URL with a host.
    #[error("it takes a URL such as https://example.org/hook, of at most 2,000 characters")]
    Unreadable,
    /// A scheme that is none of ours.
    #[error("{0:?} is no scheme it can use; it takes https://…")]
    Scheme(String),
    /// A user's name or password inside the URL. Deliveries are signed instead.
    #[error("it takes no name or password inside the URL; deliveries are signed instead")]
    Credentials,
    /// A port no server has.
    #[error("0 is no port")]
    Port,
    /// A host that is, by its text, no place of the public Internet.
    #[error("{host} is {what}; webhooks go to public addresses only")]
    Host {
        /// The host in the URL.
        host: String,
        /// What it is.
        what: &'static str,
    },
    /// A name that stands for no public address at the moment.
    #[error("{name} resolves to {what}; webhooks go to public addresses only")]
    Resolved {
        /// The name.
        name: String,
        /// What its first address is.
        what: &'static str,
    },
}

/// Reads the URL of a webhook and judges what its text tells: the scheme, credentials, and an
/// address written out. With `own_networks` (`ALLOW_PRIVATE_WEBHOOKS`) hosts of one's own are fine,
/// and plain `http` too. What a name resolves to is judged at each delivery, by
/// [`Caller`](super::Caller).
///
/// # Errors
/// What is wrong with it, for the user to read.
pub fn check_url(text: &str, own_networks: bool) -> Result<Url, Refusal> {
    if text.len() > LONGEST {
        return Err(Refusal::Unreadable);
    }
    let mut url = Url::parse(text.trim()).map_err(|_| Refusal::Unreadable)?;
    match url.scheme() {
        "https" => {}
        "http" if own_networks => {}
        other => return Err(Refusal::Scheme(other.chars().take(20).collect())),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refusal::Credentials);
    }
    if url.port() == Some(0) {
        return Err(Refusal::Port);
    }
    let what = match url.host() {
        None => return Err(Refusal::Unreadable),
        Some(Host::Ipv4(ip)) => address::refuse(ip.into(), own_networks),
        Some(Host::Ipv6(ip)) => address::refuse(ip.into(), own_networks),
        Some(Host::Domain(name)) if is_local(name) && !own_networks => Some("this machine's name"),
        Some(Host::Domain(_)) => None,
    };
    if let Some(what) = what {
        let host = url.host_str().unwrap_or_default().to_owned();
        return Err(Refusal::Host { host, what });
    }
    url.set_fragment(None);
    Ok(url)
}

/// `localhost` and all below it (RFC 6761).
fn is_local(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    name.rsplit('.').next() == Some("localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_https_url_is_taken_without_its_fragment() {
        let url = check_url(" https://hooks.example.org:8443/a?b=c#d ", false).unwrap();
        assert_eq!(url.as_str(), "https://hooks.example.org:8443/a?b=c");
        assert!(check_url("https://8.8.8.8/", false).is_ok());
        assert!(check_url("https://[2606:4700::1111]/", false).is_ok());
    }

    #[test]
    fn what_is_no_url_of_ours_is_refused_with_what_it_takes() {
        for (text, message) in [
            (
                "",
                "it takes a URL such as https://example.org/hook, of at most 2,000 characters",
            ),
            (
                "hooks.example.org",
                "it takes a URL such as https://example.org/hook, of at most 2,000 characters",
            ),
            (
                "http://example.org/",
                "\"http\" is no scheme it can use; it takes https://…",
            ),
            (
                "ftp://example.org/",
                "\"ftp\" is no scheme it can use; it takes https://…",
            ),
            (
                "file:///etc/passwd",
                "\"file\" is no scheme it can use; it takes https://…",
            ),
            (
                "https://a:b@example.org/",
                "it takes no name or password inside the URL; deliveries are signed instead",
            ),
            (
                "https://a@example.org/",
                "it takes no name or password inside the URL; deliveries are signed instead",
            ),
            ("https://example.org:0/", "0 is no port"),
            (
                "https://localhost/",
                "localhost is this machine's name; webhooks go to public addresses only",
            ),
            (
                "https://a.LOCALHOST./",
                "a.localhost. is this machine's name; webhooks go to public addresses only",
            ),
        ] {
            assert_eq!(
                check_url(text, false).unwrap_err().to_string(),
                message,
                "{text}"
            );
        }
        let long = format!("https://example.org/{}", "a".repeat(2_000));
        assert_eq!(check_url(&long, true), Err(Refusal::Unreadable));
    }

    #[test]
    fn an_address_is_seen_through_every_way_to_write_it() {
        for text in [
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f.0.0.1/",
            "https://0177.0.0.1/",
            "https://127.0.0.1./",
            "https://①②⑦.0.0.1/",
            "https://%31%32%37.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:7f00:1]/",
            "https://[64:ff9b::7f00:1]/",
            "https://169.254.169.254/latest/meta-data",
            "https://10.0.0.1:8443/",
        ] {
            let error = check_url(text, false).unwrap_err();
            assert!(matches!(error, Refusal::Host { .. }), "{text}: {error}");
        }
    }

    #[test]
    fn inside_ones_own_network_plain_http_is_fine() {
        for text in [
            "http://localhost:3000/",
            "http://10.0.0.1/",
            "https://[fd00::1]/",
        ] {
            assert!(check_url(text, true).is_ok(), "{text}");
        }
        assert!(check_url("http://169.254.169.254/", true).is_err());
    }
}
