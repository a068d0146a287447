//! Subscriptions of whoever is signed in.

use axum::Json;
use axum::extract::{DefaultBodyLimit, Path, RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::fields::Body;
use super::payloads::{
    PortableIn, PortableOut, SecretOut, SubscriptionIn, SubscriptionOut, SubscriptionPage,
};
use super::reading::{self, Reading};
use super::write::{self, Draft, Written};
use super::{model, port, webhooks};
use crate::areas::accounts::{self, Caller, Writer};
use crate::error::{Error, Result};
use crate::hub::Hub;
use crate::openapi::Problem;
use crate::page::Pairs;

/// Largest file of subscriptions, bytes.
const LARGEST_FILE: usize = 4 << 20;

/// The routes.
pub(super) fn router() -> OpenApiRouter<Hub> {
    let import = OpenApiRouter::new()
        .routes(routes!(import))
        .layer(DefaultBodyLimit::max(LARGEST_FILE));
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(export))
        .merge(import)
        .routes(routes!(show, change, bury))
        .routes(routes!(duplicate))
        .routes(routes!(rotate))
}

/// One's subscriptions, oldest first.
#[utoipa::path(get, path = "/api/subscriptions", tag = "subscriptions",
    params(("limit" = Option<u16>, Query, description = "Items of a page, 1 to 200; 50 when not given"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses(
        (status = 200, description = "A page of subscriptions", body = SubscriptionPage),
        (status = 401, description = "Nobody is signed in", body = Problem),
    ))]
async fn list(
    State(hub): State<Hub>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let pairs = Pairs::read(query.as_deref(), &["limit", "cursor"])?;
    pairs.nothing_else("limit and cursor")?;
    let limit = pairs.limit()?;
    let after: Option<Uuid> = pairs.parsed("cursor", "the `next` of a page of the same list")?;
    let mut all = model::of_account(hub.db.read(), hub.catalogue.as_ref(), caller.account).await?;
    if let Some(after) = after {
        // Of one that is gone meanwhile nobody knows where it stood: the list begins anew.
        let place = all.iter().position(|one| one.id == after);
        all.drain(..place.map_or(0, |place| place + 1));
    }
    let more = all.len() > limit;
    all.truncate(limit);
    let next = all.last().filter(|_| more).map(|last| last.id.to_string());
    let mut items = Vec::with_capacity(all.len());
    for subscription in &all {
        items.push(SubscriptionOut::load(&hub, subscription).await?);
    }
    Ok(private(StatusCode::OK, &SubscriptionPage { items, next }))
}

/// Makes a subscription. The secret of its webhook stands in this answer only.
#[utoipa::path(post, path = "/api/subscriptions", tag = "subscriptions",
    request_body = SubscriptionIn,
    responses(
        (status = 201, description = "The subscription", body = SubscriptionOut),
        (status = 400, description = "A field was not understood", body = Problem),
        (status = 409, description = "There are too many already", body = Problem),
    ))]
async fn create(State(hub): State<Hub>, writer: Writer, Body(json): Body) -> Result<Response> {
    reading::look_up(&hub, &json).await?;
    let homes = accounts::homes(hub.db.read(), Some(writer.account)).await?;
    let draft = Reading::of(&hub, &homes).draft(json, "")?;
    let written = write::create(&hub, writer.account, &[draft]).await?;
    first_of(&hub, &written).await
}

/// One of one's subscriptions.
#[utoipa::path(get, path = "/api/subscriptions/{id}", tag = "subscriptions",
    params(("id" = Uuid, Path, description = "Its id")),
    responses(
        (status = 200, description = "The subscription", body = SubscriptionOut),
        (status = 404, description = "There is none", body = Problem),
    ))]
async fn show(State(hub): State<Hub>, caller: Caller, Path(id): Path<String>) -> Result<Response> {
    let names = hub.catalogue.as_ref();
    let subscription = write::owned(hub.db.read(), names, caller.account, id_of(&id)?).await?;
    let out = SubscriptionOut::load(&hub, &subscription).await?;
    Ok(private(StatusCode::OK, &out))
}

/// Changes a subscription: what is given, and nothing else. `active` pauses it and goes on; set to
/// true it also switches a webhook on again that was switched off.
#[utoipa::path(patch, path = "/api/subscriptions/{id}", tag = "subscriptions",
    params(("id" = Uuid, Path, description = "Its id")),
    request_body = SubscriptionIn,
    responses(
        (status = 200, description = "The subscription", body = SubscriptionOut),
        (status = 400, description = "A field was not understood", body = Problem),
        (status = 404, description = "There is none", body = Problem),
    ))]
