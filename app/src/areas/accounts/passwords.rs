//! Passwords, kept as Argon2id hashes.
//!
//! A hash takes 19 MiB for some ten milliseconds, so only a few are made at once and only so many
//! wait: whoever asks a thousand times fills neither memory nor the threads of others.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::anyhow;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::error::{Error, Result};

/// Fewest and most characters of a password.
const LENGTH: std::ops::RangeInclusive<usize> = 10..=200;
/// Hashes made at once.
const AT_ONCE: usize = 2;
/// Hashes made or waited for.
const IN_LINE: usize = 64;

/// Makes and compares hashes. Cheap to clone.
#[derive(Clone)]
pub struct Passwords(Arc<Seats>);

struct Seats {
    line: Arc<Semaphore>,
    seats: Arc<Semaphore>,
    runs: AtomicU64,
}

impl Default for Passwords {
    fn default() -> Self {
        Passwords(Arc::new(Seats {
            line: Arc::new(Semaphore::new(IN_LINE)),
            seats: Arc::new(Semaphore::new(AT_ONCE)),
            runs: AtomicU64::new(0),
        }))
    }
}

impl Passwords {
    /// The hash of a password somebody chooses.
    ///
    /// # Errors
    /// When it is too short or too long, or too many wait already.
    pub async fn hash(&self, field: &'static str, password: &str) -> Result<String> {
        if !LENGTH.contains(&password.chars().count()) {
            let (least, most) = (LENGTH.start(), LENGTH.end());
            return Err(Error::invalid(
                field,
                format!("it takes {least} to {most} characters"),
            ));
        }
        let password = password.to_owned();
        self.run(move || {
            let hash = argon2()?.hash_password(password.as_bytes());
            Ok(hash
                .map_err(|error| anyhow!("hashing: {error}"))?
                .to_string())
        })
        .await
    }

    /// Whether a password is the one of this hash. Without a hash it never is, after as much work.
    ///
    /// # Errors
    /// When too many wait already.
    pub async fn fits(&self, password: &str, hash: Option<String>) -> Result<bool> {
        let password = password.to_owned();
        self.run(move || {
            let argon2 = argon2()?;
            let Some(hash) = hash else {
                let mut nothing = [0; Params::DEFAULT_OUTPUT_LEN];
                argon2
                    .hash_password_into(password.as_bytes(), b"nobody's password", &mut nothing)
                    .map_err(|error| anyhow!("hashing: {error}"))?;
                return Ok(false);
            };
            let hash = PasswordHash::new(&hash).map_err(|error| anyhow!("a hash: {error}"))?;
            Ok(argon2.verify_password(password.as_bytes(), &hash).is_ok())
        })
        .await
    }

    /// How often Argon2 ran since the start.
    #[must_use]
    pub fn runs(&self) -> u64 {
        self.0.runs.load(Ordering::Relaxed)
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> anyhow::Result<T> + Send + 'static,
    ) -> Result<T> {
        let busy = Error::Unavailable("too many people sign in right now; try again in a moment");
        let Ok(place) = Arc::clone(&self.0.line).try_acquire_owned() else {
            return Err(busy);
        };
        let seat = Arc::clone(&self.0.seats).acquire_owned().await;
        let seat = seat.map_err(anyhow::Error::from)?;
        self.0.runs.fetch_add(1, Ordering::Relaxed);
        // Seat and place stay with the work, which goes on when whoever asked has left.
        let done = tokio::task::spawn_blocking(move || {
            let _held = (place, seat);
            work()
        });
        Ok(done.await.map_err(anyhow::Error::from)??)
    }
}

fn argon2() -> anyhow::Result<Argon2<'static>> {
    // OWASP's choice for Argon2id: 19 MiB, two passes, one lane.
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|error| anyhow!("argon2: {error}"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let passwords = Passwords::default();
        let hash = passwords.hash("password", "long enough, ü").await.unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert!(
            passwords
                .fits("long enough, ü", Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(!passwords.fits("long enough, u", Some(hash)).await.unwrap());
        assert!(!passwords.fits("long enough, ü", None).await.unwrap());
        assert_eq!(passwords.runs(), 4);
    }

    #[tokio::test]
    async fn short_and_very_long_passwords_are_not_taken() {
        let passwords = Passwords::default();
        for bad in ["ninechars", &"x".repeat(201)] {
            assert!(passwords.hash("password", bad).await.is_err());
        }
        // Characters count, not bytes.
        assert!(passwords.hash("password", &"ü".repeat(200)).await.is_ok());
    }

    #[tokio::test]
    async fn a_crowd_is_sent_away_instead_of_filling_the_memory() {
        let passwords = Passwords::default();
        let crowd = (0..4 * IN_LINE).map(|_| passwords.fits("some password", None));
        let answers = futures_util::future::join_all(crowd).await;
        let refused = answers.iter().filter(|answer| answer.is_err()).count();
        assert_eq!(refused, 3 * IN_LINE);
    }
}
