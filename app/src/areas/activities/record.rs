//! What a facility has on record: the science it performed in the last days, counted.

use std::collections::{BTreeMap, HashMap};

use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DbBackend};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::db::sql;
use crate::error::{Error, Result};
use crate::hub::Hub;
use crate::page::{Pairs, public};

/// Seconds an answer stays fresh.
const FRESH: u32 = 60;
/// Days looked back on, unless asked otherwise.
const DAYS: i64 = 30;
/// Most days looked back on.
const MOST_DAYS: i64 = 90;
/// Instruments named.
const INSTRUMENTS: usize = 20;
/// Targets named.
const TARGETS: usize = 10;

/// The routes of records.
pub(super) fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new().routes(routes!(show))
}

/// What a facility has on record. Exposure times are those its sources state, never derived from
/// start and end, and leave out overheads, calibrations and what is not public: no measure of
/// efficiency.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct FacilityRecord {
    /// The facility.
    pub facility_name: String,
    /// Activities that started at or after this time,
    pub since: DateTime<Utc>,
    /// and before this one.
    pub until: DateTime<Utc>,
    /// Science performed, of every role; what states no intent counts as science.
    pub performed: u64,
    /// Of those, with an exposure time stated.
    pub with_exposure: u64,
    /// Sum of the exposure times stated, seconds; null where none is.
    pub exposure_s: Option<f64>,
    /// Science that by plan began, and of which nobody has said what happened.
    pub planned_only: u64,
    /// By leading instrument, the longest exposed first; at most 20. A null name is an instrument
    /// unknown.
    pub instruments: Vec<RecordPart>,
    /// By target, the most often observed first; at most 10. Spelt as most recently.
    pub targets: Vec<RecordPart>,
    /// By UTC day of the start, oldest first, every day of the stretch.
    pub days: Vec<RecordDay>,
}

/// A part of a record.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct RecordPart {
    /// What it is the part of.
    pub name: Option<String>,
    /// Activities performed.
    pub activities: u64,
    /// Sum of the exposure times stated, seconds; null where none is.
    pub exposure_s: Option<f64>,
}

/// A day of a record.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RecordDay {
    /// The UTC day.
    pub date: NaiveDate,
    /// Activities performed that started on it.
    pub activities: u64,
    /// Sum of the exposure times stated, seconds; null where none is.
    pub exposure_s: Option<f64>,
}

/// What a telescope or spacecraft has on record.
#[utoipa::path(get, path = "/api/facilities/{name}/record", tag = "facilities",
    params(("name" = String, Path, description = "Name or alias, as `ESO-VLT-U1` or `UT1`"),
           ("days" = Option<u8>, Query, description = "Days looked back on, 1 to 90; 30 when not given")),
    responses(
        (status = 200, description = "The record", body = FacilityRecord),
        (status = 404, description = "There is no such facility", body = crate::openapi::Problem),
    ))]
