//! Where a redirect may lead.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use reqwest::redirect::{Action, Attempt, Policy};
use url::{Host, Url};

/// Follows at most five redirects, never to a weaker scheme, never into our own network.
pub(crate) fn policy() -> Policy {
    Policy::custom(judge)
}

fn judge(attempt: Attempt<'_>) -> Action {
    if attempt.previous().len() > 5 {
        return attempt.error("more than five redirects");
    }
    let refused = attempt
        .previous()
        .last()
        .and_then(|from| refusal(from, attempt.url()));
    match refused {
        Some(reason) => attempt.error(reason),
        None => attempt.follow(),
    }
}

/// Why a redirect is not followed.
fn refusal(from: &Url, to: &Url) -> Option<String> {
    let host = to.host_str().unwrap_or("nowhere");
    match (from.scheme(), to.scheme()) {
        ("http", "http" | "https") | ("https", "https") => {}
        (from, to) => return Some(format!("a redirect from {from} to {to} at {host}")),
    }
    if to.host().is_none_or(|host| is_inside(&host)) {
        return Some(format!("a redirect into our own network, to {host}"));
    }
    None
}

/// Whether a host, as written, is ours or nobody's.
fn is_inside(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            !name.contains('.')
                || [".localhost", ".local", ".internal", ".home.arpa"]
                    .iter()
                    .any(|suffix| name.ends_with(suffix))
        }
        Host::Ipv4(address) => is_inside_v4(*address),
        Host::Ipv6(address) => is_inside_v6(*address),
    }
}

fn is_inside_v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || first == 0
        || first >= 240
        || (first == 100 && (64..128).contains(&second))
        || (first == 198 && (18..20).contains(&second))
}

fn is_inside_v6(address: Ipv6Addr) -> bool {
    let embedded = match address.to_canonical() {
        IpAddr::V4(inner) => Some(inner),
        IpAddr::V6(_) => address.to_ipv4(),
    };
    // NAT64 and 6to4 carry an IPv4 address inside; no upstream is written like that.
    let is_translated = matches!(address.segments(), [0x64, 0xff9b, ..] | [0x2002, ..]);
    address.is_loopback()
        || address.is_unspecified()
        || address.is_multicast()
        || address.is_unique_local()
        || address.is_unicast_link_local()
        || is_translated
        || embedded.is_some_and(is_inside_v4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(from: &str, to: &str) -> bool {
        refusal(&from.parse().unwrap(), &to.parse().unwrap()).is_some()
    }

    #[test]
    fn a_redirect_may_not_weaken_the_scheme() {
        assert!(refused("https://a.org/", "http://b.org/"));
        assert!(refused("https://a.org/", "ftp://b.org/"));
        assert!(!refused("http://a.org/", "https://b.org/"));
        assert!(!refused("http://a.org/", "http://b.org/"));
        assert!(!refused("https://a.org/", "https://b.org/"));
    }

    #[test]
    fn a_redirect_may_not_lead_inside() {
        for host in [
            "localhost",
            "db.localhost",
            "printer.local",
            "redis",
            "127.0.0.1",
            "127.1",
            "0x7f000001",
            "10.1.2.3",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "[::1]",
            "[::]",
            "[fd00::1]",
            "[fe80::1]",
            "[::ffff:10.0.0.1]",
            "[::127.0.0.1]",
            "[64:ff9b::127.0.0.1]",
            "[2002:7f00:1::]",
        ] {
            assert!(
                refused("http://a.org/", &format!("http://{host}/")),
                "{host}"
            );
        }
        assert!(!refused("http://a.org/", "http://134.171.42.1/"));
        assert!(!refused("http://a.org/", "http://[2001:db8::1]/"));
    }
}
