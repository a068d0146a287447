//! The pages that links in mails lead to: made here, without scripts. Looking at one changes and
//! consumes nothing, because mail programs and scanners look at links before people do; the button
//! acts.

use axum::Router;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;

use super::auth::{self, Made};
use super::links::{self, Purpose};
use super::network::Network;
use super::origin::SameOrigin;
use super::{credentials, limits};
use crate::error::{Error, Result};
use crate::hub::Hub;
use crate::plain::{self, Plain, home};
use crate::words;

/// Where forms and styles are asked for, the origin is told and the address, which opens things, is
/// not.
const REFERRER: (HeaderName, HeaderValue) = (
    header::REFERRER_POLICY,
    HeaderValue::from_static("strict-origin"),
);

/// The pages.
pub(super) fn router() -> Router<Hub> {
    Router::new()
        .route("/verify/{token}", get(look_verify).post(verify))
        .route("/reset/{token}", get(look_reset).post(reset))
}

async fn look_verify(
    State(hub): State<Hub>,
    network: Network,
    Path(token): Path<String>,
) -> Response {
    shown(verify_form(&hub, network, &token).await)
}

async fn verify_form(hub: &Hub, network: Network, token: &str) -> Result<Markup> {
    let now = hub.clock.now();
    limits::within(&hub.db, &credentials::of_links(network), now).await?;
    let link = links::look(hub.db.read(), token, &links::VERIFYING, now).await?;
    let is_new = link.purpose == Purpose::Register;
    let what = match is_new {
        true => "Finish making your Starboard account, with this address:",
        false => "Use this address for your Starboard account from now on:",
    };
    Ok(html! {
        h1 { "Confirm your address" }
        p { (what) " " strong { (link.email) } }
        @if is_new {
            p { "Its password is the one that was chosen at " (words::minute(link.created_at)) " UTC, when \
                this account was asked for. Confirm only if that was you." }
        }
        form method="post" { button { "Confirm" } }
        p { "If it was not you who asked, close this page: nothing happens." }
    })
}

async fn verify(
    State(hub): State<Hub>,
    origin: Result<SameOrigin>,
    network: Network,
    Path(token): Path<String>,
) -> Response {
    shown(verified(&hub, origin, network, &token).await)
}

async fn verified(
    hub: &Hub,
    origin: Result<SameOrigin>,
    network: Network,
    token: &str,
) -> Result<Markup> {
    origin?;
    limits::within(&hub.db, &credentials::of_links(network), hub.clock.now()).await?;
    let made = auth::prove(hub, token).await?;
    let other = match &made {
        Some(made) => Some(other_password(hub, made).await?),
        None => None,
    };
    let next = made.and_then(|made| made.next);
    Ok(html! {
        h1 { "Your address is confirmed" }
        @match next {
            Some(next) => p { a href=(back(&next)) { "Sign in and go on where you were" } }
            None => p { "You can sign in with it now." }
        }
        @if let Some(page) = other {
            p { "If it was not you who chose the password, " a href=(page) { "choose another one" }
                ", within the hour: the one it has works no longer then." }
        }
        (home())
    })
}

/// The page where one signs in, and is led on from.
fn back(next: &str) -> String {
    let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
    format!("/login?next={next}")
}

/// The page where whoever has just proven the address of an account chooses another password: the
/// one it has is that of whoever registered it.
async fn other_password(hub: &Hub, made: &Made) -> Result<String> {
    let write = hub.db.begin().await?;
    let (tx, id) = (write.tx(), Some(made.id));
    let link = links::make(hub, tx, Purpose::Reset, &made.address, id, None).await?;
    write.commit().await?;
    Ok(format!("/reset/{}", links::text(hub, link)))
}

async fn look_reset(
    State(hub): State<Hub>,
    network: Network,
    Path(token): Path<String>,
) -> Response {
    shown(reset_form(&hub, network, &token).await)
}

async fn reset_form(hub: &Hub, network: Network, token: &str) -> Result<Markup> {
    let now = hub.clock.now();
    limits::within(&hub.db, &credentials::of_links(network), now).await?;
    let link = links::look(hub.db.read(), token, &links::RESETTING, now).await?;
    Ok(html! {
        h1 { "Choose a password" }
        p { "For the Starboard account of " strong { (link.email) } "." }
        form method="post" {
            // For password managers.
            input type="hidden" name="email" autocomplete="username" value=(link.email);
            p {
                label for="password" { "New password, 10 to 200 characters" } br;
                input #password type="password" name="password" autocomplete="new-password"
                    required minlength="10" maxlength="200";
            }
            button { "Set the password" }
        }
        p { "Every session of the account ends; its API tokens go on working." }
    })
}

/// The form of a new password.
#[derive(Deserialize)]
struct PasswordForm {
    password: String,
}

async fn reset(
    State(hub): State<Hub>,
    origin: Result<SameOrigin>,
    network: Network,
    Path(token): Path<String>,
    form: Result<Form<PasswordForm>, FormRejection>,
) -> Response {
    shown(was_reset(&hub, origin, network, &token, form).await)
}

async fn was_reset(
    hub: &Hub,
    origin: Result<SameOrigin>,
    network: Network,
    token: &str,
    form: Result<Form<PasswordForm>, FormRejection>,
) -> Result<Markup> {
    origin?;
    limits::within(&hub.db, &credentials::of_links(network), hub.clock.now()).await?;
    let Form(form) = form.map_err(|error| Error::invalid("password", error.body_text()))?;
    auth::set_password(hub, network, token, &form.password).await?;
    Ok(html! {
        h1 { "Your password is set" }
        p { "You can sign in with it now." }
        (home())
    })
}

/// A page, or what went wrong as a page.
fn shown(made: Result<Markup>) -> Response {
    let mut answer = match made {
        Ok(body) => Plain::new("Starboard", html! { main.text { (body) } })
            .unlisted()
            .into_response(),
        Err(error) => plain::problem(error, true),
    };
    let (name, value) = REFERRER;
    answer.headers_mut().insert(name, value);
    answer
}
