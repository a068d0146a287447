//! What became of a subscription's deliveries, a sample, and having them replayed.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use domain::Facts;
use sea_orm::{ConnectionTrait, QueryResult, Value};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::fields::Body;
use super::model::Subscription;
use super::routes::private;
use super::{ledger, sample, webhooks, write};
use crate::areas::accounts::{self, Caller, Limit, Writer};
use crate::areas::activities::event_log;
use crate::db::{Attempts, sql};
use crate::error::{Error, Result};
use crate::hub::Hub;
use crate::openapi::Problem;
use crate::page::Pairs;

/// Samples an account may have sent in [`SAMPLES_PER`].
const SAMPLES: u32 = 20;
const SAMPLES_PER: Duration = Duration::from_secs(3600);
/// Replays an account may ask for in [`REPLAYS_PER`].
const REPLAYS: u32 = 12;
const REPLAYS_PER: Duration = Duration::from_secs(3600);
/// Deliveries replayed by one request.
const REPLAYED: u64 = 10_000;

/// The routes.
pub(super) fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(test))
        .routes(routes!(replay))
}

/// A delivery as its owner sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeliveryOut {
    id: Uuid,
    /// The line of the log it tells; null for a sample.
    seq: Option<i64>,
    /// What happened.
    event: String,
    /// `mail_now`, `mail_hourly`, `mail_nightly` or `webhook`.
    channel: String,
    /// `queued`, `sending`, `sent`, `failed` (refused for good), `dead` (all tries used up) or
    /// `dropped` (not wanted any more).
    state: String,
    /// Matched only since more became known.
    late: bool,
    /// Takes back, or moves, what was told before.
    correction: bool,
    /// Asked for with `test`.
    sample: bool,
    /// Which conditions held.
    why: String,
    /// Tries so far.
    attempts: i32,
    /// When it is tried next.
    next_try_at: Option<DateTime<Utc>>,
    /// What the mail server or the endpoint said last, or why it was dropped.
    answer: Option<String>,
    /// When it was found.
    created_at: DateTime<Utc>,
    /// When it was sent or given up.
    finished_at: Option<DateTime<Utc>>,
    /// The digest that carries it.
    digest: Option<Uuid>,
    activity: ActivityBrief,
}

impl DeliveryOut {
    fn read(row: &QueryResult, facts: Option<&Facts>) -> anyhow::Result<DeliveryOut> {
        let sample: bool = row.try_get("", "sample")?;
        let seq: i64 = row.try_get("", "seq")?;
        Ok(DeliveryOut {
            id: row.try_get("", "id")?,
            seq: (!sample).then_some(seq),
            event: row.try_get("", "event")?,
            channel: row.try_get("", "channel")?,
            state: row.try_get("", "state")?,
            late: row.try_get("", "late")?,
            correction: row.try_get("", "correction")?,
            sample,
            why: row.try_get("", "why")?,
            attempts: row.try_get("", "attempts")?,
            next_try_at: row.try_get("", "next_try_at")?,
            answer: row.try_get("", "answer")?,
            created_at: row.try_get("", "created_at")?,
            finished_at: row.try_get("", "finished_at")?,
            digest: row.try_get("", "digest_id")?,
            activity: ActivityBrief {
                id: row.try_get("", "activity_id")?,
                facility_name: facts.map(|facts| facts.facility_name.clone()),
                target_name: facts.and_then(|facts| facts.target_name.clone()),
            },
        })
    }
}

/// Whose event a delivery tells.
#[derive(Debug, Serialize, ToSchema)]
struct ActivityBrief {
    id: Uuid,
    /// Null once the event is not kept any more.
    facility_name: Option<String>,
    target_name: Option<String>,
}

/// A page of deliveries, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeliveryPage {
    pub(super) items: Vec<DeliveryOut>,
    next: Option<String>,
}

/// What is on its way.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct QueuedOut {
    /// How many.
    queued: u64,
}

