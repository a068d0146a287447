//! The places somebody observes from. Private: nobody else sees or counts them.

use std::collections::HashMap;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use domain::ephemeris;
use domain::filter::Home;
use sea_orm::{ConnectionTrait, QueryResult};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::payloads::{Body, Page, id_of, name};
use super::who::{Caller, Writer};
use crate::db::sql;
use crate::error::{Error, Result};
use crate::hub::Hub;
use crate::openapi::Problem;

/// Most sites of an account.
const MOST: i64 = 50;

/// A place somebody observes from.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Site {
    /// By which filters name it.
    pub id: Uuid,
    /// What its owner calls it.
    pub name: String,
    /// Latitude, degrees, positive to the north.
    pub lat: f64,
    /// Longitude, degrees, positive to the east, -180 to 180.
    pub lon: f64,
    /// Height above the ellipsoid, metres.
    pub height: f64,
    /// Altitude below which hills and houses hide the sky, degrees.
    pub horizon: f64,
    /// When it was given.
    pub created_at: DateTime<Utc>,
}

/// A place to be kept.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SiteIn {
    /// What its owner calls it, 1 to 100 characters.
    name: String,
    /// Latitude, degrees, positive to the north.
    lat: f64,
    /// Longitude, degrees, positive to the east, -180 to 180.
    lon: f64,
    /// Height above the ellipsoid, metres, -500 to 9000; 0 when not given.
    #[serde(default)]
    height: f64,
    /// Altitude below which hills and houses hide the sky, degrees, 0 to under 90; 0 when not given.
    #[serde(default)]
    horizon: f64,
}

/// What of a place is to change; what is not given stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SitePatch {
    /// What its owner calls it, 1 to 100 characters.
    name: Option<String>,
    /// Latitude, degrees, positive to the north.
    lat: Option<f64>,
    /// Longitude, degrees, positive to the east, -180 to 180.
    lon: Option<f64>,
    /// Height above the ellipsoid, metres.
    height: Option<f64>,
    /// Altitude below which hills and houses hide the sky, degrees.
    horizon: Option<f64>,
}

/// Where the sites of an account are, by their ids; nowhere for a visitor.
///
/// # Errors
/// Those of the database.
pub async fn homes(
    db: &impl ConnectionTrait,
    account: Option<Uuid>,
) -> anyhow::Result<HashMap<Uuid, Home>> {
    let Some(account) = account else {
        return Ok(HashMap::new());
    };
    let home = |site: Site| Home {
        site: ephemeris::Site {
            latitude_deg: site.lat,
            longitude_deg: site.lon,
            height_m: site.height,
        },
        horizon_deg: site.horizon,
    };
    let sites = sites(db, account).await?;
    Ok(sites
        .into_iter()
        .map(|site| (site.id, home(site)))
        .collect())
}

/// The sites of an account, oldest first.
///
/// # Errors
/// Those of the database.
pub async fn sites(db: &impl ConnectionTrait, account: Uuid) -> anyhow::Result<Vec<Site>> {
    let text = "select id, name, lat, lon, height, horizon, created_at from sites \
        where account_id = $1 order by created_at, id";
    let rows = db
        .query_all_raw(sql(db, text, vec![account.into()]))
        .await?;
    rows.iter().map(read).collect()
}

fn read(row: &QueryResult) -> anyhow::Result<Site> {
    Ok(Site {
        id: row.try_get("", "id")?,
        name: row.try_get("", "name")?,
        lat: row.try_get("", "lat")?,
        lon: row.try_get("", "lon")?,
        height: row.try_get("", "height")?,
        horizon: row.try_get("", "horizon")?,
        created_at: row.try_get("", "created_at")?,
    })
}

/// Refuses a place that is none.
fn checked(site: Site) -> Result<Site> {
    let within = |field: &str, value: f64, least: f64, most: f64| {
        if value.is_finite() && (least..=most).contains(&value) {
            return Ok(());
        }
        Err(Error::invalid(field, format!("it takes {least} to {most}")))
    };
    within("lat", site.lat, -90.0, 90.0)?;
    within("lon", site.lon, -180.0, 180.0)?;
    within("height", site.height, -500.0, 9000.0)?;
    within("horizon", site.horizon, 0.0, 89.0)?;
    Ok(Site {
        name: name(&site.name)?,
        ..site
    })
}

