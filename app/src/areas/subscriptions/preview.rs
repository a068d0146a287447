//! What a subscription would have brought: the matcher's rules over the events that are kept.
//!
//! It reads, and nothing waits for it. It has a second, two run at once for a network and three
//! altogether, and what there was no time for is said so.

mod counting;
mod hint;
mod look;

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::TimeDelta;
use domain::EventKind;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde_json::Value;
use tokio::time::{Instant, timeout_at};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use self::counting::Rules;
use self::look::{Look, Seen};
use super::fields::{self, Body, Fields};
use super::gate::Gate;
use super::model::OncePer;
use super::payloads::{PreviewIn, PreviewOut};
use super::reading::{self, Reading};
use super::routes::private;
use crate::areas::accounts::{self, Caller, Network};
use crate::areas::activities::{event_log, recall};
use crate::db::sql;
use crate::error::{Error, Result};
use crate::hub::Hub;
use crate::openapi::Problem;

/// Longest a preview may take, from being asked to its answer.
const BUDGET: Duration = Duration::from_millis(950);
/// Farthest look back, days.
const DAYS: u32 = 30;
/// Least time a rate is taken over when there was no time for more, hours.
const LEAST_CUT: f64 = 1.0;
/// The same when the log is that young.
const LEAST: f64 = 24.0;

/// The route.
pub(super) fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new()
        .routes(routes!(preview))
        .layer(Extension(Gate::default()))
}

/// What a subscription would have brought over the last days, without making it. Visitors may ask
/// too, two at once from one network. Takes a second at most: `partial` says that there was no time
/// for all of it.
#[utoipa::path(post, path = "/api/subscriptions/preview", tag = "subscriptions",
    request_body = PreviewIn,
    responses(
        (status = 200, description = "What it would have been", body = PreviewOut),
        (status = 400, description = "A field was not understood", body = Problem),
        (status = 429, description = "Two are being made for this network already", body = Problem),
    ))]
async fn preview(
    State(hub): State<Hub>,
    Extension(gate): Extension<Gate>,
    caller: Option<Caller>,
    Network(network): Network,
    Body(json): Body,
) -> Result<Response> {
    let deadline = Instant::now() + BUDGET;
    let account = caller.map(|caller| caller.account);
    let _pass = gate
        .enter(network)
        .ok_or(Error::TooMany(Duration::from_secs(1)))?;
    let room = timeout_at(deadline, gate.room()).await;
    let _room = room.map_err(|_| Error::Late)?;
    let out = look_back(&hub, account, json, deadline).await?;
    Ok(private(StatusCode::OK, &out))
}

/// What the body of [`preview`] asks for, answered until `deadline`.
///
/// # Errors
/// When a field is not understood, and those of the database.
pub async fn look_back(
    hub: &Hub,
    account: Option<Uuid>,
    json: Value,
    deadline: Instant,
) -> Result<PreviewOut> {
    let homes = accounts::homes(hub.db.read(), account).await?;
    let reader = Reading::of(hub, &homes);
    let (rules, days) = read(reader, json)?;
    let now = hub.clock.now();
    let since = now.checked_sub_signed(TimeDelta::days(days.into()));
    let since = since.unwrap_or(now);

    // Asked before the time runs: what is cut short has to say how far it came.
    let span = recall::span(hub.db.read(), since).await?;
    let end = event_log::end(hub.db.read()).await?.seq;
    let tx = reading_until(hub, deadline).await?;
    let look = Look {
        tx: &tx,
        span,
        end,
        deadline,
    };
    let rules = Arc::new(rules);
    let seen = look.count(&rules).await?;
    let mut out = summed_up(hub, &look, &seen).await?;
    let reread = |json: &Value| reader.filter("filter", json).ok();
    out.hint = match out.count {
        0 if !out.partial => hint::wider(&look, &rules, &reread).await?,
        _ => hint::narrower(out.mails_per_day),
    };
    Ok(out)
}

fn read(reader: Reading<'_>, json: Value) -> Result<(Rules, u32)> {
    let mut fields = Fields::of(json, "", &["filter", "events", "once_per", "days"])?;
    let filter = fields.need("filter", "an object such as {\"target\":[\"M31\"]}")?;
    let rules = Rules {
        filter: reader.filter("filter", &filter)?,
        events: match fields.take("events") {
            Some(events) => reading::events_of("events", events)?,
            None => vec![EventKind::Started, EventKind::Observed],
        },
        once_per: match fields.take("once_per") {
            Some(once_per) => reading::once_per_of("once_per", &once_per)?,
            None => OncePer::Group,
        },
        centre: None,
    };
    let days = match fields.take("days") {
        Some(days) => fields::number("days", &days, 1, DAYS)?,
        None => DAYS,
    };
    Ok((rules, days))
}

/// A transaction to read in. PostgreSQL is told until when: a question nobody waits for any more
/// would go on there.
async fn reading_until(hub: &Hub, deadline: Instant) -> Result<DatabaseTransaction> {
    let tx = hub.db.begin_reading().await?;
    if !hub.db.is_sqlite() {
        let left = deadline.saturating_duration_since(Instant::now());
        let text = "select set_config('statement_timeout', $1, true)";
        let left = left.as_millis().max(1).to_string();
        tx.query_one_raw(sql(&tx, text, vec![left.into()])).await?;
    }
    Ok(tx)
}

async fn summed_up(hub: &Hub, look: &Look<'_>, seen: &Seen) -> Result<PreviewOut> {
    let now = hub.clock.now();
    let since = match seen.cut_at {
        None => look.span.since,
        Some(seq) if seq >= look.end => now,
        // Not in the transaction: what it was last asked may still be under way, or was broken off.
        Some(seq) => recall::logged_behind(hub.db.read(), seq)
            .await?
            .unwrap_or(now),
    };
    let least = if seen.cut_at.is_some() {
        LEAST_CUT
    } else {
        LEAST
    };
    #[expect(
        clippy::cast_precision_loss,
        reason = "minutes of a month, and notifications in it"
    )]
    let per_day = {
        let hours = now.signed_duration_since(since).num_minutes() as f64 / 60.0;
        seen.tally.count() as f64 * 24.0 / hours.max(least)
    };
    Ok(PreviewOut {
        count: seen.tally.count(),
        per_day: seen.tally.per_day(since.date_naive(), now.date_naive()),
        items: seen.tally.items().map_err(anyhow::Error::from)?,
        mails_per_day: (per_day * 100.0).round() / 100.0,
        hint: None,
        partial: seen.cut_at.is_some(),
        since,
    })
}
