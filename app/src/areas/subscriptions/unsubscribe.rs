//! Ending a subscription's mails by the link in them: no login, no cookie.
//!
//! Looking at the page changes nothing, because mail programs and scanners look at links before
//! people do. The POST acts, whether it comes from the button or from a mail program's one-click
//! (RFC 8058); the signature in the link is all the right it needs.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::model::{self, Channel, Subscription};
use super::parcel::FREED;
use super::write::{self, Draft};
use crate::db::{Attempts, sql};
use crate::error::{Error, Result};
use crate::hub::Hub;
use crate::plain::Plain;

/// What the links are signed for.
const PURPOSE: &str = "unsubscribe";

/// The page of every link.
pub fn pages() -> Router<Hub> {
    Router::new().route("/unsubscribe/{signed}", get(look).post(end))
}

/// The link in a subscription's mails.
pub(super) fn url(hub: &Hub, subscription: Uuid) -> String {
    let signed = hub.secrets.sign(PURPOSE, subscription.as_bytes());
    format!("{}/unsubscribe/{signed}", hub.config.public_url)
}

/// What the link is for.
async fn look(State(hub): State<Hub>, Path(signed): Path<String>) -> Response {
    let page = async {
        Ok(match found(&hub, &signed).await? {
            None => gone(),
            Some(subscription) if !mails(&subscription) => ended(&subscription),
            Some(subscription) => html! {
                h1 { "Unsubscribe" }
                p { "No more mails of your subscription " strong { (subscription.name) } "?" }
                form method="post" { button { "Unsubscribe" } }
            },
        })
    };
    shown(page.await)
}

/// Ends the mails. Once more is as once.
async fn end(State(hub): State<Hub>, Path(signed): Path<String>) -> Response {
    let page = async {
        let Some(subscription) = found(&hub, &signed).await? else {
            return Ok(gone());
        };
        if mails(&subscription) {
            let (account, id) = (subscription.account, subscription.id);
            match write::change(&hub, account, id, |before| Ok(without_mails(before))).await {
                Ok(_) => {}
                Err(Error::NotFound(_)) => return Ok(gone()),
                Err(error) => return Err(error),
            }
        }
        drop_waiting(&hub, subscription.id).await?;
        Ok(ended(&subscription))
    };
    shown(page.await)
}

/// The subscription a link is for; none when it is gone.
async fn found(hub: &Hub, signed: &str) -> Result<Option<Subscription>> {
    let payload = hub.secrets.verify(PURPOSE, signed);
    let id = payload
        .and_then(|payload| Uuid::from_slice(&payload).ok())
        .ok_or(Error::NotFound("link"))?;
    Ok(model::by_id(hub.db.read(), hub.catalogue.as_ref(), id).await?)
}

/// Whether a subscription sends mails.
fn mails(subscription: &Subscription) -> bool {
    let mut channels = subscription.channels.iter();
    subscription.active && channels.any(|channel| !matches!(channel, Channel::Webhook { .. }))
}

/// The subscription without its mails: what has a webhook goes on with that; what has not is
/// paused, so that its owner can go on with it as it was.
fn without_mails(before: &Subscription) -> Draft {
    let mut draft = Draft::from(before);
    let hooks = |channel: &Channel| matches!(channel, Channel::Webhook { .. });
    if draft.channels.iter().any(hooks) {
        draft.channels.retain(hooks);
    } else {
        draft.active = false;
    }
    draft
}

/// Drops the mails that were waiting.
async fn drop_waiting(hub: &Hub, subscription: Uuid) -> Result<()> {
    let mut attempts = Attempts::default();
    loop {
        match try_drop(hub, subscription).await {
            Err(error) if attempts.again(&error).await => {}
            done => return Ok(done?),
        }
    }
}

async fn try_drop(hub: &Hub, subscription: Uuid) -> anyhow::Result<()> {
    let write = hub.db.begin().await?;
    for (table, freed, mails) in [
        ("digests", "", ""),
        ("deliveries", FREED, "and channel <> 'webhook'"),
    ] {
        let comma = if freed.is_empty() { "" } else { ", " };
        let text = format!(
            "update {table} set state = 'dropped', answer = 'unsubscribed', finished_at = $1, \
             next_try_at = null{comma}{freed} where subscription_id = $2 and state = 'queued' {mails}"
        );
        let values = vec![hub.clock.now().into(), subscription.into()];
        write
            .tx()
            .execute_raw(sql(write.tx(), text, values))
            .await?;
    }
    Ok(write.commit().await?)
}

fn ended(subscription: &Subscription) -> Markup {
    html! {
        h1 { "You are unsubscribed" }
        p { "You get no more mails of your subscription " strong { (subscription.name) } "." }
        p { "It is still there: sign in to go on with it or to remove it." }
    }
}

fn gone() -> Markup {
    html! {
        h1 { "You are unsubscribed" }
        p { "This subscription was removed. It sends no more mails." }
    }
}

fn shown(page: Result<Markup>) -> Response {
    let (status, body) = match page {
        Ok(body) => (StatusCode::OK, body),
        Err(error @ Error::NotFound(_)) => (
            error.status(),
            html! {
                h1 { "This link does not work" }
                p { "It is none of this hub’s, or a part of it is missing. Take the whole link from the mail." }
            },
        ),
        Err(error) => return error.into_response(),
    };
    Plain::new("Unsubscribe · Starboard", html! { main.text { (body) } })
        .unlisted()
        .answer(status)
}
