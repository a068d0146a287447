//! Registering, signing in and out, forgotten passwords. Pages and JSON come here alike.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use super::account::{self, Role};
use super::address::Address;
use super::links::{self, Purpose};
use super::network::Network;
use super::origin::SameOrigin;
use super::payloads::{Body, ForgotIn, LoginIn, LoginOut, RegisterIn, ResetIn, VerifyIn};
use super::sessions::{self, Browser};
use super::tasks::SendMail;
use super::{credentials, limits};
use crate::error::{Error, Result};
use crate::hub::Hub;
use crate::openapi::Problem;

/// Asks for an account. The answer is the same whether or not the address has one.
///
/// A mail with a link follows; the account is there once the link was followed.
#[utoipa::path(post, path = "/api/auth/register", tag = "accounts", operation_id = "register",
    request_body = RegisterIn,
    responses(
        (status = 202, description = "A mail is on its way"),
        (status = 400, description = "No address, or a password too short or too long", body = Problem),
        (status = 429, description = "Asked too often", body = Problem),
        (status = 503, description = "No mail can be sent", body = Problem),
    ))]
pub(super) async fn register(
    State(hub): State<Hub>,
    _: SameOrigin,
    network: Network,
    Body(given): Body<RegisterIn>,
) -> Result<StatusCode> {
    needs_mail(&hub)?;
    let address = Address::read(&given.email)?;
    let next = given.next.map(page_here).transpose()?;
    let limits = credentials::of_mail("register", &address, network);
    limits::within(&hub.db, &limits, hub.clock.now()).await?;
    let hash = hub.passwords.hash("password", &given.password).await?;
    let write = hub.db.begin().await?;
    let tx = write.tx();
    let (purpose, account, hash) = match account::by_address(tx, &address).await? {
        None => (Purpose::Register, None, Some(hash)),
        Some(known) => (Purpose::RegisterKnown, Some(known.id), None),
    };
    let link = links::make(&hub, tx, purpose, &address, account, hash).await?;
    if let Some(next) = next {
        links::lead_back(tx, link, next).await?;
    }
    write.commit().await?;
    hub.queue.push(SendMail { link }).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Longest path of a page: a draft of a subscription with all its regions fits.
const LONGEST_PAGE: usize = 8_000;

/// A path of this host, never another's: a browser takes `//` and `/\` for the begin of one.
fn page_here(path: String) -> Result<String> {
    let other = path.starts_with("//") || path.starts_with("/\\");
    let fits = path.starts_with('/') && !other && path.len() <= LONGEST_PAGE;
    match fits && !path.contains(char::is_control) {
        true => Ok(path),
        false => Err(Error::invalid(
            "next",
            format!(
                "it takes a path of this host, such as /subscriptions, of {LONGEST_PAGE} bytes at most"
            ),
        )),
    }
}

/// Proves an address by the link that was mailed to it.
#[utoipa::path(post, path = "/api/auth/verify", tag = "accounts", operation_id = "verify",
    request_body = VerifyIn,
    responses(
        (status = 204, description = "Proven"),
        (status = 400, description = "The link does not work, or no longer", body = Problem),
    ))]
pub(super) async fn verify(
    State(hub): State<Hub>,
    _: SameOrigin,
    network: Network,
    Body(given): Body<VerifyIn>,
) -> Result<StatusCode> {
    limits::within(&hub.db, &credentials::of_links(network), hub.clock.now()).await?;
    prove(&hub, &given.token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// An account that was made by following a link.
pub(super) struct Made {
    pub(super) id: Uuid,
    pub(super) address: Address,
    /// The page of the web app that its owner came from.
    pub(super) next: Option<String>,
}

/// Uses a link that proves an address; answers the account, when one was made by it. Its password is
/// that of the registration the link belongs to, whoever asked for that.
///
/// # Errors
/// When it does not work, or its address belongs to somebody by now.
pub(super) async fn prove(hub: &Hub, token: &str) -> Result<Option<Made>> {
    let now = hub.clock.now();
    let write = hub.db.begin().await?;
    let tx = write.tx();
    let link = links::take(tx, token, &links::VERIFYING, now).await?;
    let address = Address::read(&link.email)?;
    let taken = || Error::Conflict("this address has an account by now".to_owned());
    let (mut made, mut notice) = (None, None);
    match link.account {
        None => {
            let id = account::make(tx, &address, link.password_hash, Role::User, now).await?;
            made = Some(id.ok_or_else(taken)?);
        }
        Some(id) => {
            let before = account::by_id(tx, id).await?.ok_or_else(taken)?;
            if !account::set_address(tx, id, &address, now).await? {
                return Err(taken());
            }
            links::forget(tx, id, Purpose::Reset).await?;
            notice = Some(SendMail::telling(hub, tx, Purpose::EmailChanged, &before).await?);
        }
    }
    links::forget_registrations(tx, &address).await?;
    write.commit().await?;
    if let Some(notice) = notice {
        hub.queue.push(notice).await?;
    }
    let next = link.next;
    Ok(made.map(|id| Made { id, address, next }))
}

/// Signs in.
#[utoipa::path(post, path = "/api/auth/login", tag = "accounts", operation_id = "login",
    request_body = LoginIn,
    responses(
        (status = 200, description = "Signed in; the session is in the cookie", body = LoginOut),
        (status = 401, description = "Address, password or code do not fit, or a code is missing \
            (`/problems/code`)", body = Problem),
        (status = 403, description = "Asked from another site", body = Problem),
        (status = 429, description = "Tried too often", body = Problem),
    ))]
