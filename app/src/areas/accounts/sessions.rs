//! Sessions: a random cookie, of which the database keeps a hash.

use axum::http::{HeaderMap, HeaderValue, header};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ConnectionTrait;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::links::{self, Purpose};
use crate::db::sql;
use crate::error::Result;
use crate::hub::Hub;
use crate::secrets::{hash_token, random_token};

/// Longest life of a session.
const LONGEST: TimeDelta = TimeDelta::days(180);
/// Longest time without a request.
pub(super) const IDLE: TimeDelta = TimeDelta::days(30);
/// Most sessions of an account: a new one ends the one that was idle longest.
const MOST: i64 = 100;
/// How exactly the last request is kept.
const SEEN_EVERY: TimeDelta = TimeDelta::minutes(10);
/// Longest text kept of what a browser calls itself.
const LONGEST_AGENT: usize = 200;

/// A session as its owner sees it.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionOut {
    /// By which it is ended.
    id: Uuid,
    /// What the browser calls itself.
    agent: Option<String>,
    /// The network it began in.
    network: Option<String>,
    /// When it began.
    created_at: DateTime<Utc>,
    /// Newest request, to ten minutes.
    seen_at: DateTime<Utc>,
    /// When it ends at the latest.
    expires_at: DateTime<Utc>,
    /// Whether it is the one that asks.
    current: bool,
}

/// Who a cookie belongs to.
pub(super) struct Found {
    pub(super) session: Uuid,
    pub(super) account: Uuid,
    pub(super) role: super::Role,
    pub(super) totp: bool,
    seen_at: DateTime<Utc>,
}

/// What is known of a browser that signs in.
pub(super) struct Browser {
    /// What it calls itself.
    pub(super) agent: Option<String>,
    /// Its network.
    pub(super) network: super::Network,
}

impl Browser {
    /// Reads it off a request.
    pub(super) fn of(headers: &HeaderMap, network: super::Network) -> Browser {
        let agent = headers
            .get(header::USER_AGENT)
            .and_then(|v| v.to_str().ok());
        let short = |agent: &str| agent.chars().take(LONGEST_AGENT).collect();
        Browser {
            agent: agent.map(short),
            network,
        }
    }
}

/// Begins a session; answers the secret for its cookie. Always a new one: what the browser sent
/// before, perhaps planted by somebody else, is never taken over.
///
/// # Errors
/// Those of the database.
pub(super) async fn begin(
    tx: &impl ConnectionTrait,
    account: Uuid,
    browser: &Browser,
    now: DateTime<Utc>,
) -> anyhow::Result<String> {
    let secret = random_token("");
    let text = "insert into sessions \
            (id, account_id, secret_hash, agent, network, created_at, seen_at, expires_at) \
        values ($1, $2, $3, $4, $5, $6, $6, $7)";
    let values = vec![
        Uuid::now_v7().into(),
        account.into(),
        hash_token(&secret).to_vec().into(),
        browser.agent.clone().into(),
        browser.network.text().into(),
        now.into(),
        now.checked_add_signed(LONGEST).unwrap_or(now).into(),
    ];
    tx.execute_raw(sql(tx, text, values)).await?;
    let text = "delete from sessions where account_id = $1 and id not in \
        (select id from sessions where account_id = $1 order by seen_at desc, id desc limit $2)";
    tx.execute_raw(sql(tx, text, vec![account.into(), MOST.into()]))
        .await?;
    Ok(secret)
}

/// Whose session this secret is, if it lasts.
///
/// # Errors
/// Those of the database.
pub(super) async fn find(
    db: &impl ConnectionTrait,
    secret: &str,
    now: DateTime<Utc>,
) -> anyhow::Result<Option<Found>> {
    let text = "select sessions.id, account_id, role, totp_on_at is not null as totp, seen_at \
        from sessions join accounts on accounts.id = account_id \
        where secret_hash = $1 and expires_at > $2 and seen_at > $3";
    let idle = now.checked_sub_signed(IDLE).unwrap_or(now);
    let values = vec![hash_token(secret).to_vec().into(), now.into(), idle.into()];
    let Some(row) = db.query_one_raw(sql(db, text, values)).await? else {
        return Ok(None);
    };
    Ok(Some(Found {
        session: row.try_get("", "id")?,
        account: row.try_get("", "account_id")?,
        role: super::Role::read(&row.try_get::<String>("", "role")?),
        totp: row.try_get("", "totp")?,
        seen_at: row.try_get("", "seen_at")?,
    }))
}