/// One's own sites.
#[utoipa::path(get, path = "/api/me/sites", tag = "accounts", operation_id = "own_sites",
    responses((status = 200, description = "The sites", body = Page<Site>)))]
pub(super) async fn list(State(hub): State<Hub>, caller: Caller) -> Result<Json<Page<Site>>> {
    Ok(Page::json(sites(hub.db.read(), caller.account).await?))
}

/// Keeps a site.
#[utoipa::path(post, path = "/api/me/sites", tag = "accounts", operation_id = "make_site",
    request_body = SiteIn,
    responses(
        (status = 201, description = "The site", body = Site),
        (status = 400, description = "No such place", body = Problem),
    ))]
pub(super) async fn make(
    State(hub): State<Hub>,
    caller: Writer,
    Body(given): Body<SiteIn>,
) -> Result<(StatusCode, Json<Site>)> {
    let site = checked(Site {
        id: Uuid::now_v7(),
        name: given.name,
        lat: given.lat,
        lon: given.lon,
        height: given.height,
        horizon: given.horizon,
        created_at: hub.clock.now(),
    })?;
    let write = hub.db.begin().await?;
    let text = "insert into sites (id, account_id, name, lat, lon, height, horizon, created_at) \
        select $1, $2, $3, $4, $5, $6, $7, $8 \
        where (select count(*) from sites where account_id = $2) < $9";
    let values = vec![
        site.id.into(),
        caller.account.into(),
        site.name.as_str().into(),
        site.lat.into(),
        site.lon.into(),
        site.height.into(),
        site.horizon.into(),
        site.created_at.into(),
        MOST.into(),
    ];
    let made = write
        .tx()
        .execute_raw(sql(write.tx(), text, values))
        .await?;
    if made.rows_affected() == 0 {
        return Err(Error::Conflict(format!(
            "an account has at most {MOST} sites"
        )));
    }
    write.commit().await?;
    Ok((StatusCode::CREATED, Json(site)))
}

/// Changes a site. Filters that name it follow.
#[utoipa::path(patch, path = "/api/me/sites/{id}", tag = "accounts", operation_id = "change_site",
    params(("id" = Uuid, Path, description = "The site's id")),
    request_body = SitePatch,
    responses(
        (status = 200, description = "The site as it is now", body = Site),
        (status = 404, description = "There is none", body = Problem),
    ))]
pub(super) async fn change(
    State(hub): State<Hub>,
    caller: Writer,
    Path(id): Path<String>,
    Body(given): Body<SitePatch>,
) -> Result<Json<Site>> {
    let id = id_of(&id, "site")?;
    let write = hub.db.begin().await?;
    let tx = write.tx();
    let known = sites(tx, caller.account).await?;
    let known = known.into_iter().find(|site| site.id == id);
    let known = known.ok_or(Error::NotFound("site"))?;
    let site = checked(Site {
        name: given.name.unwrap_or(known.name),
        lat: given.lat.unwrap_or(known.lat),
        lon: given.lon.unwrap_or(known.lon),
        height: given.height.unwrap_or(known.height),
        horizon: given.horizon.unwrap_or(known.horizon),
        ..known
    })?;
    let text = "update sites set name = $3, lat = $4, lon = $5, height = $6, horizon = $7 \
        where id = $1 and account_id = $2";
    let values = vec![
        id.into(),
        caller.account.into(),
        site.name.as_str().into(),
        site.lat.into(),
        site.lon.into(),
        site.height.into(),
        site.horizon.into(),
    ];
    tx.execute_raw(sql(tx, text, values)).await?;
    write.commit().await?;
    Ok(Json(site))
}

/// Forgets a site. Filters that name it hold nowhere from then on.
#[utoipa::path(delete, path = "/api/me/sites/{id}", tag = "accounts", operation_id = "delete_site",
    params(("id" = Uuid, Path, description = "The site's id")),
    responses(
        (status = 204, description = "Forgotten"),
        (status = 404, description = "There is none", body = Problem),
    ))]
pub(super) async fn delete(
    State(hub): State<Hub>,
    caller: Writer,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    let id = id_of(&id, "site")?;
    let write = hub.db.begin().await?;
    let tx = write.tx();
    let text = "delete from sites where id = $1 and account_id = $2";
    let values = vec![id.into(), caller.account.into()];
    let gone = tx.execute_raw(sql(tx, text, values)).await?.rows_affected();
    write.commit().await?;
    if gone == 1 {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Error::NotFound("site"))
    }
}
