//! Sites on the ground, for anybody. Facilities are answered for by who knows what they do.

use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, Utc};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::catalogue::Catalogue;
use super::payloads::{SiteOut, SitePage, site_out};
use crate::error::{Error, Result};
use crate::hub::Hub;
use crate::page::{Pairs, public};

/// Seconds an answer stays fresh: the sky is computed once a minute.
const FRESH: u32 = 60;

/// The routes of the area.
pub fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new()
        .routes(routes!(sites))
        .routes(routes!(site))
}

/// Every site on the ground, with the sky above it.
#[utoipa::path(get, path = "/api/sites", tag = "facilities",
    responses((status = 200, description = "The sites", body = SitePage)))]
async fn sites(
    State(hub): State<Hub>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response> {
    Pairs::read(query.as_deref(), &[])?.nothing_else("nothing")?;
    let page = computed(hub, |catalogue, now| {
        let one = |site| site_out(catalogue, site, now);
        SitePage {
            items: catalogue.sites().map(one).collect(),
            next: None,
        }
    });
    public(&headers, &page.await?, FRESH)
}

/// A site on the ground, with the sky above it.
#[utoipa::path(get, path = "/api/sites/{key}", tag = "facilities",
    params(("key" = String, Path, description = "Short name, as in activities: `paranal`")),
    responses(
        (status = 200, description = "The site", body = SiteOut),
        (status = 404, description = "There is none", body = crate::openapi::Problem),
    ))]
async fn site(
    State(hub): State<Hub>,
    Path(key): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    let found = computed(hub, move |catalogue, now| {
        catalogue
            .site(&key)
            .map(|site| site_out(catalogue, site, now))
    });
    let site = found.await?.ok_or(Error::NotFound("site"))?;
    public(&headers, &site, FRESH)
}

/// Asks the catalogue away from the tasks that serve: a new minute costs some milliseconds a site.
pub async fn computed<T: Send + 'static>(
    hub: Hub,
    question: impl FnOnce(&Catalogue, DateTime<Utc>) -> T + Send + 'static,
) -> Result<T> {
    let asked = tokio::task::spawn_blocking(move || question(&hub.catalogue, hub.clock.now()));
    asked.await.map_err(|error| Error::Internal(error.into()))
}