async fn show(
    State(hub): State<Hub>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response> {
    let pairs = Pairs::read(query.as_deref(), &["days"])?;
    pairs.nothing_else("days")?;
    let takes = "a number from 1 to 90";
    let days: i64 = pairs.parsed("days", takes)?.unwrap_or(DAYS);
    if !(1..=MOST_DAYS).contains(&days) {
        return Err(Error::invalid("days", format!("{days}; it takes {takes}")));
    }
    let known = hub.catalogue.facility(&name);
    let name = known.ok_or(Error::NotFound("facility"))?.name.clone();
    let until = hub.clock.now();
    let since = until - TimeDelta::days(days);
    let started = started(hub.db.read(), &name, since, until).await?;
    public(&headers, &counted(name, since, until, started), FRESH)
}

/// A science activity that started.
#[derive(Clone, Debug)]
struct Started {
    performed: bool,
    at: DateTime<Utc>,
    instrument: Option<String>,
    /// Folded, and as it is spelt.
    target: Option<(String, String)>,
    exposure_s: Option<f64>,
}

/// What a facility began in a stretch, or was to begin, oldest first.
async fn started(
    db: &impl ConnectionTrait,
    facility: &str,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
) -> anyhow::Result<Vec<Started>> {
    let body = match db.get_database_backend() {
        DbBackend::Sqlite => "body",
        _ => "body::json",
    };
    let text = format!(
        "select status, t_min, target, {body} ->> 'instrument_name' as instrument, \
         {body} ->> 'target_name' as spelt, cast({body} ->> 't_exptime' as double precision) as exposed \
         from activities where facility = $1 and t_min >= $2 and t_min < $3 \
         and (intent is null or intent = 'science') \
         and (status = 'performed' or (status in ('in_progress', 'elapsed') and basis = 'scheduled')) \
         order by t_min, id"
    );
    let values = vec![facility.into(), since.into(), until.into()];
    let rows = db.query_all_raw(sql(db, text, values)).await?;
    rows.iter()
        .map(|row| {
            let key: Option<String> = row.try_get("", "target")?;
            Ok(Started {
                performed: row.try_get::<String>("", "status")? == "performed",
                at: row.try_get("", "t_min")?,
                instrument: row.try_get("", "instrument")?,
                target: key.zip(row.try_get("", "spelt")?),
                exposure_s: row.try_get("", "exposed")?,
            })
        })
        .collect()
}

/// Counts what started, oldest first.
fn counted(
    facility_name: String,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
    started: Vec<Started>,
) -> FacilityRecord {
    let mut record = FacilityRecord {
        facility_name,
        since,
        until,
        ..FacilityRecord::default()
    };
    let mut whole = RecordPart::default();
    let mut instruments: BTreeMap<Option<String>, RecordPart> = BTreeMap::new();
    let mut targets: HashMap<String, RecordPart> = HashMap::new();
    let mut days: BTreeMap<NaiveDate, RecordPart> = BTreeMap::new();
    for one in started {
        if !one.performed {
            record.planned_only += 1;
            continue;
        }
        record.with_exposure += u64::from(one.exposure_s.is_some());
        whole.add(one.exposure_s);
        days.entry(one.at.date_naive())
            .or_default()
            .add(one.exposure_s);
        let instrument = instruments.entry(one.instrument.clone()).or_default();
        instrument.name = one.instrument;
        instrument.add(one.exposure_s);
        if let Some((key, spelt)) = one.target {
            let target = targets.entry(key).or_default();
            target.name = Some(spelt);
            target.add(one.exposure_s);
        }
    }
    (record.performed, record.exposure_s) = (whole.activities, whole.exposure_s);
    record.instruments = instruments.into_values().collect();
    record.instruments.sort_by(|a, b| {
        let exposed = |part: &RecordPart| part.exposure_s.unwrap_or(-1.0);
        let longer = exposed(b).total_cmp(&exposed(a));
        longer.then(b.activities.cmp(&a.activities))
    });
    record.instruments.truncate(INSTRUMENTS);
    record.targets = targets.into_values().collect();
    record.targets.sort_by(|a, b| {
        let more = b.activities.cmp(&a.activities);
        more.then_with(|| a.name.cmp(&b.name))
    });
    record.targets.truncate(TARGETS);
    let dates = since.date_naive().iter_days();
    record.days = dates
        .take_while(|date| *date <= until.date_naive())
        .map(|date| {
            let part = days.remove(&date).unwrap_or_default();
            RecordDay {
                date,
                activities: part.activities,
                exposure_s: part.exposure_s,
            }
        })
        .collect();
    record
}

impl RecordPart {
    fn add(&mut self, exposure_s: Option<f64>) {
        self.activities += 1;
        if let Some(seconds) = exposure_s {
            self.exposure_s = Some(self.exposure_s.unwrap_or_default() + seconds);
        }
    }
}