async fn change(
    State(hub): State<Hub>,
    writer: Writer,
    Path(id): Path<String>,
    Body(json): Body,
) -> Result<Response> {
    reading::look_up(&hub, &json).await?;
    let homes = accounts::homes(hub.db.read(), Some(writer.account)).await?;
    let reading = Reading::of(&hub, &homes);
    let edit = |before: &model::Subscription| reading.patch(json.clone(), Draft::from(before));
    let written = write::change(&hub, writer.account, id_of(&id)?, edit).await?;
    if json["active"] == true {
        webhooks::switch_on(&hub, written.subscription.id).await?;
    }
    let out = SubscriptionOut::just_written(&hub, &written).await?;
    Ok(private(StatusCode::OK, &out))
}

/// Removes a subscription, and what was to be delivered for it.
#[utoipa::path(delete, path = "/api/subscriptions/{id}", tag = "subscriptions",
    params(("id" = Uuid, Path, description = "Its id")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 404, description = "There is none", body = Problem),
    ))]
async fn bury(
    State(hub): State<Hub>,
    writer: Writer,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    write::bury(&hub, writer.account, id_of(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes another one like it, paused, to be changed. Its webhook has a secret of its own.
#[utoipa::path(post, path = "/api/subscriptions/{id}/duplicate", tag = "subscriptions",
    params(("id" = Uuid, Path, description = "The id of the one to copy")),
    responses(
        (status = 201, description = "The copy", body = SubscriptionOut),
        (status = 404, description = "There is none", body = Problem),
        (status = 409, description = "There are too many already", body = Problem),
    ))]
async fn duplicate(
    State(hub): State<Hub>,
    writer: Writer,
    Path(id): Path<String>,
) -> Result<Response> {
    let names = hub.catalogue.as_ref();
    let model = write::owned(hub.db.read(), names, writer.account, id_of(&id)?).await?;
    let copy = Draft::from(&model).copy();
    let written = write::create(&hub, writer.account, &[copy]).await?;
    first_of(&hub, &written).await
}

/// Gives its webhook a new secret, shown in this answer only. For a day deliveries carry a signature
/// of the old one as well.
#[utoipa::path(post, path = "/api/subscriptions/{id}/webhook/rotate", tag = "subscriptions",
    params(("id" = Uuid, Path, description = "Its id")),
    responses(
        (status = 200, description = "The new secret", body = SecretOut),
        (status = 404, description = "There is no such subscription, or it has no webhook", body = Problem),
    ))]
async fn rotate(
    State(hub): State<Hub>,
    writer: Writer,
    Path(id): Path<String>,
) -> Result<Response> {
    let (secret, old_until) = webhooks::rotate(&hub, writer.account, id_of(&id)?).await?;
    let secret = secret.reveal();
    Ok(private(StatusCode::OK, &SecretOut { secret, old_until }))
}

/// All of one's subscriptions as a file. Secrets of webhooks are not in it.
#[utoipa::path(get, path = "/api/subscriptions/export", tag = "subscriptions",
    responses((status = 200, description = "The file", body = PortableOut)))]
async fn export(State(hub): State<Hub>, caller: Caller) -> Result<Response> {
    let file = port::export(&hub, caller.account).await?;
    let mut response = private(StatusCode::OK, &file);
    let name = HeaderValue::from_static("attachment; filename=\"starboard-subscriptions.json\"");
    response
        .headers_mut()
        .insert(header::CONTENT_DISPOSITION, name);
    Ok(response)
}

/// Makes the subscriptions of such a file, beside those that are there: all of them, or none, with
/// what is wrong with each.
#[utoipa::path(post, path = "/api/subscriptions/import", tag = "subscriptions",
    request_body = PortableIn,
    responses(
        (status = 201, description = "The subscriptions, with the secrets of their webhooks", body = SubscriptionPage),
        (status = 400, description = "Entries were not understood: `errors` names each by its `index`", body = Problem),
        (status = 409, description = "There would be too many", body = Problem),
    ))]
async fn import(State(hub): State<Hub>, writer: Writer, file: Body) -> Result<Response> {
    let written = port::import(&hub, writer.account, file).await?;
    let mut items = Vec::with_capacity(written.len());
    for one in &written {
        items.push(SubscriptionOut::just_written(&hub, one).await?);
    }
    let page = SubscriptionPage { items, next: None };
    Ok(private(StatusCode::CREATED, &page))
}

async fn first_of(hub: &Hub, written: &[Written]) -> Result<Response> {
    let written = written
        .first()
        .ok_or_else(|| anyhow::anyhow!("nothing was written"))?;
    let out = SubscriptionOut::just_written(hub, written).await?;
    let mut response = private(StatusCode::CREATED, &out);
    if let Ok(place) = HeaderValue::from_str(&format!("/api/subscriptions/{}", out.id)) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    Ok(response)
}

/// JSON for nobody but whoever asked.
pub(super) fn private(status: StatusCode, body: &impl Serialize) -> Response {
    let control = HeaderValue::from_static("private, no-store");
    (status, [(header::CACHE_CONTROL, control)], Json(body)).into_response()
}

fn id_of(text: &str) -> Result<Uuid> {
    text.parse().map_err(|_| Error::NotFound("subscription"))
}