/// Notes that a session was used, now and then.
///
/// # Errors
/// Those of the database.
pub(super) async fn seen(hub: &Hub, found: &Found, now: DateTime<Utc>) -> anyhow::Result<()> {
    if now - found.seen_at < SEEN_EVERY {
        return Ok(());
    }
    let write = hub.db.begin().await?;
    let text = "update sessions set seen_at = $2 where id = $1";
    let values = vec![found.session.into(), now.into()];
    write
        .tx()
        .execute_raw(sql(write.tx(), text, values))
        .await?;
    Ok(write.commit().await?)
}

/// The sessions of an account that last, newest first.
///
/// # Errors
/// Those of the database.
pub(super) async fn of_account(
    db: &impl ConnectionTrait,
    account: Uuid,
    current: Option<Uuid>,
    now: DateTime<Utc>,
) -> anyhow::Result<Vec<SessionOut>> {
    let text = "select id, agent, network, created_at, seen_at, expires_at from sessions \
        where account_id = $1 and expires_at > $2 and seen_at > $3 order by seen_at desc, id";
    let idle = now.checked_sub_signed(IDLE).unwrap_or(now);
    let values = vec![account.into(), now.into(), idle.into()];
    let rows = db.query_all_raw(sql(db, text, values)).await?;
    rows.iter()
        .map(|row| {
            let id = row.try_get("", "id")?;
            Ok(SessionOut {
                id,
                agent: row.try_get("", "agent")?,
                network: row.try_get("", "network")?,
                created_at: row.try_get("", "created_at")?,
                seen_at: row.try_get("", "seen_at")?,
                expires_at: row.try_get("", "expires_at")?,
                current: current == Some(id),
            })
        })
        .collect()
}

/// Ends one session of an account. False when it has none such.
///
/// # Errors
/// Those of the database.
pub(super) async fn end(
    tx: &impl ConnectionTrait,
    account: Uuid,
    session: Uuid,
) -> anyhow::Result<bool> {
    let text = "delete from sessions where id = $1 and account_id = $2";
    let values = vec![session.into(), account.into()];
    Ok(tx.execute_raw(sql(tx, text, values)).await?.rows_affected() == 1)
}

/// Ends all sessions of an account but one, and with them a change of address that was asked for:
/// whoever ends them may not know who asked.
///
/// # Errors
/// Those of the database.
pub(super) async fn end_all(
    tx: &impl ConnectionTrait,
    account: Uuid,
    but: Option<Uuid>,
) -> anyhow::Result<()> {
    links::forget(tx, account, Purpose::Email).await?;
    let text = "delete from sessions where account_id = $1 and id <> $2";
    let values = vec![account.into(), but.unwrap_or_default().into()];
    tx.execute_raw(sql(tx, text, values)).await?;
    Ok(())
}

/// Ends whatever session this secret is of.
///
/// # Errors
/// Those of the database.
pub(super) async fn end_presented(tx: &impl ConnectionTrait, secret: &str) -> anyhow::Result<()> {
    let text = "delete from sessions where secret_hash = $1";
    let values = vec![hash_token(secret).to_vec().into()];
    tx.execute_raw(sql(tx, text, values)).await?;
    Ok(())
}

/// The cookie's name. With https the prefix has browsers refuse it from other hosts and paths.
fn name(hub: &Hub) -> &'static str {
    if is_https(hub) {
        "__Host-starboard"
    } else {
        "starboard"
    }
}

fn is_https(hub: &Hub) -> bool {
    hub.config.public_url.starts_with("https:")
}

/// The secret a request carries.
pub(super) fn presented(hub: &Hub, headers: &HeaderMap) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter();
    let mut pairs = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let (_, secret) = pairs.find(|(known, _)| *known == name(hub))?;
    (!secret.is_empty()).then(|| secret.to_owned())
}

/// The field that gives a browser its cookie, or takes it away.
///
/// # Errors
/// Never: what is in it are letters, digits, `-` and `_`.
pub(super) fn cookie(hub: &Hub, secret: Option<&str>) -> Result<HeaderValue> {
    let secure = if is_https(hub) { "; Secure" } else { "" };
    let age = secret.map_or(0, |_| LONGEST.num_seconds());
    let (name, secret) = (name(hub), secret.unwrap_or_default());
    let field = format!("{name}={secret}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}");
    Ok(HeaderValue::from_str(&field).map_err(anyhow::Error::from)?)
}
