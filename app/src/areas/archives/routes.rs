//! The sources and their health.

use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use upstream::Profile;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{self, Health, LastCounts, Source, UnreadableOut};
use crate::error::{Error, Result};
use crate::hub::Hub;
use crate::page::{Pairs, public};

/// Seconds an answer stays fresh.
const FRESH: u32 = 5;

/// The routes of the area.
pub fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
}

/// A source as it is shown.
#[derive(Serialize, ToSchema)]
pub struct SourceOut {
    /// Short name.
    pub name: &'static str,
    /// Name as people write it.
    pub title: &'static str,
    /// Home page of what is read.
    pub home: &'static str,
    /// The facilities it tells of.
    pub facilities: Vec<&'static str>,
    /// How it does.
    pub health: Health,
    /// Seconds between two harvests.
    pub every_s: u64,
    /// Newest success.
    pub last_success: Option<DateTime<Utc>>,
    /// Seconds since then.
    pub lag_s: Option<i64>,
    /// Newest try.
    pub last_attempt: Option<DateTime<Utc>>,
    /// Next run.
    pub next_run: Option<DateTime<Utc>>,
    /// Failures since the last success.
    pub failures: i32,
    /// What the newest failure said.
    pub last_error: Option<String>,
    /// When.
    pub last_error_at: Option<DateTime<Utc>>,
    /// What went less than well with the newest success.
    pub notes: Vec<String>,
    /// How far ahead its plan reaches.
    pub horizon: Option<DateTime<Utc>>,
    /// Rows read since ever.
    pub rows_read: i64,
    /// Rows nobody could read, since ever.
    pub unreadable_rows: i64,
    /// What the newest success brought.
    #[schema(value_type = Option<Object>)]
    pub last_counts: Option<LastCounts>,
    /// Who is to be credited.
    pub credit: &'static str,
    /// The data policy.
    pub policy: &'static str,
    /// What could not be read, newest first; only on the source's own page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<Vec<UnreadableOut>>,
}

/// The sources.
#[derive(Serialize, ToSchema)]
pub struct SourcePage {
    /// The sources, in the order of the registry.
    pub items: Vec<SourceOut>,
    /// Always null: they fit one page.
    pub next: Option<String>,
}

/// Every source and its health.
#[utoipa::path(get, path = "/api/sources", tag = "sources",
    responses((status = 200, description = "The sources", body = SourcePage)))]
async fn list(
    State(hub): State<Hub>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response> {
    Pairs::read(query.as_deref(), &[])?.nothing_else("nothing")?;
    let mut known = model::all(hub.db.read()).await?;
    let items = registry::ALL
        .iter()
        .map(|connector| connector.profile())
        .map(|profile| {
            out(
                &hub,
                profile,
                known.remove(profile.name).unwrap_or_default(),
            )
        })
        .collect();
    public(&headers, &SourcePage { items, next: None }, FRESH)
}

/// One source, with the rows of it that could not be read.
#[utoipa::path(get, path = "/api/sources/{name}", tag = "sources",
    params(("name" = String, Path, description = "Short name")),
    responses(
        (status = 200, description = "The source", body = SourceOut),
        (status = 404, description = "There is none", body = crate::openapi::Problem),
    ))]
async fn show(
    State(hub): State<Hub>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    let connector = registry::find(&name).ok_or(Error::NotFound("source"))?;
    let source = model::by_name(hub.db.read(), &name).await?;
    let mut shown = out(&hub, connector.profile(), source);
    shown.unreadable = Some(model::unreadable(hub.db.read(), &name).await?);
    public(&headers, &shown, FRESH)
}

fn out(hub: &Hub, profile: Profile, source: Source) -> SourceOut {
    let now = hub.clock.now();
    let late_after = TimeDelta::from_std(profile.late_after).unwrap_or(TimeDelta::MAX);
    SourceOut {
        name: profile.name,
        title: profile.title,
        home: profile.home,
        facilities: profile.facilities.to_vec(),
        health: source.health(now, late_after, hub.config.runs(profile.name)),
        every_s: profile.every.as_secs(),
        last_success: source.last_success,
        lag_s: source
            .last_success
            .map(|last| (now - last).num_seconds().max(0)),
        last_attempt: source.last_attempt,
        next_run: source.next_run,
        failures: source.failures,
        last_error: source.last_error,
        last_error_at: source.last_error_at,
        notes: source.notes,
        horizon: source.horizon,
        rows_read: source.rows_read,
        unreadable_rows: source.unreadable_rows,
        last_counts: source.last_counts,
        credit: profile.credit,
        policy: profile.policy,
        unreadable: None,
    }
}

/// Credit and policy of a source, empty for one we no longer have.
#[must_use]
pub fn credit(source: &str) -> (String, String) {
    registry::find(source).map_or_else(Default::default, |connector| {
        let profile = connector.profile();
        (profile.credit.to_owned(), profile.policy.to_owned())
    })
}
