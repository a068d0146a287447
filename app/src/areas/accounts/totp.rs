//! The second factor: codes by time (RFC 6238: SHA-1, 30 s, six digits, as every app knows them).

use chrono::{DateTime, Utc};
use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, Mac};
use rand::RngCore;
use sea_orm::ConnectionTrait;
use sha1::Sha1;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::account::Account;
use crate::db::sql;
use crate::hub::Hub;

/// Seconds of a step.
const STEP: i64 = 30;
/// Bytes of a secret.
const SECRET: usize = 20;

/// A new secret.
pub(super) fn secret() -> [u8; SECRET] {
    let mut bytes = [0; SECRET];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

/// A secret as people type it.
pub(super) fn spelt(secret: &[u8]) -> String {
    BASE32_NOPAD.encode(secret)
}

/// A secret as apps read it off a picture.
pub(super) fn uri(secret: &[u8], email: &str) -> String {
    let label: String = url::form_urlencoded::byte_serialize(email.as_bytes()).collect();
    format!(
        "otpauth://totp/Starboard:{label}?secret={}&issuer=Starboard",
        spelt(secret)
    )
}

/// Seals the secret of an account: no other account's opens in its place.
pub(super) fn seal(hub: &Hub, account: Uuid, secret: &[u8]) -> Vec<u8> {
    hub.secrets.seal(&purpose(account), secret)
}

fn purpose(account: Uuid) -> String {
    format!("accounts.totp.{account}")
}

/// The step of which this is the code: the present one, or the one before or after, for clocks that
/// are a little off.
fn step_of(secret: &[u8], code: &str, now: DateTime<Utc>) -> Option<i64> {
    let present = now.timestamp().div_euclid(STEP);
    let code = code.trim().as_bytes();
    let mut found = None;
    for step in [present - 1, present, present + 1] {
        if bool::from(code_at(secret, step).as_bytes().ct_eq(code)) {
            found = Some(step);
        }
    }
    found
}

fn code_at(secret: &[u8], step: i64) -> String {
    let mut mac =
        <Hmac<Sha1> as Mac>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(&step.to_be_bytes());
    let digest: [u8; 20] = mac.finalize().into_bytes().into();
    let at = usize::from(digest[19] & 0xf);
    let word = u32::from_be_bytes([digest[at], digest[at + 1], digest[at + 2], digest[at + 3]]);
    format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)
}

/// Uses a code. Each counts once: of its step and those before it none is taken again, so a code
/// that was watched being typed is worth nothing.
///
/// # Errors
/// Those of the database.
pub(super) async fn take(
    hub: &Hub,
    tx: &impl ConnectionTrait,
    account: &Account,
    code: &str,
) -> anyhow::Result<bool> {
    let sealed = account.totp_secret.as_deref().unwrap_or_default();
    let Some(secret) = hub.secrets.open(&purpose(account.id), sealed) else {
        return Ok(false);
    };
    let Some(step) = step_of(&secret, code, hub.clock.now()) else {
        return Ok(false);
    };
    let text = "update accounts set totp_step = $2 where id = $1 and totp_step < $2";
    let taken = tx
        .execute_raw(sql(tx, text, vec![account.id.into(), step.into()]))
        .await?;
    Ok(taken.rows_affected() == 1)
}

/// Keeps a secret that is not in use yet. False when one is in use.
///
/// # Errors
/// Those of the database.
pub(super) async fn keep(
    hub: &Hub,
    tx: &impl ConnectionTrait,
    account: Uuid,
    secret: &[u8],
) -> anyhow::Result<bool> {
    let text = "update accounts set totp_secret = $2, totp_step = 0 \
        where id = $1 and totp_on_at is null";
    let values = vec![account.into(), seal(hub, account, secret).into()];
    Ok(tx.execute_raw(sql(tx, text, values)).await?.rows_affected() == 1)
}

/// Puts the kept secret to use. False when there is none, or it is in use already.
///
/// # Errors
/// Those of the database.
pub(super) async fn turn_on(
    tx: &impl ConnectionTrait,
    account: Uuid,
    now: DateTime<Utc>,
) -> anyhow::Result<bool> {
    let text = "update accounts set totp_on_at = $2 \
        where id = $1 and totp_on_at is null and totp_secret is not null";
    let values = vec![account.into(), now.into()];
    Ok(tx.execute_raw(sql(tx, text, values)).await?.rows_affected() == 1)
}

/// Forgets the second factor of an account.
///
/// # Errors
/// Those of the database.
pub(super) async fn turn_off(tx: &impl ConnectionTrait, account: Uuid) -> anyhow::Result<()> {
    let text = "update accounts set totp_on_at = null, totp_secret = null where id = $1";
    tx.execute_raw(sql(tx, text, vec![account.into()])).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238, appendix B.
    const KNOWN: &[u8] = b"12345678901234567890";

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        // Its eight digits end in these six.
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code_at(KNOWN, seconds / STEP), code);
            assert_eq!(step_of(KNOWN, code, at(seconds)), Some(seconds / STEP));
        }
    }

    #[test]
    fn a_clock_may_be_off_by_one_step() {
        let code = code_at(KNOWN, 100);
        for (seconds, fits) in [
            (99 * STEP, true),
            (102 * STEP - 1, true),
            (102 * STEP, false),
            (98 * STEP, false),
        ] {
            assert_eq!(
                step_of(KNOWN, &code, at(seconds)).is_some(),
                fits,
                "{seconds}"
            );
        }
        for wrong in ["", "28708", "2870822", "abcdef", "２８７０８２"] {
            assert_eq!(step_of(KNOWN, wrong, at(59)), None, "{wrong}");
        }
    }

    #[test]
    fn apps_are_told_all_they_need() {
        assert_eq!(
            uri(KNOWN, "a+b@example.org"),
            "otpauth://totp/Starboard:a%2Bb%40example.org\
             ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Starboard"
        );
    }
}
