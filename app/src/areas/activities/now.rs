//! What every facility does now: in progress, else the last known, and the next; with how we know
//! and how old the information is.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::Activity;
use sea_orm::ConnectionTrait;
use serde::Serialize;
use serde_json::value::RawValue;

use super::row::with_seq;
use crate::areas::archives;
use crate::db::sql;
use crate::hub::Hub;

/// One facility's present.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FacilityNow {
    /// The telescope or spacecraft.
    pub facility_name: String,
    /// Key of its ground site; null in space.
    pub site: Option<String>,
    /// What is in progress, reported or by plan, as `basis` says; the newest start first.
    #[schema(value_type = Vec<Object>)]
    pub in_progress: Vec<Box<RawValue>>,
    /// When nothing is in progress: what was last known to run, or planned to.
    #[schema(value_type = Option<Object>)]
    pub last: Option<Box<RawValue>>,
    /// What is planned next.
    #[schema(value_type = Option<Object>)]
    pub next: Option<Box<RawValue>>,
    /// Newest success of the sources that tell of it; null before the first.
    pub as_of: Option<DateTime<Utc>>,
    /// Seconds since then.
    pub age_s: Option<i64>,
}

/// Names of the facilities anything is known of.
async fn names(db: &impl ConnectionTrait) -> anyhow::Result<BTreeSet<String>> {
    // A walk from name to name along the index, however many activities each has.
    let mut names = BTreeSet::new();
    let mut last = String::new();
    loop {
        let text = "select facility from activities where facility > $1 order by facility limit 1";
        let row = db
            .query_one_raw(sql(db, text, vec![last.as_str().into()]))
            .await?;
        let Some(row) = row else { return Ok(names) };
        last = row.try_get("", "facility")?;
        names.insert(last.clone());
    }
}

/// The present of every facility a source tells of, or only of `facility`.
///
/// # Errors
/// Those of the database.
pub async fn now(hub: &Hub, facility: Option<&str>) -> anyhow::Result<Vec<FacilityNow>> {
    let db = hub.db.read();
    let sources = archives::all(db).await?;
    let mut told: BTreeMap<String, Option<DateTime<Utc>>> = names(db)
        .await?
        .into_iter()
        .map(|name| (name, None))
        .collect();
    for connector in registry::ALL {
        let profile = connector.profile();
        let success = sources
            .get(profile.name)
            .and_then(|source| source.last_success);
        if hub.config.runs(profile.name) {
            for name in profile.facilities {
                let newest = told.entry((*name).to_owned()).or_default();
                *newest = (*newest).max(success);
            }
        }
    }
    let time = hub.clock.now();
    let mut all = Vec::new();
    for (name, as_of) in told {
        if facility.is_none_or(|wanted| wanted == name) {
            all.push(one(hub, name, as_of, time).await?);
        }
    }
    Ok(all)
}

async fn one(
    hub: &Hub,
    name: String,
    as_of: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> anyhow::Result<FacilityNow> {
    let running = bodies(hub, &name, "status = 'in_progress'", "t_min desc", 20, now).await?;
    let last = match running.is_empty() {
        false => None,
        true => {
            let past = "status in ('performed', 'elapsed') and t_min <= $2";
            bodies(hub, &name, past, "t_min desc", 1, now).await?.pop()
        }
    };
    let ahead = "status = 'scheduled' and t_min > $2";
    let next = bodies(hub, &name, ahead, "t_min", 1, now).await?.pop();
    let site = hub.catalogue.site_of(&name);
    Ok(FacilityNow {
        facility_name: name,
        site,
        in_progress: running,
        last,
        next,
        as_of,
        age_s: as_of.map(|at| (now - at).num_seconds().max(0)),
    })
}

async fn bodies(
    hub: &Hub,
    facility: &str,
    condition: &str,
    order: &str,
    limit: u32,
    now: DateTime<Utc>,
) -> anyhow::Result<Vec<Box<RawValue>>> {
    let db = hub.db.read();
    let text = format!(
        "select seq, body from activities where facility = $1 and {condition} \
         and (t_min is null or t_min <= $2 or t_min > $2) order by {order}, id limit {limit}"
    );
    let rows = db
        .query_all_raw(sql(db, text, vec![facility.into(), now.into()]))
        .await?;
    rows.iter()
        .map(|row| {
            let body: String = row.try_get("", "body")?;
            Ok(RawValue::from_string(with_seq(
                &body,
                row.try_get("", "seq")?,
            ))?)
        })
        .collect()
}

/// The activities of a present, read.
///
/// # Errors
/// When stored JSON is broken.
pub fn read(raw: &RawValue) -> anyhow::Result<Activity> {
    Ok(serde_json::from_str(raw.get())?)
}
