//! Which IP addresses a stranger may send us to: those the public Internet routes.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

/// A range that is not for everybody (IANA's registries of special-purpose addresses).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Special {
    /// What an address of it is, as a message says it.
    what: &'static str,
    /// Whether hosts of one's own are found there.
    own: bool,
}

const fn own(what: &'static str) -> Special {
    Special { what, own: true }
}

const fn nobody(what: &'static str) -> Special {
    Special { what, own: false }
}

const RESERVED: Special = nobody("a reserved address");
const DOCUMENTATION: Special = nobody("an address for documentation");
const LINK_LOCAL: Special = nobody("a link-local address");
const MULTICAST: Special = nobody("a multicast address");

const V4: &[(Ipv4Net, Special)] = &[
    (v4(0, 0, 0, 0, 8), nobody("an address of this network")),
    (v4(10, 0, 0, 0, 8), own("a private address")),
    (v4(100, 64, 0, 0, 10), own("a shared address of a provider")),
    (v4(127, 0, 0, 0, 8), own("a loopback address")),
    (v4(169, 254, 0, 0, 16), LINK_LOCAL),
    (v4(172, 16, 0, 0, 12), own("a private address")),
    (v4(192, 0, 0, 0, 24), RESERVED),
    (v4(192, 0, 2, 0, 24), DOCUMENTATION),
    (v4(192, 88, 99, 0, 24), RESERVED),
    (v4(192, 168, 0, 0, 16), own("a private address")),
    (v4(198, 18, 0, 0, 15), nobody("an address for benchmarks")),
    (v4(198, 51, 100, 0, 24), DOCUMENTATION),
    (v4(203, 0, 113, 0, 24), DOCUMENTATION),
    (v4(224, 0, 0, 0, 4), MULTICAST),
    (v4(240, 0, 0, 0, 4), RESERVED),
];

const V6: &[(Ipv6Net, Special)] = &[
    (v6([0, 0, 0, 0, 0, 0, 0, 0], 128), nobody("no address")),
    (v6([0, 0, 0, 0, 0, 0, 0, 1], 128), own("a loopback address")),
    (
        v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7),
        own("a unique local address"),
    ),
    (v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10), LINK_LOCAL),
    (v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8), MULTICAST),
    // Teredo, ORCHID, benchmarks: an address inside may stand for another, or for none.
    (v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), RESERVED),
    (v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), DOCUMENTATION),
    (v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), DOCUMENTATION),
];

/// All of IPv6 that is given out for the public Internet so far.
const GLOBAL: Ipv6Net = v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);
/// An IPv4 address as IPv6 sockets show it.
const MAPPED: Ipv6Net = v6([0, 0, 0, 0, 0, 0xffff, 0, 0], 96);
/// What a translating gateway turns into IPv4 (RFC 6052).
const NAT64: Ipv6Net = v6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96);
/// IPv6 over IPv4, which the address itself names.
const SIX_TO_FOUR: Ipv6Net = v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16);

const fn v4(a: u8, b: u8, c: u8, d: u8, bits: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), bits)
}

const fn v6(words: [u16; 8], bits: u8) -> Ipv6Net {
    let [a, b, c, d, e, f, g, h] = words;
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, e, f, g, h), bits)
}

/// What is wrong with an address, or nothing: `a loopback address`. With `own_networks` hosts of
/// private networks and of this machine are allowed too; link-local ones never, because that is
/// where clouds keep the credentials of their machines.
pub(super) fn refuse(ip: IpAddr, own_networks: bool) -> Option<&'static str> {
    let special = match ip {
        IpAddr::V4(ip) => special_v4(ip),
        IpAddr::V6(ip) => special_v6(ip),
    }?;
    (!own_networks || !special.own).then_some(special.what)
}

fn special_v4(ip: Ipv4Addr) -> Option<Special> {
    let mut ranges = V4.iter();
    let (_, special) = ranges.find(|(range, _)| range.contains(&ip))?;
    Some(*special)
}

fn special_v6(ip: Ipv6Addr) -> Option<Special> {
    if let Some(inner) = inner(ip) {
        return special_v4(inner);
    }
    let mut ranges = V6.iter();
    match ranges.find(|(range, _)| range.contains(&ip)) {
        Some((_, special)) => Some(*special),
        // IPv4-compatible and IPv4-translated addresses, private gateways, and what is still free.
        None => (!GLOBAL.contains(&ip)).then_some(RESERVED),
    }
}

