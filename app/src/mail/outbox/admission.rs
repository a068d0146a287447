//! Who may read the outbox: links that sign people in stand there.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::http::uri::Authority;

use crate::error::Error;
use crate::hub::Hub;

/// What a proxy adds. With one of these the peer is not who asks.
const OF_PROXIES: [&str; 12] = [
    "forwarded",
    "via",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-original-forwarded-for",
    "true-client-ip",
    "cf-connecting-ip",
    "cf-ray",
    "fastly-client-ip",
    "fly-client-ip",
    "x-request-start",
];

/// A reader on this machine, or of the demo.
pub(super) struct Reader;

impl FromRequestParts<Hub> for Reader {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Reader, Error> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map(|ConnectInfo(address)| address.ip());
        let asked = parts.uri.authority();
        let here = hub.demo.is_some() || is_here(peer, asked, &parts.headers);
        if hub.mailer.keeps() && here && !is_of_another_page(&parts.headers) {
            return Ok(Reader);
        }
        // As if it were not there: where it is not, nothing else may be learnt.
        Err(Error::NotFound("page"))
    }
}

/// Whether the request comes from this machine, to a name of this machine, with nobody between. A
/// page elsewhere whose name was turned to this machine is told by the name.
fn is_here(peer: Option<IpAddr>, asked: Option<&Authority>, headers: &HeaderMap) -> bool {
    let by_proxy = headers.keys().any(|name| {
        let name = name.as_str();
        name.starts_with("x-forwarded") || OF_PROXIES.contains(&name)
    });
    let mut hosts = headers.get_all("host").iter();
    let named = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().is_ok_and(is_this_machine),
        (None, None) => asked.is_some(),
        _ => false,
    };
    let asked_here = asked.is_none_or(|authority| is_this_machine(authority.as_str()));
    peer.is_some_and(|peer| peer.to_canonical().is_loopback()) && named && asked_here && !by_proxy
}

/// Whether `host[:port]` is a name of this machine.
fn is_this_machine(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else {
        return false;
    };
    if host.contains('@') {
        return false;
    }
    let name = authority.host().trim_matches(['[', ']']);
    let address = name.parse::<IpAddr>();
    name.eq_ignore_ascii_case("localhost")
        || name.to_ascii_lowercase().ends_with(".localhost")
        || address.is_ok_and(|address| address.is_loopback())
}

/// Whether a page of another site asks: a browser says so.
fn is_of_another_page(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site");
    let from_elsewhere = site.is_some_and(|site| site != "same-origin" && site != "none");
    headers.contains_key("origin") || from_elsewhere
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(peer: &str, headers: &[(&'static str, &str)]) -> bool {
        let pairs = headers.iter().map(|(name, value)| {
            (
                axum::http::HeaderName::from_static(name),
                value.parse().unwrap(),
            )
        });
        is_here(Some(peer.parse().unwrap()), None, &pairs.collect())
    }

    #[test]
    fn this_machine_by_its_own_name_may_read() {
        for host in [
            "localhost:8080",
            "127.0.0.1",
            "[::1]:8080",
            "LOCALHOST",
            "board.localhost",
        ] {
            assert!(asked("127.0.0.1", &[("host", host)]), "{host}");
        }
        assert!(asked("::ffff:127.0.0.1", &[("host", "localhost")]));
    }

    #[test]
    fn another_machine_or_another_name_may_not() {
        assert!(!asked("192.0.2.7", &[("host", "localhost")]));
        for host in [
            "board.example.org",
            "localhost.example.org",
            "localhost@example.org",
            "",
        ] {
            assert!(!asked("127.0.0.1", &[("host", host)]), "{host}");
        }
        assert!(!asked("127.0.0.1", &[]));
    }

    #[test]
    fn nobody_may_through_a_proxy() {
        for name in [
            "x-forwarded-for",
            "x-forwarded-proto",
            "forwarded",
            "via",
            "cf-ray",
        ] {
            assert!(
                !asked("127.0.0.1", &[("host", "localhost"), (name, "x")]),
                "{name}"
            );
        }
    }

    #[test]
    fn a_page_of_another_site_may_not() {
        let headers = |name: &'static str, value: &'static str| {
            let pair = (
                axum::http::HeaderName::from_static(name),
                value.parse().unwrap(),
            );
            HeaderMap::from_iter([pair])
        };
        assert!(is_of_another_page(&headers(
            "origin",
            "https://example.org"
        )));
        assert!(is_of_another_page(&headers("sec-fetch-site", "cross-site")));
        assert!(!is_of_another_page(&headers("sec-fetch-site", "none")));
        assert!(!is_of_another_page(&HeaderMap::new()));
    }
}
