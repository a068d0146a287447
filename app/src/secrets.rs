//! What only this hub can make or read: signatures on links, sealed secrets, tokens.
//!
//! Everything comes from `SECRET_KEY`, by a key of its own for each purpose, so that nothing made
//! for one purpose passes for another.

use std::fmt;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::{Context, bail};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use rand::RngCore;
use sha2::{Digest, Sha256};

use crate::config::Config;

/// Bytes of a nonce: long enough to be drawn at random for ever.
const NONCE: usize = 24;
/// First byte of what is sealed: how it was done.
const SEALED: u8 = 1;

/// Signs and seals.
#[derive(Clone)]
pub struct Secrets {
    root: [u8; 32],
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(***)")
    }
}

impl Secrets {
    /// From `SECRET_KEY`. Without one the key is drawn at random: what is signed or sealed lasts as
    /// long as this process, which does for commands that sign and seal nothing. `serve` refuses to
    /// begin without a key that lasts.
    #[must_use]
    pub fn new(secret_key: Option<&str>) -> Secrets {
        let root = match secret_key {
            Some(key) => mac(b"starboard", &[key.as_bytes()]),
            None => random(),
        };
        Secrets { root }
    }

    /// The payload and its signature, as text that can stand in a URL.
    #[must_use]
    pub fn sign(&self, purpose: &str, payload: &[u8]) -> String {
        let signature = mac(&self.key("sign", purpose), &[payload]);
        format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(payload),
            URL_SAFE_NO_PAD.encode(signature)
        )
    }

    /// The payload, if the text was signed here for this purpose. Takes the same time for every
    /// wrong signature.
    #[must_use]
    pub fn verify(&self, purpose: &str, text: &str) -> Option<Vec<u8>> {
        let (payload, signature) = text.split_once('.')?;
        let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let key = self.key("sign", purpose);
        started(&key, &[&payload])
            .verify_slice(&signature)
            .ok()
            .map(|()| payload)
    }

    /// Encrypts, so that only this hub can read it, and only for this purpose.
    #[must_use]
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> Vec<u8> {
        let nonce: [u8; NONCE] = random();
        let payload = Payload {
            msg: plain,
            aad: purpose.as_bytes(),
        };
        let sealed = self
            .cipher(purpose)
            .encrypt(XNonce::from_slice(&nonce), payload)
            .expect("the cipher takes 256 GiB, and a Vec in memory is shorter");
        [&[SEALED][..], &nonce, &sealed].concat()
    }

    /// What was sealed, if it was here, for this purpose, and nobody has changed it.
    #[must_use]
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (&SEALED, rest) = sealed.split_first()? else {
            return None;
        };
        let (nonce, sealed) = rest.split_at_checked(NONCE)?;
        let payload = Payload {
            msg: sealed,
            aad: purpose.as_bytes(),
        };
        self.cipher(purpose)
            .decrypt(XNonce::from_slice(nonce), payload)
            .ok()
    }

    fn cipher(&self, purpose: &str) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.key("seal", purpose).into())
    }

    fn key(&self, deed: &str, purpose: &str) -> [u8; 32] {
        mac(&self.root, &[deed.as_bytes(), b"\0", purpose.as_bytes()])
    }
}

/// A token nobody can guess: the prefix and 32 random bytes, as text that can stand in a URL.
#[must_use]
pub fn random_token(prefix: &str) -> String {
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(random::<32>()))
}

/// What is kept of a token. A plain hash does: nobody guesses 32 random bytes.
#[must_use]
pub fn hash_token(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

/// The settings with a secret: beside an SQLite file one is made at the first start and kept.
///
/// # Errors
/// When the file cannot be read or written, or holds no secret.
pub fn kept_beside(mut config: Config) -> anyhow::Result<Config> {
    let Some(file) = config.sqlite_file().filter(|_| config.secret_key.is_none()) else {
        return Ok(config);
    };
    let path = file.with_extension("key");
    if !path.exists() {
        make(&path).with_context(|| format!("making {}", path.display()))?;
    }
    let secret = std::fs::read_to_string(&path)
        .with_context(|| format!("reading {}", path.display()))?
        .trim()
        .to_owned();
    if secret.len() < 32 {
        bail!(
            "{} holds no secret: put back the one that was there, or remove the file for a new one \
             (links in mails sent so far will not work, webhooks need new secrets)",
            path.display()
        );
    }
    config.secret_key = Some(secret);
    Ok(config)
}

/// Never writes over one that came to be meanwhile. Stopped half-way it leaves a file that
/// [`kept_beside`] names.
fn make(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    let mut file = match options.write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(()),
        opened => opened?,
    };
    writeln!(file, "{}", URL_SAFE_NO_PAD.encode(random::<32>()))?;
    file.sync_all()
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    started(key, parts).finalize().into_bytes().into()
}

