//! What we hold of a programme or a target, in one answer.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::Activity;
use domain::filter::ActivityFilter;
use sea_orm::ConnectionTrait;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::condition::Condition;
use super::search::{self, Query, Sort};
use crate::db::sql;

/// Newest activities shown.
const SHOWN: usize = 50;

/// A programme or a target as we know it.
#[derive(Serialize, ToSchema)]
pub struct Overview {
    /// Title of the programme, where exactly one is known.
    pub proposal_title: Option<String>,
    /// Its principal investigator, where exactly one is known.
    pub proposal_pi: Option<String>,
    /// Programmes or runs among the newest activities, as their publishers spell them.
    pub proposals: BTreeSet<String>,
    /// Names of the targets among the newest activities.
    pub targets: BTreeSet<String>,
    /// Facilities among the newest activities.
    pub facilities: BTreeSet<String>,
    /// How many activities stand where.
    pub by_status: BTreeMap<String, i64>,
    /// The newest activities, newest start first.
    #[schema(value_type = Vec<crate::openapi::ActivityOut>)]
    pub items: Vec<Box<RawValue>>,
}

impl Overview {
    /// What passes `filter`; none when nothing does.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn of(
        db: &impl ConnectionTrait,
        filter: &ActivityFilter,
        now: DateTime<Utc>,
    ) -> anyhow::Result<Option<Overview>> {
        let by_status = by_status(db, filter, now).await?;
        if by_status.is_empty() {
            return Ok(None);
        }
        let query = Query {
            filter,
            sort: Sort::NewestStart,
            after: None,
            limit: SHOWN,
            now,
        };
        let page = search::list(db, query).await?;
        let mut overview = Overview {
            proposal_title: None,
            proposal_pi: None,
            proposals: BTreeSet::new(),
            targets: BTreeSet::new(),
            facilities: BTreeSet::new(),
            by_status,
            items: Vec::with_capacity(page.items.len()),
        };
        let (mut titles, mut pis) = (BTreeSet::new(), BTreeSet::new());
        for json in page.items {
            let facts = serde_json::from_str::<Activity>(&json)?.facts;
            overview.proposals.extend(facts.proposal_id);
            overview.targets.extend(facts.target_name);
            overview.facilities.insert(facts.facility_name);
            titles.extend(facts.proposal_title);
            pis.extend(facts.proposal_pi);
            overview.items.push(RawValue::from_string(json)?);
        }
        overview.proposal_title = only(titles);
        overview.proposal_pi = only(pis);
        Ok(Some(overview))
    }
}

/// The one there is; of several, none is the truth.
fn only(mut all: BTreeSet<String>) -> Option<String> {
    if all.len() == 1 {
        all.pop_first()
    } else {
        None
    }
}

async fn by_status(
    db: &impl ConnectionTrait,
    filter: &ActivityFilter,
    now: DateTime<Utc>,
) -> anyhow::Result<BTreeMap<String, i64>> {
    let mut condition = Condition::default();
    condition.filter(filter, now);
    let (condition, values) = condition.finish();
    let text = format!(
        "select a.status as status, count(*) as number from activities a where {condition} \
         group by a.status"
    );
    let rows = db.query_all_raw(sql(db, text, values)).await?;
    rows.iter()
        .map(|row| Ok((row.try_get("", "status")?, row.try_get("", "number")?)))
        .collect()
}
