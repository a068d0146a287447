//! The accounts themselves, and what others may ask about them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sea_orm::{ConnectionTrait, QueryResult};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::address::Address;
use crate::db::sql;

/// Rows asked for in one statement.
const AT_ONCE: usize = 500;

/// What somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Look after their own things.
    User,
    /// Look after the hub, with a second factor only.
    Admin,
}

impl Role {
    /// As it is stored.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Role::User => "user",
            Role::Admin => "admin",
        }
    }

    pub(super) fn read(name: &str) -> Role {
        if name == "admin" {
            Role::Admin
        } else {
            Role::User
        }
    }
}

/// Who signs in.
#[derive(Clone)]
pub struct Account {
    /// Ours, stable for ever.
    pub id: Uuid,
    /// The address, as its owner writes it.
    pub email: String,
    /// Of the password; none until one was chosen.
    pub(super) password_hash: Option<String>,
    /// What they may do.
    pub role: Role,
    /// When the address was proven.
    pub verified_at: Option<DateTime<Utc>>,
    /// In which they read times.
    pub time_zone: Tz,
    /// Since when no mail goes there.
    pub mail_paused_at: Option<DateTime<Utc>>,
    /// What the mail server said.
    pub mail_paused_why: Option<String>,
    /// The sealed secret of the second factor; in use once [`Account::totp_on_at`] is set.
    pub(super) totp_secret: Option<Vec<u8>>,
    /// Since when a second factor is asked for.
    pub totp_on_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// How somebody can be written to.
#[derive(Clone, PartialEq, Eq)]
pub struct Reach {
    /// The address.
    pub email: String,
    /// Whether it was proven to be theirs.
    pub verified: bool,
    /// Whether mails are on hold because it refused them.
    pub paused: bool,
    /// In which they read times.
    pub time_zone: Tz,
}

const COLUMNS: &str = "id, email, password_hash, role, verified_at, time_zone, mail_paused_at, \
    mail_paused_why, totp_secret, totp_on_at, created_at";

fn read(row: &QueryResult) -> anyhow::Result<Account> {
    let zone: String = row.try_get("", "time_zone")?;
    Ok(Account {
        id: row.try_get("", "id")?,
        email: row.try_get("", "email")?,
        password_hash: row.try_get("", "password_hash")?,
        role: Role::read(&row.try_get::<String>("", "role")?),
        verified_at: row.try_get("", "verified_at")?,
        // A zone may leave the tables of a later version.
        time_zone: zone.parse().unwrap_or(Tz::UTC),
        mail_paused_at: row.try_get("", "mail_paused_at")?,
        mail_paused_why: row.try_get("", "mail_paused_why")?,
        totp_secret: row.try_get("", "totp_secret")?,
        totp_on_at: row.try_get("", "totp_on_at")?,
        created_at: row.try_get("", "created_at")?,
    })
}

/// The account of this address.
///
/// # Errors
/// Those of the database.
pub(super) async fn by_address(
    db: &impl ConnectionTrait,
    address: &Address,
) -> anyhow::Result<Option<Account>> {
    let text = format!("select {COLUMNS} from accounts where email_key = $1");
    let row = db
        .query_one_raw(sql(db, text, vec![address.key().into()]))
        .await?;
    row.as_ref().map(read).transpose()
}

/// One account.
///
/// # Errors
/// Those of the database.
pub(super) async fn by_id(db: &impl ConnectionTrait, id: Uuid) -> anyhow::Result<Option<Account>> {
    let text = format!("select {COLUMNS} from accounts where id = $1");
    let row = db.query_one_raw(sql(db, text, vec![id.into()])).await?;
    row.as_ref().map(read).transpose()
}

/// Every account, oldest first.
///
/// # Errors
/// Those of the database.
pub async fn all(db: &impl ConnectionTrait) -> anyhow::Result<Vec<Account>> {
    let text = format!("select {COLUMNS} from accounts order by created_at, id");
    let rows = db.query_all_raw(sql(db, text, vec![])).await?;
    rows.iter().map(read).collect()
}

/// Makes an account. None when its address has one already.
///
/// # Errors
/// Those of the database.
pub(super) async fn make(
    tx: &impl ConnectionTrait,
    address: &Address,
    password_hash: Option<String>,
    role: Role,
    now: DateTime<Utc>,
) -> anyhow::Result<Option<Uuid>> {
    let id = Uuid::now_v7();
    let text = "insert into accounts \
            (id, email, email_key, password_hash, role, verified_at, time_zone, created_at) \
        values ($1, $2, $3, $4, $5, $6, 'UTC', $6) on conflict (email_key) do nothing";
    let values = vec![
        id.into(),
        address.shown().into(),
        address.key().into(),
        password_hash.into(),
        role.name().into(),
        now.into(),
    ];
    let made = tx.execute_raw(sql(tx, text, values)).await?.rows_affected();
    Ok((made == 1).then_some(id))
}

/// Gives an account another password.
///
/// # Errors
/// Those of the database.
pub(super) async fn set_password(
    tx: &impl ConnectionTrait,
    id: Uuid,
    hash: String,
) -> anyhow::Result<()> {
    let text = "update accounts set password_hash = $2 where id = $1";
    tx.execute_raw(sql(tx, text, vec![id.into(), hash.into()]))
        .await?;
    Ok(())
}

/// Gives an account another address, proven. False when the address has an account already.
///
/// # Errors
/// Those of the database.
pub(super) async fn set_address(
    tx: &impl ConnectionTrait,
    id: Uuid,
    address: &Address,
    now: DateTime<Utc>,
) -> anyhow::Result<bool> {
    let text = "update accounts set email = $2, email_key = $3, verified_at = $4, \
            mail_paused_at = null, mail_paused_why = null \
        where id = $1 and not exists \
            (select 1 from accounts others where others.email_key = $3 and others.id <> $1)";
    let (shown, key) = (address.shown().into(), address.key().into());
    let values = vec![id.into(), shown, key, now.into()];
    Ok(tx.execute_raw(sql(tx, text, values)).await?.rows_affected() == 1)
}

/// Sets in which zone somebody reads times.
///
/// # Errors
/// Those of the database.
pub(super) async fn set_time_zone(
    tx: &impl ConnectionTrait,
    id: Uuid,
    zone: Tz,
) -> anyhow::Result<()> {
    let text = "update accounts set time_zone = $2 where id = $1";
    tx.execute_raw(sql(tx, text, vec![id.into(), zone.name().into()]))
        .await?;
    Ok(())
}

/// Sets what somebody may do. False when there is no such account.
///
/// # Errors
/// Those of the database.
pub(super) async fn set_role(
    tx: &impl ConnectionTrait,
    id: Uuid,
    role: Role,
) -> anyhow::Result<bool> {
    let text = "update accounts set role = $2 where id = $1";
    let values = vec![id.into(), role.name().into()];
    Ok(tx.execute_raw(sql(tx, text, values)).await?.rows_affected() == 1)
}

/// Removes an account; what hangs on it goes with it.
///
/// # Errors
/// Those of the database.
pub(super) async fn delete(tx: &impl ConnectionTrait, id: Uuid) -> anyhow::Result<()> {
    let text = "delete from accounts where id = $1";
    tx.execute_raw(sql(tx, text, vec![id.into()])).await?;
    Ok(())
}

/// Stops mails to an account whose address refuses them; its owner sees why. The first reason stays.
///
/// # Errors
/// Those of the database.
pub async fn pause_mail(
    tx: &impl ConnectionTrait,
    account: Uuid,
    why: &str,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let why: String = why.chars().filter(|c| *c != '\0').take(500).collect();
    let text = "update accounts set mail_paused_at = $2, mail_paused_why = $3 \
        where id = $1 and mail_paused_at is null";
    let values = vec![account.into(), now.into(), why.into()];
    tx.execute_raw(sql(tx, text, values)).await?;
    Ok(())
}

/// Lets mails go to an account again.
///
/// # Errors
/// Those of the database.
pub(super) async fn resume_mail(tx: &impl ConnectionTrait, account: Uuid) -> anyhow::Result<()> {
    let text = "update accounts set mail_paused_at = null, mail_paused_why = null where id = $1";
    tx.execute_raw(sql(tx, text, vec![account.into()])).await?;
    Ok(())
}

/// How these accounts can be written to. Those that are gone are not in the answer.
///
/// # Errors
/// Those of the database.
pub async fn reach(
    db: &impl ConnectionTrait,
    ids: &[Uuid],
) -> anyhow::Result<HashMap<Uuid, Reach>> {
    let mut found = HashMap::with_capacity(ids.len());
    for ids in ids.chunks(AT_ONCE) {
        let places: Vec<String> = (1..=ids.len()).map(|n| format!("${n}")).collect();
        let text = format!(
            "select id, email, verified_at is not null as verified, \
                mail_paused_at is not null as paused, time_zone \
             from accounts where id in ({})",
            places.join(",")
        );
        let values = ids.iter().map(|id| (*id).into()).collect();
        for row in db.query_all_raw(sql(db, text, values)).await? {
            let zone: String = row.try_get("", "time_zone")?;
            let reach = Reach {
                email: row.try_get("", "email")?,
                verified: row.try_get("", "verified")?,
                paused: row.try_get("", "paused")?,
                time_zone: zone.parse().unwrap_or(Tz::UTC),
            };
            found.insert(row.try_get("", "id")?, reach);
        }
    }
    Ok(found)
}