fn started(key: &[u8], parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac =
        <Hmac<Sha256> as Mac>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part);
    }
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> Secrets {
        Secrets::new(Some("a secret of tests and of nothing else"))
    }

    #[test]
    fn what_was_signed_is_known_again() {
        let text = secrets().sign("unsubscribe", b"payload");
        let url_safe = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        assert!(text.chars().all(url_safe), "{text}");
        assert_eq!(secrets().verify("unsubscribe", &text).unwrap(), b"payload");
    }

    #[test]
    fn a_signature_holds_for_its_purpose_its_payload_and_its_key_only() {
        let text = secrets().sign("unsubscribe", b"payload");
        assert_eq!(secrets().verify("verify", &text), None);
        let other = Secrets::new(Some("another secret, as long as the first one"));
        assert_eq!(other.verify("unsubscribe", &text), None);
        let changed = text.replacen('c', "d", 1);
        assert_eq!(secrets().verify("unsubscribe", &changed), None);
    }

    #[test]
    fn nothing_but_the_one_spelling_passes() {
        let text = secrets().sign("unsubscribe", b"payload");
        let shorter = &text[..text.len() - 1];
        for wrong in [
            "",
            ".",
            "cGF5bG9hZA",
            "ä.ö",
            shorter,
            &format!("{text}.x"),
            &format!("{text}="),
        ] {
            assert_eq!(secrets().verify("unsubscribe", wrong), None, "{wrong}");
        }
        assert_eq!(
            secrets()
                .sign("unsubscribe", b"")
                .split_once('.')
                .unwrap()
                .0,
            ""
        );
    }

    #[test]
    fn what_was_sealed_opens_for_its_purpose_only() {
        let sealed = secrets().seal("webhook", b"whsec_1");
        assert_eq!(secrets().open("webhook", &sealed).unwrap(), b"whsec_1");
        assert_eq!(secrets().open("totp", &sealed), None);
        assert!(!sealed.windows(5).any(|bytes| bytes == b"whsec"));
        assert_ne!(sealed, secrets().seal("webhook", b"whsec_1"));
    }

    #[test]
    fn a_seal_that_was_touched_does_not_open() {
        let sealed = secrets().seal("webhook", b"whsec_1");
        for at in 0..sealed.len() {
            let mut touched = sealed.clone();
            touched[at] ^= 1;
            assert_eq!(secrets().open("webhook", &touched), None, "byte {at}");
            assert_eq!(secrets().open("webhook", &sealed[..at]), None, "{at} bytes");
        }
    }

    #[test]
    fn tokens_differ_and_are_kept_as_hashes() {
        let (one, other) = (random_token("sb_"), random_token("sb_"));
        assert!(one.starts_with("sb_") && one.len() == 3 + 43, "{one}");
        assert_ne!(one, other);
        assert_ne!(hash_token(&one), hash_token(&other));
    }

    #[test]
    fn nothing_is_told_by_debug() {
        assert_eq!(format!("{:?}", secrets()), "Secrets(***)");
    }

    #[test]
    fn a_key_is_made_beside_an_sqlite_file_and_kept() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = std::env::temp_dir().join(random_token("starboard-key-"));
        std::fs::create_dir(&folder).unwrap();
        let url = format!("sqlite://{}", folder.join("board.db").display());
        let config = || Config::read(|name| (name == "DATABASE_URL").then(|| url.clone())).unwrap();

        let first = kept_beside(config()).unwrap().secret_key.unwrap();
        let second = kept_beside(config()).unwrap().secret_key.unwrap();

        let file = folder.join("board.key");
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(first, second);
        assert!(first.len() >= 32);
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
        std::fs::write(&file, "").unwrap();
        let error = kept_beside(config()).unwrap_err().to_string();
        assert!(error.contains("holds no secret"), "{error}");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