/// What became of a subscription's deliveries, newest first.
#[utoipa::path(get, path = "/api/subscriptions/{id}/deliveries", tag = "subscriptions",
    params(("id" = Uuid, Path, description = "The subscription's id"),
           ("limit" = Option<u16>, Query, description = "Items of a page, 1 to 200; 50 when not given"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses(
        (status = 200, description = "A page of deliveries", body = DeliveryPage),
        (status = 404, description = "There is no such subscription", body = Problem),
    ))]
async fn list(
    State(hub): State<Hub>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let pairs = Pairs::read(query.as_deref(), &["limit", "cursor"])?;
    pairs.nothing_else("limit and cursor")?;
    let limit = pairs.limit()?;
    let before: Option<Uuid> = pairs.parsed("cursor", "the `next` of a page of the same list")?;
    let subscription = owned(&hub, caller.account, &id).await?;
    let page = page(&hub, subscription.id, before, limit).await?;
    Ok(private(StatusCode::OK, &page))
}

/// A page of deliveries, newest first.
///
/// # Errors
/// Those of the database.
pub(super) async fn page(
    hub: &Hub,
    subscription: Uuid,
    before: Option<Uuid>,
    limit: usize,
) -> anyhow::Result<DeliveryPage> {
    let db = hub.db.read();
    let (rows, more) = rows(db, subscription, before, limit).await?;
    let mut places = BTreeSet::new();
    for row in &rows {
        places.insert(row.try_get("", "snapshot_seq")?);
    }
    let snapshots = ledger::envelopes(db, &places).await?;
    let mut items = Vec::with_capacity(rows.len());
    for row in &rows {
        let shown: i64 = row.try_get("", "snapshot_seq")?;
        let facts = snapshots.get(&shown).map(|line| &line.activity.facts);
        items.push(DeliveryOut::read(row, facts)?);
    }
    let next = items
        .last()
        .filter(|_| more)
        .map(|last| last.id.to_string());
    Ok(DeliveryPage { items, next })
}

/// The newest deliveries, their activities by id only, so that there may be many; and whether there
/// are more.
///
/// # Errors
/// Those of the database.
pub(super) async fn newest(
    hub: &Hub,
    subscription: Uuid,
    limit: usize,
) -> anyhow::Result<(Vec<DeliveryOut>, bool)> {
    let (rows, more) = rows(hub.db.read(), subscription, None, limit).await?;
    let items = rows.iter().map(|row| DeliveryOut::read(row, None));
    Ok((items.collect::<anyhow::Result<_>>()?, more))
}

/// The newest rows, and whether there are more.
async fn rows(
    db: &impl ConnectionTrait,
    subscription: Uuid,
    before: Option<Uuid>,
    limit: usize,
) -> anyhow::Result<(Vec<QueryResult>, bool)> {
    let behind = before.map_or("", |_| "and id < $2");
    let text = format!(
        "select id, seq, snapshot_seq, event, channel, activity_id, late, correction, sample, why, \
         state, attempts, next_try_at, answer, created_at, finished_at, digest_id \
         from deliveries where subscription_id = $1 {behind} order by id desc limit {}",
        limit.saturating_add(1)
    );
    let values: Vec<Value> = std::iter::once(subscription.into())
        .chain(before.map(Value::from))
        .collect();
    let mut rows = db.query_all_raw(sql(db, text, values)).await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    Ok((rows, more))
}

/// Sends a sample by every channel of a subscription, at once: quiet hours, a pause and the number
/// an hour do not hold it back.
#[utoipa::path(post, path = "/api/subscriptions/{id}/test", tag = "subscriptions",
    params(("id" = Uuid, Path, description = "The subscription's id")),
    responses(
        (status = 202, description = "Samples are on their way; they show among the deliveries", body = QueuedOut),
        (status = 404, description = "There is no such subscription", body = Problem),
        (status = 409, description = "There is no event yet to show", body = Problem),
        (status = 429, description = "Too many samples", body = Problem),
        (status = 503, description = "This hub sends no mail", body = Problem),
    ))]