pub(super) async fn login(
    State(hub): State<Hub>,
    _: SameOrigin,
    network: Network,
    headers: HeaderMap,
    Body(given): Body<LoginIn>,
) -> Result<Response> {
    let address = Address::read(&given.email)?;
    let code = given.totp.as_deref();
    let account = credentials::sign_in(&hub, network, &address, &given.password, code).await?;
    let write = hub.db.begin().await?;
    let tx = write.tx();
    if let Some(old) = sessions::presented(&hub, &headers) {
        sessions::end_presented(tx, &old).await?;
    }
    let browser = Browser::of(&headers, network);
    let secret = sessions::begin(tx, account.id, &browser, hub.clock.now()).await?;
    write.commit().await?;
    let cookie = sessions::cookie(&hub, Some(&secret))?;
    let out = LoginOut {
        email: account.email,
        role: account.role,
    };
    Ok(([(header::SET_COOKIE, cookie)], Json(out)).into_response())
}

/// Signs out: ends the session of the cookie, if there is one.
#[utoipa::path(post, path = "/api/auth/logout", tag = "accounts", operation_id = "logout",
    responses((status = 204, description = "Signed out")))]
pub(super) async fn logout(
    State(hub): State<Hub>,
    _: SameOrigin,
    headers: HeaderMap,
) -> Result<Response> {
    if let Some(secret) = sessions::presented(&hub, &headers) {
        let write = hub.db.begin().await?;
        sessions::end_presented(write.tx(), &secret).await?;
        write.commit().await?;
    }
    let cookie = sessions::cookie(&hub, None)?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

/// Asks for a link that sets a new password. The answer is the same whether or not the address has
/// an account.
#[utoipa::path(post, path = "/api/auth/forgot", tag = "accounts", operation_id = "forgot",
    request_body = ForgotIn,
    responses(
        (status = 202, description = "If the address has an account, a mail is on its way"),
        (status = 429, description = "Asked too often", body = Problem),
        (status = 503, description = "No mail can be sent", body = Problem),
    ))]
pub(super) async fn forgot(
    State(hub): State<Hub>,
    _: SameOrigin,
    network: Network,
    Body(given): Body<ForgotIn>,
) -> Result<StatusCode> {
    needs_mail(&hub)?;
    let address = Address::read(&given.email)?;
    let limits = credentials::of_mail("forgot", &address, network);
    limits::within(&hub.db, &limits, hub.clock.now()).await?;
    let write = hub.db.begin().await?;
    let tx = write.tx();
    let known = account::by_address(tx, &address)
        .await?
        .map(|known| known.id);
    let purpose = match known {
        Some(_) => Purpose::Reset,
        None => Purpose::ResetUnknown,
    };
    let link = links::make(&hub, tx, purpose, &address, known, None).await?;
    write.commit().await?;
    hub.queue.push(SendMail { link }).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Sets a new password by the link that was mailed, and ends every session.
#[utoipa::path(post, path = "/api/auth/reset", tag = "accounts", operation_id = "reset",
    request_body = ResetIn,
    responses(
        (status = 204, description = "Set; sign in with it"),
        (status = 400, description = "The link does not work, or no longer, or the password is too \
            short or too long", body = Problem),
    ))]
pub(super) async fn reset(
    State(hub): State<Hub>,
    _: SameOrigin,
    network: Network,
    Body(given): Body<ResetIn>,
) -> Result<StatusCode> {
    limits::within(&hub.db, &credentials::of_links(network), hub.clock.now()).await?;
    set_password(&hub, network, &given.token, &given.password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Uses a link that sets a password. A password that is not taken leaves the link working.
///
/// # Errors
/// When the link does not work, or the password is too short or too long.
pub(super) async fn set_password(
    hub: &Hub,
    network: Network,
    token: &str,
    password: &str,
) -> Result<()> {
    let now = hub.clock.now();
    links::look(hub.db.read(), token, &links::RESETTING, now).await?;
    let hash = hub.passwords.hash("password", password).await?;
    let write = hub.db.begin().await?;
    let tx = write.tx();
    let link = links::take(tx, token, &links::RESETTING, now).await?;
    let id = link.account.ok_or(Error::NotFound("account"))?;
    account::set_password(tx, id, hash).await?;
    sessions::end_all(tx, id, None).await?;
    links::forget(tx, id, Purpose::Reset).await?;
    let address = Address::read(&link.email)?;
    let told = Purpose::PasswordChanged;
    let notice = links::make(hub, tx, told, &address, Some(id), None).await?;
    write.commit().await?;
    hub.queue.push(SendMail { link: notice }).await?;
    credentials::forgive_codes(hub, id, network).await
}

/// Refuses, before anything is kept, what ends in a mail that cannot be sent.
///
/// # Errors
/// Saying what to set.
pub(super) fn needs_mail(hub: &Hub) -> Result<()> {
    if hub.mailer.works() {
        Ok(())
    } else {
        Err(Error::NoMail)
    }
}
