//! Links that are mailed: each proves an address, once, for a while.
//!
//! The text of a link is signed over its id, so that the job that mails it can be run again and
//! mails the same; the database keeps a hash of it, from which nobody makes the text.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

use super::address::Address;
use crate::db::sql;
use crate::error::{Error, Result};
use crate::hub::Hub;
use crate::secrets::hash_token;

/// What is signed.
const PURPOSE: &str = "accounts.link";

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Makes an account.
    Register,
    /// Tells the owner of an account that somebody wanted to register its address. Opens nothing.
    RegisterKnown,
    /// Gives an account another address.
    Email,
    /// Tells the owner of an account that somebody wanted its address for theirs. Opens nothing.
    EmailKnown,
    /// Sets a password.
    Reset,
    /// A reset for an address nobody has: mails and opens nothing.
    ResetUnknown,
    /// Tells an owner that another address was asked for. Opens nothing.
    EmailAsked,
    /// Tells the address an account had before. Opens nothing.
    EmailChanged,
    /// Tells an owner of a new password. Opens nothing.
    PasswordChanged,
    /// Tells an owner of a second factor. Opens nothing.
    FactorOn,
    /// Tells an owner of the end of the second factor. Opens nothing.
    FactorOff,
    /// Tells an owner of new recovery codes. Opens nothing.
    RecoveryRenewed,
}

impl Purpose {
    const ALL: [Purpose; 12] = [
        Purpose::Register,
        Purpose::RegisterKnown,
        Purpose::Email,
        Purpose::EmailKnown,
        Purpose::Reset,
        Purpose::ResetUnknown,
        Purpose::EmailAsked,
        Purpose::EmailChanged,
        Purpose::PasswordChanged,
        Purpose::FactorOn,
        Purpose::FactorOff,
        Purpose::RecoveryRenewed,
    ];

    fn name(self) -> &'static str {
        match self {
            Purpose::Register => "register",
            Purpose::RegisterKnown => "register_known",
            Purpose::Email => "email",
            Purpose::EmailKnown => "email_known",
            Purpose::Reset => "reset",
            Purpose::ResetUnknown => "reset_unknown",
            Purpose::EmailAsked => "email_asked",
            Purpose::EmailChanged => "email_changed",
            Purpose::PasswordChanged => "password_changed",
            Purpose::FactorOn => "factor_on",
            Purpose::FactorOff => "factor_off",
            Purpose::RecoveryRenewed => "recovery_renewed",
        }
    }

    /// How long it works.
    fn lasts(self) -> TimeDelta {
        match self {
            Purpose::Reset | Purpose::ResetUnknown => TimeDelta::hours(1),
            _ => TimeDelta::hours(24),
        }
    }
}

/// Links that prove an address.
pub(super) const VERIFYING: [Purpose; 2] = [Purpose::Register, Purpose::Email];
/// Links that set a password.
pub(super) const RESETTING: [Purpose; 1] = [Purpose::Reset];

/// A link.
pub(super) struct Link {
    /// What its text is signed over.
    pub(super) id: Uuid,
    /// What it is for.
    pub(super) purpose: Purpose,
    /// Whose it is.
    pub(super) account: Option<Uuid>,
    /// Where it is mailed.
    pub(super) email: String,
    /// The password that was asked for with it.
    pub(super) password_hash: Option<String>,
    /// When it was asked for.
    pub(super) created_at: DateTime<Utc>,
    /// The page of the web app that its owner came from.
    pub(super) next: Option<String>,
}

/// The text of a link, which is mailed and nowhere kept.
pub(super) fn text(hub: &Hub, id: Uuid) -> String {
    hub.secrets.sign(PURPOSE, id.as_bytes())
}

/// The page that a link for a new password leads to.
pub(super) fn reset_url(hub: &Hub, id: Uuid) -> String {
    format!("{}/reset/{}", hub.config.public_url, text(hub, id))
}

/// The page that a link which proves an address leads to.
pub(super) fn verify_url(hub: &Hub, id: Uuid) -> String {
    format!("{}/verify/{}", hub.config.public_url, text(hub, id))
}

/// Makes a link; answers its id.
///
/// # Errors
/// Those of the database.
pub(super) async fn make(
    hub: &Hub,
    tx: &impl ConnectionTrait,
    purpose: Purpose,
    address: &Address,
    account: Option<Uuid>,
    password_hash: Option<String>,
) -> anyhow::Result<Uuid> {
    let (id, now) = (Uuid::now_v7(), hub.clock.now());
    let end = now.checked_add_signed(purpose.lasts()).unwrap_or(now);
    let statement = "insert into links (id, hash, purpose, account_id, email, email_key, \
            password_hash, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let values = vec![
        id.into(),
        hash_token(&text(hub, id)).to_vec().into(),
        purpose.name().into(),
        account.into(),
        address.shown().into(),
        address.key().into(),
        password_hash.into(),
        now.into(),
        end.into(),
    ];
    tx.execute_raw(sql(tx, statement, values)).await?;
    Ok(id)
}