async fn test(State(hub): State<Hub>, writer: Writer, Path(id): Path<String>) -> Result<Response> {
    let subscription = owned(&hub, writer.account, &id).await?;
    let limit = Limit::new("sample", &writer.account.to_string(), SAMPLES, SAMPLES_PER);
    accounts::within(&hub.db, &[limit], hub.clock.now()).await?;
    let queued = sample::queue(&hub, &subscription).await?;
    let queued = u64::try_from(queued.len()).unwrap_or(u64::MAX);
    Ok((StatusCode::ACCEPTED, Json(QueuedOut { queued })).into_response())
}

/// Sends again what a webhook was sent, or should have been, since a place in the log or a time:
/// the oldest 10,000. Each has the same `webhook-id` as before. A webhook that was switched off gets
/// another chance.
#[utoipa::path(post, path = "/api/subscriptions/{id}/webhook/replay", tag = "subscriptions",
    params(("id" = Uuid, Path, description = "The subscription's id")),
    request_body = serde_json::Value,
    responses(
        (status = 202, description = "They are on their way", body = QueuedOut),
        (status = 400, description = "`since` was not understood", body = Problem),
        (status = 404, description = "There is no such subscription, or it has no webhook", body = Problem),
        (status = 429, description = "Too many replays", body = Problem),
    ))]
async fn replay(
    State(hub): State<Hub>,
    writer: Writer,
    Path(id): Path<String>,
    Body(json): Body,
) -> Result<Response> {
    let subscription = owned(&hub, writer.account, &id).await?;
    let since = since(&hub, &json).await?;
    if webhooks::of(&hub, hub.db.read(), subscription.id)
        .await?
        .is_none()
    {
        return Err(Error::NotFound("webhook"));
    }
    let limit = Limit::new("replay", &writer.account.to_string(), REPLAYS, REPLAYS_PER);
    accounts::within(&hub.db, &[limit], hub.clock.now()).await?;
    let mut attempts = Attempts::default();
    let queued = loop {
        match requeue(&hub, subscription.id, since).await {
            Err(error) if attempts.again(&error).await => {}
            done => break done?,
        }
    };
    Ok((StatusCode::ACCEPTED, Json(QueuedOut { queued })).into_response())
}

/// `{"since": 1842}` or `{"since": "2026-11-20T00:00:00Z"}`.
async fn since(hub: &Hub, json: &serde_json::Value) -> Result<i64> {
    let takes = || {
        Error::invalid(
            "since",
            "it takes the `seq` of an event, or a time such as 2026-11-20T00:00:00Z",
        )
    };
    let fields = json.as_object().ok_or_else(takes)?;
    if let Some(stranger) = fields.keys().find(|name| *name != "since") {
        return Err(Error::invalid(
            stranger.chars().take(60).collect::<String>(),
            "unknown; it takes since",
        ));
    }
    match fields.get("since") {
        Some(serde_json::Value::Number(seq)) => {
            seq.as_i64().filter(|seq| *seq >= 0).ok_or_else(takes)
        }
        Some(serde_json::Value::String(time)) => {
            let time: DateTime<Utc> = time.parse().map_err(|_| takes())?;
            Ok(event_log::seq_at(hub.db.read(), time).await?)
        }
        _ => Err(takes()),
    }
}

async fn requeue(hub: &Hub, subscription: Uuid, since: i64) -> anyhow::Result<u64> {
    let write = hub.db.begin().await?;
    webhooks::forgive(write.tx(), subscription).await?;
    let text = format!(
        "update deliveries set state = 'queued', attempts = 0, next_try_at = $1, answer = null, \
         finished_at = null, replayed = true where id in (select id from deliveries \
            where subscription_id = $2 and channel = 'webhook' and seq > $3 and not sample \
            and state in ('sent', 'failed', 'dead', 'dropped') order by seq limit {REPLAYED})"
    );
    let values = vec![hub.clock.now().into(), subscription.into(), since.into()];
    let done = write
        .tx()
        .execute_raw(sql(write.tx(), text, values))
        .await?;
    write.commit().await?;
    Ok(done.rows_affected())
}

async fn owned(hub: &Hub, account: Uuid, id: &str) -> Result<Subscription> {
    let id = id.parse().map_err(|_| Error::NotFound("subscription"))?;
    write::owned(hub.db.read(), hub.catalogue.as_ref(), account, id).await
}
