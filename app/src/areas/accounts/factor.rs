//! One's own second factor.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::account::Role;
use super::links::Purpose;
use super::me::own;
use super::network::Network;
use super::payloads::{Body, PasswordIn};
use super::tasks::SendMail;
use super::who::{Arriving, SessionWriter};
use super::{credentials, recovery, sessions, totp};
use crate::error::{Error, Result};
use crate::hub::Hub;
use crate::openapi::Problem;

/// The second factor.
#[derive(Serialize, ToSchema)]
pub(super) struct FactorOut {
    /// Whether signing in takes a code.
    on: bool,
    /// Whether this account has to have one.
    required: bool,
    /// Recovery codes that still work.
    recovery_codes_left: i64,
}

/// A second factor that is being set up.
#[derive(Serialize, ToSchema)]
pub(super) struct SecretOut {
    /// The secret in base 32, to be typed into an app. It is not shown again.
    secret: String,
    /// The same as an app reads it off a picture.
    uri: String,
}

/// A code of the second factor.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CodeIn {
    /// Six digits.
    code: String,
}

/// Proof that it is the owner who ends a second factor, or makes new recovery codes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BothIn {
    /// The account's password.
    password: String,
    /// Six digits, or a recovery code.
    code: String,
}

/// Recovery codes, each for one sign-in without the second factor.
#[derive(Serialize, ToSchema)]
pub(super) struct RecoveryOut {
    /// The codes. They are not shown again.
    recovery_codes: Vec<String>,
}

/// Whether there is a second factor.
#[utoipa::path(get, path = "/api/me/totp", tag = "accounts", operation_id = "totp",
    responses((status = 200, description = "How it stands", body = FactorOut)))]
pub(super) async fn show(State(hub): State<Hub>, caller: Arriving) -> Result<Json<FactorOut>> {
    let account = own(&hub, caller.account).await?;
    Ok(Json(FactorOut {
        on: account.totp_on_at.is_some(),
        required: account.role == Role::Admin,
        recovery_codes_left: recovery::left(hub.db.read(), account.id).await?,
    }))
}

/// Begins to set up a second factor. It is asked for once a code was given to `PUT /api/me/totp`.
#[utoipa::path(post, path = "/api/me/totp", tag = "accounts", operation_id = "begin_totp",
    request_body = PasswordIn,
    responses(
        (status = 200, description = "The secret, this once", body = SecretOut),
        (status = 409, description = "There is one already", body = Problem),
    ))]
pub(super) async fn begin(
    State(hub): State<Hub>,
    caller: Arriving,
    Body(given): Body<PasswordIn>,
) -> Result<Json<SecretOut>> {
    let account = own(&hub, caller.account).await?;
    credentials::confirm(&hub, &account, "password", &given.password).await?;
    let secret = totp::secret();
    let write = hub.db.begin().await?;
    if !totp::keep(&hub, write.tx(), account.id, &secret).await? {
        return Err(Error::Conflict(
            "there is a second factor already: end it first".to_owned(),
        ));
    }
    write.commit().await?;
    Ok(Json(SecretOut {
        secret: totp::spelt(&secret),
        uri: totp::uri(&secret, &account.email),
    }))
}

/// Puts the second factor to use, and ends every session but this one.
#[utoipa::path(put, path = "/api/me/totp", tag = "accounts", operation_id = "confirm_totp",
    request_body = CodeIn,
    responses(
        (status = 200, description = "In use; recovery codes, this once", body = RecoveryOut),
        (status = 401, description = "The code does not fit", body = Problem),
        (status = 409, description = "None was begun, or it is in use", body = Problem),
    ))]
pub(super) async fn confirm(
    State(hub): State<Hub>,
    caller: Arriving,
    network: Network,
    Body(given): Body<CodeIn>,
) -> Result<Json<RecoveryOut>> {
    let account = own(&hub, caller.account).await?;
    let none = || Error::Conflict("no second factor was begun, or it is in use already".to_owned());
    if account.totp_on_at.is_some() || account.totp_secret.is_none() {
        return Err(none());
    }
    credentials::second_factor(&hub, network, &account, &given.code).await?;
    let write = hub.db.begin().await?;
    let tx = write.tx();
    if !totp::turn_on(tx, account.id, hub.clock.now()).await? {
        return Err(none());
    }
    let recovery_codes = recovery::renew(tx, account.id).await?;
    sessions::end_all(tx, account.id, caller.session()).await?;
    let notice = SendMail::telling(&hub, tx, Purpose::FactorOn, &account).await?;
    write.commit().await?;
    hub.queue.push(notice).await?;
    Ok(Json(RecoveryOut { recovery_codes }))
}

/// Ends the second factor. Admins keep theirs.
#[utoipa::path(delete, path = "/api/me/totp", tag = "accounts", operation_id = "end_totp",
    request_body = BothIn,
    responses(
        (status = 204, description = "Ended"),
        (status = 401, description = "The code does not fit", body = Problem),
        (status = 403, description = "Admins need it", body = Problem),
    ))]
pub(super) async fn end(
    State(hub): State<Hub>,
    caller: Arriving,
    network: Network,
    Body(given): Body<BothIn>,
) -> Result<StatusCode> {
    let account = own(&hub, caller.account).await?;
    if account.role == Role::Admin {
        return Err(Error::Forbidden("admins need a second factor"));
    }
    credentials::confirm(&hub, &account, "password", &given.password).await?;
    if account.totp_on_at.is_some() {
        credentials::second_factor(&hub, network, &account, &given.code).await?;
    }
    let write = hub.db.begin().await?;
    let tx = write.tx();
    totp::turn_off(tx, account.id).await?;
    recovery::forget(tx, account.id).await?;
    let notice = match account.totp_on_at {
        Some(_) => Some(SendMail::telling(&hub, tx, Purpose::FactorOff, &account).await?),
        None => None,
    };
    write.commit().await?;
    if let Some(notice) = notice {
        hub.queue.push(notice).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Makes new recovery codes; those before work no longer. Takes a code, as ending the second factor
/// does: these codes can end it.
#[utoipa::path(post, path = "/api/me/totp/recovery", tag = "accounts",
    operation_id = "renew_recovery_codes",
    request_body = BothIn,
    responses(
        (status = 200, description = "The codes, this once", body = RecoveryOut),
        (status = 401, description = "The code does not fit", body = Problem),
        (status = 409, description = "There is no second factor", body = Problem),
    ))]
pub(super) async fn renew(
    State(hub): State<Hub>,
    caller: SessionWriter,
    network: Network,
    Body(given): Body<BothIn>,
) -> Result<Json<RecoveryOut>> {
    let account = own(&hub, caller.account).await?;
    credentials::confirm(&hub, &account, "password", &given.password).await?;
    if account.totp_on_at.is_none() {
        return Err(Error::Conflict("there is no second factor".to_owned()));
    }
    credentials::second_factor(&hub, network, &account, &given.code).await?;
    let write = hub.db.begin().await?;
    let tx = write.tx();
    let recovery_codes = recovery::renew(tx, account.id).await?;
    let notice = SendMail::telling(&hub, tx, Purpose::RecoveryRenewed, &account).await?;
    write.commit().await?;
    hub.queue.push(notice).await?;
    Ok(Json(RecoveryOut { recovery_codes }))
}
