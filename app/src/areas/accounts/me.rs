//! One's own account: the address, the password, sessions, the end of it.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use chrono_tz::Tz;
use uuid::Uuid;

use super::account::{self, Account};
use super::address::Address;
use super::export::{self, Keeper};
use super::links::{self, Purpose};
use super::network::Network;
use super::payloads::{AccountIn, AccountOut, Body, EmailIn, Page, PasswordIn, id_of};
use super::sessions::SessionOut;
use super::tasks::SendMail;
use super::who::{Arriving, Present, SessionWriter, Via, Writer};
use super::{auth, credentials, limits, sessions};
use crate::error::{Error, Result};
use crate::hub::Hub;
use crate::openapi::Problem;

/// What else keeps things of accounts.
pub(super) type Keepers = Arc<[Box<dyn Keeper>]>;

/// The caller's account.
///
/// # Errors
/// When it was deleted meanwhile.
pub(super) async fn own(hub: &Hub, id: Uuid) -> Result<Account> {
    account::by_id(hub.db.read(), id)
        .await?
        .ok_or(Error::SignIn)
}

/// The account.
#[utoipa::path(get, path = "/api/me", tag = "accounts", operation_id = "me",
    responses(
        (status = 200, description = "The account", body = AccountOut),
        (status = 401, description = "Nobody is signed in", body = Problem),
    ))]
pub(super) async fn show(State(hub): State<Hub>, caller: Present) -> Result<Json<AccountOut>> {
    Ok(Json(own(&hub, caller.account).await?.into()))
}

/// Changes time zone or password, or lets mails go to the address again.
#[utoipa::path(patch, path = "/api/me", tag = "accounts", operation_id = "change_me",
    request_body = AccountIn,
    responses(
        (status = 200, description = "The account as it is now", body = AccountOut),
        (status = 400, description = "No such zone, or the password does not fit", body = Problem),
        (status = 403, description = "A token asked for a new password", body = Problem),
    ))]
pub(super) async fn change(
    State(hub): State<Hub>,
    caller: Writer,
    Body(given): Body<AccountIn>,
) -> Result<Json<AccountOut>> {
    let zone = given.time_zone.as_deref().map(time_zone).transpose()?;
    if given.mail_paused == Some(true) {
        return Err(Error::invalid("mail_paused", "it takes false only"));
    }
    let hash = match &given.password {
        None => None,
        Some(password) => {
            if !matches!(caller.via, Via::Session(_)) {
                return Err(Error::Forbidden(
                    "no token can change the password: sign in",
                ));
            }
            let before = given.current_password.as_deref().unwrap_or_default();
            let account = own(&hub, caller.account).await?;
            credentials::confirm(&hub, &account, "current_password", before).await?;
            Some((hub.passwords.hash("password", password).await?, account))
        }
    };
    let write = hub.db.begin().await?;
    let tx = write.tx();
    let mut notice = None;
    if let Some((hash, account)) = hash {
        account::set_password(tx, account.id, hash).await?;
        sessions::end_all(tx, account.id, caller.session()).await?;
        links::forget(tx, account.id, Purpose::Reset).await?;
        notice = Some(SendMail::telling(&hub, tx, Purpose::PasswordChanged, &account).await?);
    }
    if let Some(zone) = zone {
        account::set_time_zone(tx, caller.account, zone).await?;
    }
    if given.mail_paused == Some(false) {
        account::resume_mail(tx, caller.account).await?;
    }
    write.commit().await?;
    if let Some(notice) = notice {
        hub.queue.push(notice).await?;
    }
    Ok(Json(own(&hub, caller.account).await?.into()))
}

fn time_zone(name: &str) -> Result<Tz> {
    let known = name.parse();
    known.map_err(|_| Error::invalid("time_zone", "it takes a name such as Europe/Berlin or UTC"))
}

/// Ends the account: everything that is kept of it is removed.
#[utoipa::path(delete, path = "/api/me", tag = "accounts", operation_id = "delete_me",
    request_body = PasswordIn,
    responses(
        (status = 204, description = "Gone"),
        (status = 400, description = "The password does not fit", body = Problem),
    ))]
