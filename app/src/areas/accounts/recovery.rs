//! Recovery codes: what signs in once when the second factor is lost.

use chrono::{DateTime, Utc};
use data_encoding::BASE32_NOPAD;
use rand::RngCore;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::db::{placeholders, sql};
use crate::secrets::hash_token;

/// Codes given at a time.
const CODES: usize = 10;
/// Random bytes of each: too many to be guessed, so a plain hash keeps them.
const BYTES: usize = 10;

/// Whether this has the form of a recovery code.
pub(super) fn is_one(code: &str) -> bool {
    letters(code).len() == BYTES * 8 / 5
}

/// Gives an account new codes; those before work no longer.
///
/// # Errors
/// Those of the database.
pub(super) async fn renew(tx: &impl ConnectionTrait, account: Uuid) -> anyhow::Result<Vec<String>> {
    forget(tx, account).await?;
    let codes: Vec<String> = (0..CODES).map(|_| code()).collect();
    let text = format!(
        "insert into recovery_codes (account_id, hash) values {}",
        placeholders(CODES, 2, 1)
    );
    let rows = codes
        .iter()
        .flat_map(|code| [account.into(), hash(code).into()]);
    tx.execute_raw(sql(tx, text, rows.collect())).await?;
    Ok(codes)
}

/// Uses a code. False when it is none, or was used.
///
/// # Errors
/// Those of the database.
pub(super) async fn take(
    tx: &impl ConnectionTrait,
    account: Uuid,
    code: &str,
    now: DateTime<Utc>,
) -> anyhow::Result<bool> {
    let text = "update recovery_codes set used_at = $3 \
        where account_id = $1 and hash = $2 and used_at is null";
    let values = vec![account.into(), hash(code).into(), now.into()];
    Ok(tx.execute_raw(sql(tx, text, values)).await?.rows_affected() == 1)
}

/// How many codes an account has left.
///
/// # Errors
/// Those of the database.
pub(super) async fn left(db: &impl ConnectionTrait, account: Uuid) -> anyhow::Result<i64> {
    let text = "select count(*) as codes from recovery_codes \
        where account_id = $1 and used_at is null";
    let row = db
        .query_one_raw(sql(db, text, vec![account.into()]))
        .await?;
    Ok(row.map_or(Ok(0), |row| row.try_get("", "codes"))?)
}

/// Forgets the codes of an account.
///
/// # Errors
/// Those of the database.
pub(super) async fn forget(tx: &impl ConnectionTrait, account: Uuid) -> anyhow::Result<()> {
    let text = "delete from recovery_codes where account_id = $1";
    tx.execute_raw(sql(tx, text, vec![account.into()])).await?;
    Ok(())
}

/// `abcd-efgh-2345-6789`.
fn code() -> String {
    let mut bytes = [0; BYTES];
    rand::rng().fill_bytes(&mut bytes);
    let letters: Vec<char> = BASE32_NOPAD.encode(&bytes).to_lowercase().chars().collect();
    let groups: Vec<String> = letters
        .chunks(4)
        .map(|group| group.iter().collect())
        .collect();
    groups.join("-")
}

/// However it is typed.
fn letters(code: &str) -> String {
    let letters = code.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|c| c.to_ascii_lowercase()).collect()
}

fn hash(code: &str) -> Vec<u8> {
    hash_token(&letters(code)).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_may_be_typed_without_care() {
        let code = code();
        assert_eq!(code.len(), 19);
        assert_eq!(hash(&code), hash(&code.to_uppercase().replace('-', " ")));
        assert_ne!(hash(&code), hash(""));
        assert!(is_one(&code) && !is_one("123 456"));
    }
}