/// Has a link lead back to a page of the web app.
///
/// # Errors
/// Those of the database.
pub(super) async fn lead_back(
    tx: &impl ConnectionTrait,
    id: Uuid,
    next: String,
) -> anyhow::Result<()> {
    let statement = "update links set next_page = $1 where id = $2";
    tx.execute_raw(sql(tx, statement, vec![next.into(), id.into()]))
        .await?;
    Ok(())
}

const COLUMNS: &str = "id, purpose, account_id, email, password_hash, created_at, next_page";

fn read(row: &QueryResult) -> anyhow::Result<Option<Link>> {
    let name: String = row.try_get("", "purpose")?;
    // A purpose of a later version opens nothing here.
    let Some(purpose) = Purpose::ALL.into_iter().find(|one| one.name() == name) else {
        return Ok(None);
    };
    Ok(Some(Link {
        id: row.try_get("", "id")?,
        purpose,
        account: row.try_get("", "account_id")?,
        email: row.try_get("", "email")?,
        password_hash: row.try_get("", "password_hash")?,
        created_at: row.try_get("", "created_at")?,
        next: row.try_get("", "next_page")?,
    }))
}

/// A link by its id, if it still works.
///
/// # Errors
/// Those of the database.
pub(super) async fn by_id(
    db: &impl ConnectionTrait,
    id: Uuid,
    now: DateTime<Utc>,
) -> anyhow::Result<Option<Link>> {
    let statement = format!("select {COLUMNS} from links where id = $1 and expires_at > $2");
    let row = db
        .query_one_raw(sql(db, statement, vec![id.into(), now.into()]))
        .await?;
    Ok(row.as_ref().map(read).transpose()?.flatten())
}

/// Looks at the link somebody followed, which changes nothing.
///
/// # Errors
/// When it does not work, or no longer; those of the database.
pub(super) async fn look(
    db: &impl ConnectionTrait,
    text: &str,
    purposes: &[Purpose],
    now: DateTime<Utc>,
) -> Result<Link> {
    let statement = format!("select {COLUMNS} from links where hash = $1 and expires_at > $2");
    let values = vec![hash_token(text).to_vec().into(), now.into()];
    let row = db.query_one_raw(sql(db, statement, values)).await?;
    let link = row.as_ref().map(read).transpose()?.flatten();
    link.filter(|link| purposes.contains(&link.purpose))
        .ok_or_else(over)
}

/// Uses the link somebody followed: of two who try at once, one succeeds.
///
/// # Errors
/// When it does not work, or no longer; those of the database.
pub(super) async fn take(
    tx: &impl ConnectionTrait,
    text: &str,
    purposes: &[Purpose],
    now: DateTime<Utc>,
) -> Result<Link> {
    let link = look(tx, text, purposes, now).await?;
    let statement = "delete from links where id = $1";
    let gone = tx
        .execute_raw(sql(tx, statement, vec![link.id.into()]))
        .await?;
    if gone.rows_affected() == 1 {
        Ok(link)
    } else {
        Err(over())
    }
}

fn over() -> Error {
    Error::invalid(
        "token",
        "this link does not work: it was used, has expired, or was cut off; ask for a new one",
    )
}

/// Forgets the links of an account, of one purpose.
///
/// # Errors
/// Those of the database.
pub(super) async fn forget(
    tx: &impl ConnectionTrait,
    account: Uuid,
    purpose: Purpose,
) -> anyhow::Result<()> {
    let statement = "delete from links where account_id = $1 and purpose = $2";
    let values = vec![account.into(), purpose.name().into()];
    tx.execute_raw(sql(tx, statement, values)).await?;
    Ok(())
}

/// Forgets what else was asked for with an address that now has an account.
///
/// # Errors
/// Those of the database.
pub(super) async fn forget_registrations(
    tx: &impl ConnectionTrait,
    address: &Address,
) -> anyhow::Result<()> {
    let statement = "delete from links where email_key = $1 and purpose = $2";
    let values = vec![address.key().into(), Purpose::Register.name().into()];
    tx.execute_raw(sql(tx, statement, values)).await?;
    Ok(())
}
