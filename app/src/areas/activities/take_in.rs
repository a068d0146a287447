//! Taking in one harvest: its records, what it no longer holds, and the source's standing.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::tidy::tidy;
use domain::{Input, Moment, Record, Unreadable, transition};
use sea_orm::ConnectionTrait;
use serde::Serialize;
use uuid::Uuid;

use super::apply::{BATCH, Counts, Telling, apply};
use super::changes::{Changes, MOVED};
use super::commit::commit;
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
    /// The source's own harvest, on which its standing rests: no stretch or file taken in by hand.
    pub regular: bool,
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
    let gone = withdraw(hub, telling, &harvest.covers, &Held::of(&records)).await?;
    counts.withdrawn += gone.withdrawn;
    let doubtful = gone.doubtful || counts.doubted > 0;
    let report = report(source, harvest, records.len(), counts, doubtful);
    let last = LastCounts {
        read: report.read,
        activities: report.activities,
        new: counts.new,
        changed: counts.changed,
        unchanged: counts.unchanged,
        withdrawn: counts.withdrawn,
        skipped: report.skipped.clone(),
        unreadable: report.unreadable.len(),
    };
    let write = hub.db.begin().await?;
    manner.lease.confirm(write.tx()).await?;
    let now = hub.clock.now();
    if manner.regular {
        archives::succeeded(write.tx(), source, harvest, &last, now).await?;
    } else {
        archives::by_hand(write.tx(), source, harvest, now).await?;
    }
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
    let held = Held::of(&records);
    let missing = missing(hub, source, &harvest.covers, &held).await?;
    // Times are not yet as the harvest has them: what it names at all is not gone.
    let gone = missing.iter().filter(|one| !held.names(&one.obs_id));
    let (agreed, first): (Vec<_>, Vec<_>) = gone.partition(|one| one.doubted);
    counts.withdrawn += agreed.len();
    let doubtful = !first.is_empty() || counts.doubted > 0;
    Ok(report(source, harvest, records.len(), counts, doubtful))
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

/// Withdraws what the covered stretches of the plan no longer hold, and is still ahead.
///
/// One answer is never enough: a flipped bit in an identifier cannot be told from a re-plan. What is
/// missing is noted, and withdrawn when the next harvest that covers it does not hold it either.
async fn withdraw(
    hub: &Hub,
    telling: Telling<'_>,
    scopes: &[Scope],
    held: &Held<'_>,
) -> anyhow::Result<Gone> {
    let mut gone = Gone::default();
    for batch in missing(hub, telling.source, scopes, held)
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

/// Kept as the doubt of a row that one harvest did not hold.
const DOUBT: &str = "gone";

async fn withdraw_batch(
    hub: &Hub,
    telling: Telling<'_>,
    batch: &[Missing],
) -> anyhow::Result<Gone> {
    let now = hub.clock.now();
    let mut gone = Gone::default();
    let write = hub.db.begin().await?;
    if let Some(lease) = telling.lease {
        lease.confirm(write.tx()).await?;
    }
    let obs_ids: Vec<&str> = batch.iter().map(|one| one.obs_id.as_str()).collect();
    let known = row::lock(write.tx(), telling.source, &obs_ids).await?;
    let mut changes = Changes::new(known, now);
    for Missing { id, .. } in batch {
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

/// What we hold as ahead, and a harvest that covers it does not.
struct Missing {
    obs_id: String,
    id: Uuid,
    /// The harvest before did not hold it either.
    doubted: bool,
}

/// What we hold of the stretches as ahead, and the harvest does not: each once, though stretches
/// may overlap, for one harvest must not agree with itself.
async fn missing(
    hub: &Hub,
    source: &str,
    scopes: &[Scope],
    held: &Held<'_>,
) -> anyhow::Result<Vec<Missing>> {
    let db = hub.db.read();
    let now = hub.clock.now();
    let text = "select obs_id, attempt, id, t_min, doubt from activities where source = $1 \
        and status in ('planned', 'scheduled') and t_min > $2 and t_min >= $3 and t_min < $4";
    let mut missing = BTreeMap::new();
    for scope in scopes {
        let values = vec![
            source.into(),
            now.into(),
            scope.from.into(),
            scope.to.into(),
        ];
        for row in db.query_all_raw(sql(db, text, values)).await? {
            let obs_id: String = row.try_get("", "obs_id")?;
            let doubt: Option<String> = row.try_get("", "doubt")?;
            let moves = doubt.as_ref().is_some_and(|doubt| doubt.starts_with(MOVED));
            if held.holds(&obs_id, row.try_get("", "t_min")?) || (moves && held.names(&obs_id)) {
                continue;
            }
            let attempt: i32 = row.try_get("", "attempt")?;
            let one = Missing {
                obs_id: obs_id.clone(),
                id: row.try_get("", "id")?,
                doubted: doubt.as_deref() == Some(DOUBT),
            };
            missing.insert((obs_id, attempt), one);
        }
    }
    Ok(missing.into_values().collect())
}

/// Stored times are as fine as the database keeps them.
const SAME_START: TimeDelta = TimeDelta::milliseconds(1);

/// What a harvest speaks of: by `obs_id` the starts it gives.
struct Held<'a>(HashMap<&'a str, Vec<Option<DateTime<Utc>>>>);

impl<'a> Held<'a> {
    fn of(records: &[&'a Record]) -> Held<'a> {
        let mut held: HashMap<&str, Vec<Option<DateTime<Utc>>>> = HashMap::new();
        for record in records {
            let starts = held.entry(&record.obs_id).or_default();
            starts.push(record.facts.t_min);
        }
        Held(held)
    }

    fn names(&self, obs_id: &str) -> bool {
        self.0.contains_key(obs_id)
    }

    /// Whether it speaks of the attempt with this start, or of the activity without a start. A
    /// further attempt that it does not speak of is as gone as any other.
    fn holds(&self, obs_id: &str, start: DateTime<Utc>) -> bool {
        let starts = self.0.get(obs_id).into_iter().flatten();
        starts.into_iter().any(|held| {
            held.is_none_or(|held| held.signed_duration_since(start).abs() < SAME_START)
        })
    }
}
