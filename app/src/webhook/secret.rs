//! The secrets that webhooks are signed with, and the signature (Standard Webhooks 1.0).

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// What a secret's text begins with.
const PREFIX: &str = "whsec_";
/// Bytes of the secrets we make; the standard takes 24 to 64.
const BYTES: usize = 32;

/// A secret shared with one endpoint. Its `Debug` keeps it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

/// A text that is no secret. Does not repeat it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a webhook secret: it takes `whsec_` and 24 to 64 bytes in base64")]
pub struct BadSecret;

impl Secret {
    /// A new one.
    #[must_use]
    pub fn generate() -> Secret {
        Secret(rand::random::<[u8; BYTES]>().to_vec())
    }

    /// Reads one from its text, with or without `whsec_`.
    ///
    /// # Errors
    /// When it is no base64, shorter than 24 bytes, or longer than 64.
    pub fn parse(text: &str) -> Result<Secret, BadSecret> {
        let text = text.strip_prefix(PREFIX).unwrap_or(text);
        let bytes = BASE64.decode(text).map_err(|_| BadSecret)?;
        match bytes.len() {
            24..=64 => Ok(Secret(bytes)),
            _ => Err(BadSecret),
        }
    }

    /// Its text, `whsec_…`: to be shown once, and to be sealed before it is stored.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}", BASE64.encode(&self.0))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// The value of `webhook-signature`: `v1,` and HMAC-SHA256 over `id.timestamp.body` in base64, one
/// a secret with blanks between, so that an endpoint can know the old or the new secret while it is
/// being rotated. `timestamp` is that of this attempt, in seconds since 1970.
#[must_use]
pub fn sign(secrets: &[Secret], id: &str, timestamp: i64, body: &[u8]) -> String {
    let one = |secret: &Secret| {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&secret.0).expect("HMAC takes keys of any length");
        mac.update(id.as_bytes());
        mac.update(format!(".{timestamp}.").as_bytes());
        mac.update(body);
        format!("v1,{}", BASE64.encode(mac.finalize().into_bytes()))
    };
    secrets.iter().map(one).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_library_computes_the_same_signature() {
        let secret = Secret::generate();
        let reference = standardwebhooks::Webhook::new(&secret.reveal()).unwrap();
        for body in ["", "{}", r#"{"target_name":"ζ Oph"}"#] {
            assert_eq!(
                sign(
                    std::slice::from_ref(&secret),
                    "msg_1",
                    1_795_240_800,
                    body.as_bytes()
                ),
                reference
                    .sign("msg_1", 1_795_240_800, body.as_bytes())
                    .unwrap()
            );
        }
    }

    #[test]
    fn during_a_rotation_there_is_a_signature_of_each_secret() {
        let (new, old) = (Secret::generate(), Secret::generate());
        let both = sign(&[new.clone(), old.clone()], "msg_1", 1, b"{}");
        let each = [new, old].map(|secret| sign(&[secret], "msg_1", 1, b"{}"));
        assert_eq!(both, each.join(" "));
    }

    #[test]
    fn a_secret_is_read_back_from_its_text() {
        let secret = Secret::generate();
        let text = secret.reveal();
        assert!(text.starts_with("whsec_"));
        assert_eq!(Secret::parse(&text), Ok(secret.clone()));
        assert_eq!(Secret::parse(text.trim_start_matches("whsec_")), Ok(secret));
    }

    #[test]
    fn what_is_no_secret_is_refused_and_not_repeated() {
        for text in ["", "whsec_", "whsec_AAAA", "whsec_*", "é"] {
            assert_eq!(Secret::parse(text), Err(BadSecret), "{text}");
        }
        assert_eq!(format!("{:?}", Secret::generate()), "Secret(***)");
    }
}
