//! Taking in one harvest: its records, what it no longer holds, and the source's standing.

use std::collections::HashSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::tidy::tidy;
use domain::{Input, Moment, Record, Unreadable, transition};
use sea_orm::ConnectionTrait;
use serde::Serialize;
use uuid::Uuid;

use super::apply::{BATCH, Changes, Counts, Telling, apply, commit};
use super::row;
use crate::areas::archives::{self, LastCounts};
use crate::db::{Attempts, sql};
use crate::hub::Hub;
use crate::lease::Lease;
use upstream::{Harvest, Scope};

/// A harvest holds its source for this long at most between two writes.
pub const LEASE: Duration = Duration::from_secs(120);

/// The name under which a source is leased, by jobs and by `starboard fetch` alike.
#[must_use]
pub fn lease_name(source: &str) -> String {
    format!("source:{source}")
}

/// What a harvest led to, as `starboard fetch --json` prints it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// The source.
    pub source: String,
    /// Rows read.
    pub read: usize,
    /// Activities they told of.
    pub activities: usize,
    /// What became of those.
    #[serde(flatten)]
    pub counts: Counts,
    /// Rows left out on purpose, by reason.
    pub skipped: std::collections::BTreeMap<String, usize>,
    /// Rows nobody could read.
    pub unreadable: Vec<Unreadable>,
    /// Whether something may be gone from the plan, and a second harvest has to say so too.
    #[serde(skip)]
    pub doubtful: bool,
}

/// How a harvest is to be taken in.
#[derive(Clone, Copy, Debug)]
pub struct Manner<'a> {
    /// All of it is news only to us.
    pub backfill: bool,
    /// The cassettes of the demo were played.
    pub demo: bool,
    /// Held on the source.
    pub lease: &'a Lease,
}

/// Takes in a harvest.
///
/// # Errors
/// Those of the database, and a lost lease; what was committed before stays, and the next harvest
/// goes on from the old cursor.
pub async fn take_in(
    hub: &Hub,
    source: &str,
    harvest: &Harvest,
    manner: Manner<'_>,
) -> anyhow::Result<Report> {
    let telling = Telling {
        source,
        backfill: manner.backfill,
        demo: manner.demo,
        lease: Some(manner.lease),
    };
    let harvest = &tidied(harvest);
    let records: Vec<&Record> = harvest.readable().collect();
    let mut counts = apply(hub, telling, &records).await?;
    let held: HashSet<&str> = records
        .iter()
        .map(|record| record.obs_id.as_str())
        .collect();
    let mut doubtful = false;
    for scope in &harvest.covers {
        let gone = withdraw(hub, telling, *scope, &held).await?;
        counts.withdrawn += gone.withdrawn;
        doubtful |= gone.doubtful;
    }
    let report = report(source, harvest, records.len(), counts, doubtful);
    let last = LastCounts {
        read: report.read,
        activities: report.activities,
        counts,
        skipped: report.skipped.clone(),
        unreadable: report.unreadable.len(),
    };
    let write = hub.db.begin().await?;
    manner.lease.confirm(write.tx()).await?;
    archives::succeeded(write.tx(), source, harvest, &last, hub.clock.now()).await?;
    write.commit().await?;
    Ok(report)
}

/// What taking in a harvest would lead to; nothing is written.
///
/// # Errors
/// Those of the database.
pub async fn rehearse(hub: &Hub, source: &str, harvest: &Harvest) -> anyhow::Result<Report> {
    let harvest = &tidied(harvest);
    let records: Vec<&Record> = harvest.readable().collect();
    let telling = Telling {
        source,
        backfill: true,
        demo: false,
        lease: None,
    };
    let mut counts = super::apply::rehearse(hub, telling, &records).await?;
    let held: HashSet<&str> = records
        .iter()
        .map(|record| record.obs_id.as_str())
        .collect();
    let now = hub.clock.now();
    for scope in &harvest.covers {
        counts.withdrawn += missing(hub, source, *scope, now, &held).await?.len();
    }
    Ok(report(
        source,
        harvest,
        records.len(),
        counts,
        counts.withdrawn > 0,
    ))
}

