//! Mail addresses, as people give them and as they are compared.

use std::fmt;

use crate::error::{Error, Result};

/// Longest address (RFC 5321, without the brackets of a path).
const LONGEST: usize = 254;
/// Longest part before the `@`.
const LONGEST_LOCAL: usize = 64;

/// A mail address that can be written to.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    shown: String,
    key: String,
}

/// Keeps addresses out of logs.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(***)")
    }
}

impl Address {
    /// Reads an address. A name in other letters than ours becomes the ASCII the network knows it
    /// by; the part before the `@` stays as it is.
    ///
    /// # Errors
    /// Naming the field `email` and what it takes.
    pub fn read(text: &str) -> Result<Address> {
        let bad = || {
            Error::invalid(
                "email",
                "it takes an address such as astronomer@example.org",
            )
        };
        let (local, domain) = text.trim().rsplit_once('@').ok_or_else(bad)?;
        let Ok(url::Host::Domain(domain)) = url::Host::parse(domain) else {
            return Err(bad());
        };
        let labels = domain.split('.').all(|label| {
            let good = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
            !label.is_empty() && label.len() <= 63 && label.bytes().all(good)
        });
        let shown = format!("{local}@{domain}");
        if !labels || !is_atoms(local) || shown.len() > LONGEST {
            return Err(bad());
        }
        let key = shown.to_ascii_lowercase();
        Ok(Address { shown, key })
    }

    /// As it is written to.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// As it is compared: two that differ in capitals only are one.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// Whether this is what RFC 5322 calls a dot-atom.
fn is_atoms(local: &str) -> bool {
    let good = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&b);
    local.len() <= LONGEST_LOCAL
        && local
            .split('.')
            .all(|atom| !atom.is_empty() && atom.bytes().all(good))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_and_blanks_around_make_no_other_address() {
        let one = Address::read(" Astronomer@Example.ORG ").unwrap();
        assert_eq!(one.shown(), "Astronomer@example.org");
        assert_eq!(one.key(), "astronomer@example.org");
    }

    #[test]
    fn a_domain_in_other_letters_is_written_as_the_network_knows_it() {
        let one = Address::read("astronomer@münchen.example").unwrap();
        assert_eq!(one.shown(), "astronomer@xn--mnchen-3ya.example");
    }

    #[test]
    fn what_could_become_a_header_or_a_second_address_is_none() {
        for text in [
            "",
            "@",
            "astronomer",
            "astronomer@",
            "@example.org",
            "a b@example.org",
            "a\r\nBcc: b@example.org",
            "a@example.org, b@example.org",
            "\"a\"@example.org",
            "a..b@example.org",
            ".a@example.org",
            "a@exa mple.org",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "a@example..org",
            "ä@example.org",
        ] {
            assert!(Address::read(text).is_err(), "{text:?}");
        }
        assert!(Address::read(&format!("{}@example.org", "a".repeat(65))).is_err());
    }
}
