//! Where a request comes from: the network of the client behind the proxies we trust.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::error::{Error, Result};
use crate::hub::Hub;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The client's network: its address, or with IPv6 the 64 bits that one customer is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(pub IpNet);

impl Network {
    /// The network of an address.
    #[must_use]
    pub fn of(address: IpAddr) -> Network {
        Network(match address.to_canonical() {
            IpAddr::V4(address) => Ipv4Net::from(address).into(),
            IpAddr::V6(address) => Ipv6Net::new(address, 64).map_or_else(
                |_| IpNet::from(IpAddr::V6(address)),
                |net| net.trunc().into(),
            ),
        })
    }

    /// As text: a key to count by.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.to_string()
    }
}

impl FromRequestParts<Hub> for Network {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
        let trusted = &hub.config.trusted_proxies;
        Ok(Network::of(client(peer, &parts.headers, trusted)))
    }
}

/// The client's address. Each trusted proxy vouches for the entry it appended, the last one, and for
/// nothing before that; so entries are read from the end, for as long as a trusted one wrote them.
fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let trusts = |address: IpAddr| trusted.iter().any(|net| net.contains(&address));
    let lines = headers.get_all(FORWARDED_FOR).iter().rev();
    let entries = lines.flat_map(|line| line.to_str().unwrap_or("?").rsplit(','));
    let mut address = peer.to_canonical();
    for entry in entries {
        if !trusts(address) {
            break;
        }
        // What cannot be read is as far as we know: the proxy itself.
        let Some(before) = read(entry.trim()) else {
            break;
        };
        address = before.to_canonical();
    }
    address
}

/// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]:4711`.
fn read(entry: &str) -> Option<IpAddr> {
    let inner = entry.strip_prefix('[').and_then(|e| e.strip_suffix(']'));
    let alone = inner.unwrap_or(entry).parse().ok();
    alone.or_else(|| entry.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(FORWARDED_FOR, line.parse().unwrap());
        }
        let trusted = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        Network::of(client(peer.parse().unwrap(), &headers, &trusted)).text()
    }

    #[test]
    fn a_stranger_cannot_pass_for_another() {
        assert_eq!(seen("192.0.2.1", &["198.51.100.7"]), "192.0.2.1/32");
        assert_eq!(seen("192.0.2.1", &[]), "192.0.2.1/32");
    }

    #[test]
    fn a_trusted_proxy_vouches_for_the_last_entry_only() {
        let forwarded = ["198.51.100.7, 192.0.2.1"];
        assert_eq!(seen("10.1.1.1", &forwarded), "192.0.2.1/32");
        assert_eq!(
            seen("10.1.1.1", &["198.51.100.7", "192.0.2.1"]),
            "192.0.2.1/32"
        );
        // Two trusted ones, one behind the other.
        assert_eq!(
            seen("10.1.1.1", &["198.51.100.7, 192.0.2.1, 10.2.2.2"]),
            "192.0.2.1/32"
        );
    }

    #[test]
    fn what_cannot_be_read_counts_for_the_proxy() {
        assert_eq!(seen("10.1.1.1", &["192.0.2.1, unknown"]), "10.1.1.1/32");
        assert_eq!(seen("10.1.1.1", &[]), "10.1.1.1/32");
        assert_eq!(seen("10.1.1.1", &["192.0.2.1, "]), "10.1.1.1/32");
    }

    #[test]
    fn ports_brackets_and_mapped_addresses_are_read() {
        assert_eq!(seen("10.1.1.1", &["192.0.2.1:4711"]), "192.0.2.1/32");
        assert_eq!(
            seen("::ffff:10.1.1.1", &["::ffff:192.0.2.1"]),
            "192.0.2.1/32"
        );
        assert_eq!(
            seen("fd00::1", &["[2001:db8:1:2:3::4]:80"]),
            "2001:db8:1:2::/64"
        );
        assert_eq!(seen("fd00::1", &["[2001:db8:1:2::9]"]), "2001:db8:1:2::/64");
    }
}