fn report(
    source: &str,
    harvest: &Harvest,
    activities: usize,
    counts: Counts,
    doubtful: bool,
) -> Report {
    Report {
        source: source.to_owned(),
        read: harvest.read,
        activities,
        counts,
        skipped: harvest.skipped.clone(),
        unreadable: harvest.unreadable().cloned().collect(),
        doubtful,
    }
}

/// The harvest with every record looked at once more: what no database could take is kept aside.
fn tidied(harvest: &Harvest) -> Harvest {
    let records = harvest.records.iter().enumerate().map(|(index, row)| {
        let record = row.clone()?;
        let raw = record.raw.clone();
        tidy(record).map_err(|reason| Unreadable {
            row: index + 1,
            reason,
            raw,
        })
    });
    Harvest {
        records: records.collect(),
        ..harvest.clone()
    }
}

/// What a covered stretch led to.
#[derive(Clone, Copy, Debug, Default)]
struct Gone {
    withdrawn: usize,
    doubtful: bool,
}

/// Withdraws what a covered stretch of the plan no longer holds, and is still ahead.
///
/// One answer is never enough: a flipped bit in an identifier cannot be told from a re-plan. What is
/// missing is noted, and withdrawn when the next harvest that covers it does not hold it either.
async fn withdraw(
    hub: &Hub,
    telling: Telling<'_>,
    scope: Scope,
    held: &HashSet<&str>,
) -> anyhow::Result<Gone> {
    let now = hub.clock.now();
    let mut gone = Gone::default();
    for batch in missing(hub, telling.source, scope, now, held)
        .await?
        .chunks(BATCH)
    {
        let mut attempts = Attempts::default();
        let of_batch = loop {
            match withdraw_batch(hub, telling, batch).await {
                Err(error) if attempts.again(&error).await => {}
                done => break done?,
            }
        };
        gone.withdrawn += of_batch.withdrawn;
        gone.doubtful |= of_batch.doubtful;
    }
    Ok(gone)
}

const DOUBT: &str = "gone";

async fn withdraw_batch(
    hub: &Hub,
    telling: Telling<'_>,
    batch: &[(String, Uuid)],
) -> anyhow::Result<Gone> {
    let now = hub.clock.now();
    let mut gone = Gone::default();
    let write = hub.db.begin().await?;
    if let Some(lease) = telling.lease {
        lease.confirm(write.tx()).await?;
    }
    let obs_ids: Vec<&str> = batch.iter().map(|(obs_id, _)| obs_id.as_str()).collect();
    let known = row::lock(write.tx(), telling.source, &obs_ids).await?;
    let mut changes = Changes::new(known, now);
    for (_, id) in batch {
        let Some(row) = changes.row(*id) else {
            continue;
        };
        if row.doubt.as_deref() != Some(DOUBT) {
            gone.doubtful = true;
            changes.doubt(*id, Some(DOUBT.to_owned()));
            continue;
        }
        let moment = Moment {
            now,
            fresh: *id,
            source: telling.source,
            demo: telling.demo,
        };
        for step in transition(Some(&row.activity), Input::Gone, moment) {
            gone.withdrawn += 1;
            changes.step(step, telling.backfill);
            changes.forget_plan(*id);
        }
    }
    commit(hub, write, changes, Some(telling.source)).await?;
    Ok(gone)
}

/// What we hold of the stretch as ahead, and the harvest does not.
async fn missing(
    hub: &Hub,
    source: &str,
    scope: Scope,
    now: DateTime<Utc>,
    held: &HashSet<&str>,
) -> anyhow::Result<Vec<(String, Uuid)>> {
    let db = hub.db.read();
    let text = "select obs_id, id from activities where source = $1 \
        and status in ('planned', 'scheduled') and t_min > $2 and t_min >= $3 and t_min < $4 \
        order by obs_id, attempt";
    let values = vec![
        source.into(),
        now.into(),
        scope.from.into(),
        scope.to.into(),
    ];
    let rows = db.query_all_raw(sql(db, text, values)).await?;
    let mut missing = Vec::new();
    for row in rows {
        let obs_id: String = row.try_get("", "obs_id")?;
        if !held.contains(obs_id.as_str()) {
            missing.push((obs_id, row.try_get("", "id")?));
        }
    }
    Ok(missing)
}