pub(super) async fn delete(
    State(hub): State<Hub>,
    Extension(keepers): Extension<Keepers>,
    caller: Arriving,
    Body(given): Body<PasswordIn>,
) -> Result<Response> {
    let account = own(&hub, caller.account).await?;
    credentials::confirm(&hub, &account, "password", &given.password).await?;
    let write = hub.db.begin().await?;
    let mut afterwards = Vec::new();
    for keeper in keepers.iter() {
        afterwards.push(keeper.forget(&hub, write.tx(), account.id).await?);
    }
    account::delete(write.tx(), account.id).await?;
    write.commit().await?;
    for done in afterwards {
        done(&hub);
    }
    let cookie = sessions::cookie(&hub, None)?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

/// Asks for another address. It counts once the link mailed to it was followed; the answer is the
/// same whether or not somebody else has it. The address until now is told at once; a new password,
/// or the end of all sessions, takes the wish back.
#[utoipa::path(post, path = "/api/me/email", tag = "accounts", operation_id = "change_email",
    request_body = EmailIn,
    responses(
        (status = 202, description = "A mail is on its way to the new address"),
        (status = 400, description = "No address, or the password does not fit", body = Problem),
        (status = 429, description = "Asked too often", body = Problem),
        (status = 503, description = "No mail can be sent", body = Problem),
    ))]
pub(super) async fn email(
    State(hub): State<Hub>,
    caller: SessionWriter,
    network: Network,
    Body(given): Body<EmailIn>,
) -> Result<StatusCode> {
    auth::needs_mail(&hub)?;
    let address = Address::read(&given.email)?;
    let account = own(&hub, caller.account).await?;
    let limits = credentials::of_change(&account, &address, network);
    limits::within(&hub.db, &limits, hub.clock.now()).await?;
    credentials::confirm(&hub, &account, "password", &given.password).await?;
    let write = hub.db.begin().await?;
    let tx = write.tx();
    let other = account::by_address(tx, &address).await?;
    let (purpose, whose) = match other.filter(|other| other.id != account.id) {
        None => (Purpose::Email, account.id),
        Some(other) => (Purpose::EmailKnown, other.id),
    };
    // The newest wish counts.
    links::forget(tx, account.id, Purpose::Email).await?;
    let link = links::make(&hub, tx, purpose, &address, Some(whose), None).await?;
    let notice = SendMail::telling(&hub, tx, Purpose::EmailAsked, &account).await?;
    write.commit().await?;
    hub.queue.push(notice).await?;
    hub.queue.push(SendMail { link }).await?;
    Ok(StatusCode::ACCEPTED)
}

/// The sessions of the account, newest first.
#[utoipa::path(get, path = "/api/me/sessions", tag = "accounts", operation_id = "sessions",
    responses((status = 200, description = "The sessions", body = Page<SessionOut>)))]
pub(super) async fn sessions(
    State(hub): State<Hub>,
    caller: Arriving,
) -> Result<Json<Page<SessionOut>>> {
    let (db, now) = (hub.db.read(), hub.clock.now());
    let known = sessions::of_account(db, caller.account, caller.session(), now).await?;
    Ok(Page::json(known))
}

/// Ends every session but this one, and takes back a change of address that was asked for.
#[utoipa::path(delete, path = "/api/me/sessions", tag = "accounts", operation_id = "end_sessions",
    responses((status = 204, description = "Ended")))]
pub(super) async fn end_sessions(State(hub): State<Hub>, caller: Arriving) -> Result<StatusCode> {
    let write = hub.db.begin().await?;
    sessions::end_all(write.tx(), caller.account, caller.session()).await?;
    write.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends one session.
#[utoipa::path(delete, path = "/api/me/sessions/{id}", tag = "accounts", operation_id = "end_session",
    params(("id" = Uuid, Path, description = "The session's id")),
    responses(
        (status = 204, description = "Ended"),
        (status = 404, description = "There is none", body = Problem),
    ))]
pub(super) async fn end_session(
    State(hub): State<Hub>,
    caller: Arriving,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    let id = id_of(&id, "session")?;
    let write = hub.db.begin().await?;
    let ended = sessions::end(write.tx(), caller.account, id).await?;
    write.commit().await?;
    if ended {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Error::NotFound("session"))
    }
}

/// Everything that is kept of the account, as one JSON document. Hashes and sealed secrets are not
/// in it. Of deliveries it holds the newest 10,000, shared equally among the subscriptions, and
/// `complete` says whether that is all. Six an hour.
#[utoipa::path(get, path = "/api/me/export", tag = "accounts", operation_id = "export_me",
    responses(
        (status = 200, description = "The document", body = Object),
        (status = 429, description = "Asked too often", body = Problem),
    ))]
pub(super) async fn export(
    State(hub): State<Hub>,
    Extension(keepers): Extension<Keepers>,
    caller: Arriving,
) -> Result<Response> {
    let limit = [credentials::of_export(caller.account)];
    limits::within(&hub.db, &limit, hub.clock.now()).await?;
    let account = own(&hub, caller.account).await?;
    let document = export::document(&hub, account, &keepers).await?;
    let file = HeaderValue::from_static("attachment; filename=\"starboard.json\"");
    Ok(([(header::CONTENT_DISPOSITION, file)], Json(document)).into_response())
}