/// The IPv4 address that packets to this one end at.
fn inner(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let bytes = ip.octets();
    if MAPPED.contains(&ip) || NAT64.contains(&ip) {
        let [.., a, b, c, d] = bytes;
        return Some(Ipv4Addr::new(a, b, c, d));
    }
    let [_, _, a, b, c, d, ..] = bytes;
    SIX_TO_FOUR.contains(&ip).then(|| Ipv4Addr::new(a, b, c, d))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str, own_networks: bool) -> Option<&'static str> {
        refuse(text.parse().unwrap(), own_networks)
    }

    #[test]
    fn the_public_internet_may_be_asked() {
        for text in [
            "8.8.8.8",
            "1.1.1.1",
            "172.15.255.255",
            "172.32.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "192.0.1.0",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00:1450::1",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2002:808:808::1",
        ] {
            assert_eq!(refused(text, false), None, "{text}");
        }
    }

    #[test]
    fn places_behind_our_own_door_are_refused_by_name() {
        for (text, what) in [
            ("0.0.0.0", "an address of this network"),
            ("0.1.2.3", "an address of this network"),
            ("10.0.0.1", "a private address"),
            ("172.16.0.1", "a private address"),
            ("172.31.255.255", "a private address"),
            ("192.168.1.1", "a private address"),
            ("100.64.0.1", "a shared address of a provider"),
            ("100.127.255.255", "a shared address of a provider"),
            ("127.0.0.1", "a loopback address"),
            ("127.255.255.254", "a loopback address"),
            ("169.254.169.254", "a link-local address"),
            ("192.0.0.170", "a reserved address"),
            ("192.0.2.7", "an address for documentation"),
            ("198.51.100.7", "an address for documentation"),
            ("203.0.113.7", "an address for documentation"),
            ("198.19.0.1", "an address for benchmarks"),
            ("224.0.0.1", "a multicast address"),
            ("255.255.255.255", "a reserved address"),
            ("::", "no address"),
            ("::1", "a loopback address"),
            ("fc00::1", "a unique local address"),
            ("fd12:3456::1", "a unique local address"),
            ("fe80::1", "a link-local address"),
            ("fec0::1", "a reserved address"),
            ("ff02::1", "a multicast address"),
            ("100::1", "a reserved address"),
            ("2001:db8::1", "an address for documentation"),
            ("3fff::1", "an address for documentation"),
            ("2001::1", "a reserved address"),
            ("4000::1", "a reserved address"),
        ] {
            assert_eq!(refused(text, false), Some(what), "{text}");
        }
    }

    #[test]
    fn ipv4_in_the_clothes_of_ipv6_is_judged_as_ipv4() {
        for (text, what) in [
            ("::ffff:127.0.0.1", "a loopback address"),
            ("::ffff:10.1.2.3", "a private address"),
            ("::ffff:169.254.169.254", "a link-local address"),
            ("64:ff9b::127.0.0.1", "a loopback address"),
            ("64:ff9b::192.168.0.1", "a private address"),
            ("2002:7f00:1::1", "a loopback address"),
            ("2002:a00:1::", "a private address"),
            ("2002:a9fe:a9fe::", "a link-local address"),
        ] {
            assert_eq!(refused(text, false), Some(what), "{text}");
        }
        // Forms that nobody routes are refused whatever they hold.
        for text in [
            "::127.0.0.1",
            "::8.8.8.8",
            "::ffff:0:127.0.0.1",
            "64:ff9b:1::8.8.8.8",
        ] {
            assert_eq!(refused(text, false), Some("a reserved address"), "{text}");
        }
    }

    #[test]
    fn hosts_of_ones_own_are_allowed_where_the_operator_says_so() {
        for text in [
            "127.0.0.1",
            "10.0.0.1",
            "::1",
            "fd00::1",
            "::ffff:192.168.0.1",
        ] {
            assert_eq!(refused(text, true), None, "{text}");
        }
        for text in [
            "169.254.169.254",
            "fe80::1",
            "0.0.0.0",
            "224.0.0.1",
            "::",
            "192.0.2.1",
        ] {
            assert!(refused(text, true).is_some(), "{text}");
        }
    }
}
