//! API tokens: named, scoped, shown once, kept as hashes.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use chrono::{DateTime, Datelike, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, QueryResult};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Role;
use super::payloads::{Body, Page, id_of, name};
use super::who::{Caller, SessionWriter, Via, Writer};
use crate::db::sql;
use crate::error::{Error, Result};
use crate::hub::Hub;
use crate::openapi::Problem;
use crate::secrets::{hash_token, random_token};

/// What tokens begin with, so that people and scanners know one when they see it.
const PREFIX: &str = "starboard_";
/// Most tokens of an account.
const MOST: i64 = 100;
/// Years that both databases compare as text and as time alike.
const LAST_YEAR: i32 = 9999;
/// How exactly the last use is kept.
const USED_EVERY: TimeDelta = TimeDelta::minutes(1);

/// What a token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Scope {
    /// Read.
    Read,
    /// Read and write, credentials excepted.
    Write,
}

/// A token to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenIn {
    /// What its owner calls it, 1 to 100 characters.
    name: String,
    /// What it may do.
    scope: Scope,
    /// When it stops working; never when not given.
    expires: Option<DateTime<Utc>>,
}

/// A token as its owner sees it.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenOut {
    /// By which it is revoked.
    id: Uuid,
    /// What its owner calls it.
    name: String,
    /// What it may do.
    scope: Scope,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it stops working.
    expires: Option<DateTime<Utc>>,
    /// Last use, to a minute.
    used_at: Option<DateTime<Utc>>,
}

/// A token that was just made.
#[derive(Serialize, ToSchema)]
pub(super) struct NewTokenOut {
    #[serde(flatten)]
    made: TokenOut,
    /// The token itself. It is not shown again.
    token: String,
}

/// Whom a token belongs to.
pub(super) struct Found {
    pub(super) token: Uuid,
    pub(super) account: Uuid,
    pub(super) role: Role,
    pub(super) totp: bool,
    pub(super) writes: bool,
    used_at: Option<DateTime<Utc>>,
}

/// Whose token this is, if it works.
///
/// # Errors
/// Those of the database.
pub(super) async fn find(
    db: &impl ConnectionTrait,
    token: &str,
    now: DateTime<Utc>,
) -> anyhow::Result<Option<Found>> {
    let text = "select tokens.id, account_id, role, scope, totp_on_at is not null as totp, used_at \
        from tokens join accounts on accounts.id = account_id \
        where token_hash = $1 and (expires_at is null or expires_at > $2)";
    let values = vec![hash_token(token).to_vec().into(), now.into()];
    let Some(row) = db.query_one_raw(sql(db, text, values)).await? else {
        return Ok(None);
    };
    Ok(Some(Found {
        token: row.try_get("", "id")?,
        account: row.try_get("", "account_id")?,
        role: Role::read(&row.try_get::<String>("", "role")?),
        totp: row.try_get("", "totp")?,
        writes: row.try_get::<String>("", "scope")? == "write",
        used_at: row.try_get("", "used_at")?,
    }))
}

/// Notes that a token was used, now and then.
///
/// # Errors
/// Those of the database.
pub(super) async fn used(hub: &Hub, found: &Found, now: DateTime<Utc>) -> anyhow::Result<()> {
    if found.used_at.is_some_and(|last| now - last < USED_EVERY) {
        return Ok(());
    }
    let write = hub.db.begin().await?;
    let text = "update tokens set used_at = $2 where id = $1";
    let values = vec![found.token.into(), now.into()];
    write
        .tx()
        .execute_raw(sql(write.tx(), text, values))
        .await?;
    Ok(write.commit().await?)
}

/// The tokens of an account, newest first.
///
/// # Errors
/// Those of the database.
pub(super) async fn of_account(
    db: &impl ConnectionTrait,
    account: Uuid,
) -> anyhow::Result<Vec<TokenOut>> {
    let text = "select id, name, scope, created_at, expires_at, used_at from tokens \
        where account_id = $1 order by created_at desc, id";
    let rows = db
        .query_all_raw(sql(db, text, vec![account.into()]))
        .await?;
    rows.iter().map(read).collect()
}

