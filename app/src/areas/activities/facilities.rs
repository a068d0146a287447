//! Telescopes and spacecraft: what the catalogue says of them, and what they do now and next.

use std::collections::HashMap;

use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::now::{FacilityNow, now};
use crate::areas::observatories::{FacilityOut, FacilityPage, computed, facility_out};
use crate::error::{Error, Result};
use crate::hub::Hub;
use crate::page::{Pairs, public};

/// Seconds an answer stays fresh.
const FRESH: u32 = 5;

/// The routes about facilities.
pub(super) fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
}

/// Every telescope and spacecraft we know, with what it does now and next.
#[utoipa::path(get, path = "/api/facilities", tag = "facilities",
    responses((status = 200, description = "The facilities", body = FacilityPage)))]
async fn list(
    State(hub): State<Hub>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response> {
    Pairs::read(query.as_deref(), &[])?.nothing_else("nothing")?;
    let mut present: HashMap<String, FacilityNow> = now(&hub, None)
        .await?
        .into_iter()
        .map(|one| (one.facility_name.clone(), one))
        .collect();
    let items = computed(hub.clone(), |catalogue, now| {
        let one = |facility| facility_out(catalogue, facility, now);
        catalogue.facilities().map(one).collect()
    });
    let mut page = FacilityPage {
        items: items.await?,
        next: None,
    };
    for facility in &mut page.items {
        fill(facility, present.remove(&facility.name));
    }
    public(&headers, &page, FRESH)
}

/// A telescope or spacecraft, by its name or any other name of it alone.
#[utoipa::path(get, path = "/api/facilities/{name}", tag = "facilities",
    params(("name" = String, Path, description = "Name or alias, as `ESO-VLT-U1` or `UT1`")),
    responses(
        (status = 200, description = "The facility", body = FacilityOut),
        (status = 404, description = "There is none", body = crate::openapi::Problem),
    ))]
async fn show(
    State(hub): State<Hub>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    let found = computed(hub.clone(), move |catalogue, now| {
        catalogue
            .facility(&name)
            .map(|facility| facility_out(catalogue, facility, now))
    });
    let mut facility = found.await?.ok_or(Error::NotFound("facility"))?;
    let present = now(&hub, Some(&facility.name)).await?.pop();
    fill(&mut facility, present);
    public(&headers, &facility, FRESH)
}

fn fill(facility: &mut FacilityOut, present: Option<FacilityNow>) {
    let Some(mut present) = present else { return };
    facility.next = present
        .next
        .take()
        .and_then(|next| serde_json::from_str(next.get()).ok());
    let known = !present.in_progress.is_empty() || present.last.is_some();
    facility.now = known.then(|| {
        json!({
            "in_progress": present.in_progress, "last": present.last,
            "as_of": present.as_of, "age_s": present.age_s,
        })
    });
}
