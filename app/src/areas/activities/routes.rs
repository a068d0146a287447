//! Activities, their events and raw records, and the present.

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use chrono::{DateTime, Utc};
use domain::filter::{ActivityFilter, Context};
use sea_orm::ConnectionTrait;
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::overview::Overview;
use super::pages::AsOf;
use super::payloads::{ActivityPage, EventPage, NowPage, RawRecords};
use super::search::{After, Query};
use super::wanted::Wanted;
use super::{event_log, history, now, row, search};
use crate::areas::accounts::{self, Caller};
use crate::areas::archives;
use crate::db::sql;
use crate::error::{Error, Result};
use crate::hub::Hub;
use crate::page::{Pairs, public, public_json};

/// The routes of the area.
pub fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new()
        .merge(super::facilities::router())
        .merge(super::record::router())
        .merge(super::arrivals::router())
        .merge(super::live::router())
        .routes(routes!(present))
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(events))
        .routes(routes!(raw))
        .routes(routes!(programme))
        .routes(routes!(target))
}

/// What every facility does now.
#[utoipa::path(get, path = "/api/now", tag = "activities",
    responses((status = 200, description = "The present, a facility an item", body = NowPage)))]
async fn present(State(hub): State<Hub>, headers: HeaderMap) -> Result<Response> {
    let seq = event_log::end(hub.db.read()).await?.seq;
    let items = now::now(&hub, None).await?;
    let body = json!({ "items": items, "next": null, "seq": seq }).to_string();
    Ok(public_json(&headers, body, 2))
}

/// Activities that pass a filter.
///
/// With `at`, the board as it stood at that moment, from the events.
#[utoipa::path(get, path = "/api/activities", tag = "activities",
    params(crate::openapi::FilterParams, crate::openapi::PageParams),
    responses(
        (status = 200, description = "A page of activities", body = ActivityPage),
        (status = 400, description = "A key or value was not understood", body = crate::openapi::Problem),
    ))]
async fn list(
    State(hub): State<Hub>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response> {
    let Wanted {
        filter,
        sort,
        after,
        limit,
    } = Wanted::read(query.as_deref(), hub.catalogue.as_ref())?;
    let filter = with_sites(&hub, filter, &headers).await?;
    let moment = hub.clock.now();
    let past = history::moment(&filter, moment);
    // The past holds only what has a start.
    let fits =
        |after: After| after.fits(sort) && (past.is_none() || !matches!(after, After::Timeless(_)));
    if after.is_some_and(|after| !fits(after)) {
        return Err(Error::invalid(
            "cursor",
            "of another list; it takes the `next` of a page of the same list and order",
        ));
    }
    let place = hub.pages.known(&hub);
    let seq = match &place {
        Some(place) => place.seq,
        None => event_log::end(hub.db.read()).await?.seq,
    };
    let query = Query {
        filter: &filter,
        sort,
        after,
        limit,
        now: moment,
    };
    let page = match past {
        Some(at) => history::list(hub.db.read(), query, at).await?,
        None => search::list(hub.db.read(), query).await?,
    };
    let next = json!(page.next.map(|after| after.to_string()));
    let items = page.items.join(",");
    let body = format!("{{\"items\":[{items}],\"next\":{next},\"seq\":{seq}}}");
    let mut answer = public_json(&headers, body, 2);
    if let Some(place) = place {
        answer.extensions_mut().insert(AsOf(place));
    }
    keep_to_its_owner(&mut answer, &filter);
    Ok(answer)
}

/// The filter of whoever asks: the own sites it names put in, when they are theirs.
pub(super) async fn asked(
    hub: &Hub,
    pairs: &Pairs,
    context: Context,
    headers: &HeaderMap,
) -> Result<ActivityFilter> {
    if pairs.filter.is_empty() {
        return Ok(ActivityFilter::default()); // as most ask, and thousands at once
    }
    let filter = pairs.filter(context, hub.catalogue.as_ref())?;
    with_sites(hub, filter, headers).await
}

/// A filter with the own sites it names put in, when they belong to whom these headers sign in.
pub(super) async fn with_sites(
    hub: &Hub,
    filter: ActivityFilter,
    headers: &HeaderMap,
) -> Result<ActivityFilter> {
    if filter.own_sites().next().is_none() {
        return Ok(filter);
    }
    let caller = Caller::of(headers, hub).await?;
    let homes = accounts::homes(hub.db.read(), caller.map(|caller| caller.account)).await?;
    Ok(filter.resolve_sites(&homes)?)
}

/// What can be seen from somebody's site says where that is: nobody else is to keep it.
fn keep_to_its_owner(answer: &mut Response, filter: &ActivityFilter) {
    if filter.own_sites().next().is_some() {
        let private = HeaderValue::from_static("private, no-store");
        answer.headers_mut().insert(header::CACHE_CONTROL, private);
    }
}

/// One activity; with `at`, as it stood at that moment.
#[utoipa::path(get, path = "/api/activities/{id}", tag = "activities",
    params(("id" = Uuid, Path, description = "Its id"),
           ("at" = Option<DateTime<Utc>>, Query, description = "As it stood at this moment")),
    responses(
        (status = 200, description = "The activity", body = crate::openapi::ActivityOut),
        (status = 404, description = "There is none", body = crate::openapi::Problem),
    ))]