fn read(row: &QueryResult) -> anyhow::Result<TokenOut> {
    let writes = row.try_get::<String>("", "scope")? == "write";
    Ok(TokenOut {
        id: row.try_get("", "id")?,
        name: row.try_get("", "name")?,
        scope: if writes { Scope::Write } else { Scope::Read },
        created_at: row.try_get("", "created_at")?,
        expires: row.try_get("", "expires_at")?,
        used_at: row.try_get("", "used_at")?,
    })
}

/// The tokens of the account.
#[utoipa::path(get, path = "/api/tokens", tag = "accounts", operation_id = "tokens",
    responses((status = 200, description = "The tokens", body = Page<TokenOut>)))]
pub(super) async fn list(State(hub): State<Hub>, caller: Caller) -> Result<Json<Page<TokenOut>>> {
    Ok(Page::json(of_account(hub.db.read(), caller.account).await?))
}

/// Makes a token. No token can.
#[utoipa::path(post, path = "/api/tokens", tag = "accounts", operation_id = "make_token",
    request_body = TokenIn,
    responses(
        (status = 201, description = "The token, this once", body = NewTokenOut),
        (status = 403, description = "Asked with a token, or from another site", body = Problem),
    ))]
pub(super) async fn make(
    State(hub): State<Hub>,
    caller: SessionWriter,
    Body(given): Body<TokenIn>,
) -> Result<(StatusCode, Json<NewTokenOut>)> {
    let now = hub.clock.now();
    if given
        .expires
        .is_some_and(|end| end <= now || end.year() > LAST_YEAR)
    {
        return Err(Error::invalid("expires", "it takes a time ahead, or null"));
    }
    let made = TokenOut {
        id: Uuid::now_v7(),
        name: name(&given.name)?,
        scope: given.scope,
        created_at: now,
        expires: given.expires,
        used_at: None,
    };
    let token = random_token(PREFIX);
    let write = hub.db.begin().await?;
    let tx = write.tx();
    let text = "insert into tokens \
            (id, account_id, name, scope, token_hash, created_at, expires_at) \
        select $1, $2, $3, $4, $5, $6, $7 \
        where (select count(*) from tokens where account_id = $2) < $8";
    let scope = if made.scope == Scope::Write {
        "write"
    } else {
        "read"
    };
    let values = vec![
        made.id.into(),
        caller.account.into(),
        made.name.as_str().into(),
        scope.into(),
        hash_token(&token).to_vec().into(),
        now.into(),
        made.expires.into(),
        MOST.into(),
    ];
    if tx.execute_raw(sql(tx, text, values)).await?.rows_affected() == 0 {
        return Err(Error::Conflict(format!(
            "an account has at most {MOST} tokens: revoke one"
        )));
    }
    write.commit().await?;
    Ok((StatusCode::CREATED, Json(NewTokenOut { made, token })))
}

/// Revokes a token: any of one's own with a session, itself with a token.
#[utoipa::path(delete, path = "/api/tokens/{id}", tag = "accounts", operation_id = "revoke_token",
    params(("id" = Uuid, Path, description = "The token's id")),
    responses(
        (status = 204, description = "Revoked"),
        (status = 404, description = "There is none", body = Problem),
    ))]
pub(super) async fn revoke(
    State(hub): State<Hub>,
    caller: Revoker,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    let id = id_of(&id, "token")?;
    if let Via::Reader(own) | Via::Writer(own) = caller.0.via
        && own != id
    {
        return Err(Error::Forbidden("a token can revoke no token but itself"));
    }
    let write = hub.db.begin().await?;
    let tx = write.tx();
    let text = "delete from tokens where id = $1 and account_id = $2";
    let values = vec![id.into(), caller.0.account.into()];
    let gone = tx.execute_raw(sql(tx, text, values)).await?.rows_affected();
    write.commit().await?;
    if gone == 1 {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Error::NotFound("token"))
    }
}

/// Who may ask for a token to be revoked: a session from our own pages, or any token.
pub(super) struct Revoker(Caller);

impl axum::extract::FromRequestParts<Hub> for Revoker {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, hub: &Hub) -> Result<Self> {
        let caller =
            <Caller as axum::extract::FromRequestParts<Hub>>::from_request_parts(parts, hub)
                .await?;
        if matches!(caller.via, Via::Reader(_)) {
            return Ok(Revoker(caller));
        }
        Writer::from_request_parts(parts, hub)
            .await
            .map(|writer| Revoker(writer.0))
    }
}