async fn show(
    State(hub): State<Hub>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response> {
    let id = activity_id(&id)?;
    let pairs = Pairs::read(query.as_deref(), &["at"])?;
    pairs.nothing_else("at")?;
    let at: Option<DateTime<Utc>> = pairs.parsed("at", "a time such as 2026-11-21T06:00:00Z")?;
    let json = match at {
        Some(at) => history::one(hub.db.read(), id, at).await?,
        None => row::json_by_id(hub.db.read(), id).await?,
    };
    Ok(public_json(
        &headers,
        json.ok_or(Error::NotFound("activity"))?,
        2,
    ))
}

/// The kept events of one activity, oldest first.
#[utoipa::path(get, path = "/api/activities/{id}/events", tag = "activities",
    params(("id" = Uuid, Path, description = "Its id"), crate::openapi::PageParams,
           ("event" = Option<Vec<String>>, Query, description = "Only these events")),
    responses((status = 200, description = "A page of envelopes", body = EventPage)))]
async fn events(
    State(hub): State<Hub>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response> {
    let id = activity_id(&id)?;
    let pairs = Pairs::read(query.as_deref(), &["limit", "cursor"])?;
    let limit = pairs.limit()?;
    let cursor: i64 = pairs
        .parsed("cursor", "the `next` of a page of the same list")?
        .unwrap_or(0);
    let filter = asked(&hub, &pairs, Context::Live, &headers).await?;
    if row::json_by_id(hub.db.read(), id).await?.is_none() {
        return Err(Error::NotFound("activity"));
    }
    let most = u64::try_from(limit).unwrap_or(1) + 1;
    let mut lines = event_log::of_activity(hub.db.read(), id, cursor, most).await?;
    let more = lines.len() > limit;
    lines.truncate(limit);
    let next = lines
        .last()
        .filter(|_| more)
        .map(|line| line.seq.to_string());
    let now = hub.clock.now();
    let items: Vec<String> = lines
        .into_iter()
        .filter(|line| super::feed::passes(&line.envelope, &filter, now))
        .map(|line| line.envelope)
        .collect();
    let body = format!(
        "{{\"items\":[{}],\"next\":{}}}",
        items.join(","),
        json!(next)
    );
    let mut answer = public_json(&headers, body, 2);
    keep_to_its_owner(&mut answer, &filter);
    Ok(answer)
}

/// The upstream's own records of one activity, co-investigators removed, with credit and policy.
#[utoipa::path(get, path = "/api/activities/{id}/raw", tag = "activities",
    params(("id" = Uuid, Path, description = "Its id")),
    responses((status = 200, description = "What the upstream wrote", body = RawRecords)))]
async fn raw(
    State(hub): State<Hub>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    let id = activity_id(&id)?;
    let db = hub.db.read();
    let text = "select source from activities where id = $1";
    let row = db.query_one_raw(sql(db, text, vec![id.into()])).await?;
    let source: String = row
        .ok_or(Error::NotFound("activity"))?
        .try_get("", "source")?;
    let text = "select claim, raw from activity_raws where activity_id = $1 order by claim";
    let mut records = Vec::new();
    for row in db.query_all_raw(sql(db, text, vec![id.into()])).await? {
        records.push(super::payloads::RawRecord {
            claim: row.try_get("", "claim")?,
            raw: row.try_get("", "raw")?,
        });
    }
    let (credit, policy) = archives::credit(&source);
    let answer = RawRecords {
        source,
        credit,
        policy,
        records,
    };
    public(&headers, &answer, 60)
}

/// What we hold of a programme: title, PI, runs, activities by status.
#[utoipa::path(get, path = "/api/programmes/{obs_collection}/{id}", tag = "activities",
    params(("obs_collection" = String, Path, description = "Its collection, e.g. JWST"),
           ("id" = String, Path, description = "Its id, e.g. 4501 or 091.B-0088")),
    responses(
        (status = 200, description = "The programme", body = Overview),
        (status = 404, description = "Nothing is held of it", body = crate::openapi::Problem),
    ))]
async fn programme(
    State(hub): State<Hub>,
    Path((collection, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response> {
    let value = format!("{collection}/{id}");
    overview(&hub, &headers, ("proposal", &value), "programme").await
}

/// What we hold of a target, by name or designation.
#[utoipa::path(get, path = "/api/targets/{name}", tag = "activities",
    params(("name" = String, Path, description = "Its name, e.g. M31 or 3I/ATLAS")),
    responses(
        (status = 200, description = "The target", body = Overview),
        (status = 404, description = "Nothing is held of it", body = crate::openapi::Problem),
    ))]
async fn target(
    State(hub): State<Hub>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    overview(&hub, &headers, ("target", &name), "target").await
}

async fn overview(
    hub: &Hub,
    headers: &HeaderMap,
    pair: (&str, &str),
    what: &'static str,
) -> Result<Response> {
    // A name is meant as it is written: its stars are stars.
    let value = pair.1.replace('*', "\\*");
    let filter = ActivityFilter::from_pairs(
        [(pair.0, value.as_str())],
        Context::Lists,
        hub.catalogue.as_ref(),
    )?;
    let overview = Overview::of(hub.db.read(), &filter, hub.clock.now()).await?;
    let overview = overview.ok_or(Error::NotFound(what))?;
    public(headers, &overview, 10)
}

fn activity_id(text: &str) -> Result<Uuid> {
    text.parse().map_err(|_| Error::NotFound("activity"))
}
