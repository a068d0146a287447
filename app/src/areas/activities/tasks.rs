//! The jobs of the area: harvests and pruning.

use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use tasks::{GiveUp, Job, Later, Schedule};
use upstream::{Ask, Connector, Cursor, Error, Harvest, Window};

use super::event_log;
use super::take_in::{LEASE, Manner, Report, lease_name, take_in};
use crate::areas::archives;
use crate::db::sql;
use crate::hub::Hub;
use crate::lease::{Lease, Lost};

/// How soon a harvest that doubts something is followed by the one that settles it.
const SECOND_LOOK: Duration = Duration::from_secs(60);
/// How soon a source that somebody else harvests right now is tried again.
const HELD: Duration = Duration::from_secs(30);
/// Events removed in one transaction.
const PRUNE_BATCH: i64 = 5000;

/// Asks one upstream for its news and tells the hub about each of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HarvestUpstream {
    /// The connector's name.
    pub connector: String,
}

impl Job for HarvestUpstream {
    const NAME: &'static str = "activities.harvest_upstream";
    const MAX_ATTEMPTS: u32 = 3;
    const TIMEOUT: Duration = Duration::from_secs(900);
    type Hub = Hub;

    async fn run(self, hub: &Hub) -> anyhow::Result<()> {
        let Some(connector) = registry::find(&self.connector) else {
            return Err(GiveUp(format!("no connector is called {:?}", self.connector)).into());
        };
        let done = harvest(hub, connector, None).await;
        if let Some(next) = schedule(hub, connector).next(hub.clock.now()) {
            archives::runs_next(&hub.db, &self.connector, next).await?;
        }
        match done {
            Ok(report) if report.doubtful => {
                hub.queue.push_after(self, SECOND_LOOK).await?;
                Ok(())
            }
            Ok(_) => Ok(()),
            Err(HarvestError::Held) => Err(Later(HELD).into()),
            Err(HarvestError::Upstream(Error::Busy(wait))) => Err(Later(wait).into()),
            // Its next regular harvest tries again; the source shows as failing meanwhile.
            Err(HarvestError::Upstream(error)) => {
                tracing::warn!(
                    connector.name = %self.connector,
                    "Nothing was harvested from {}: {error}", self.connector
                );
                Ok(())
            }
            Err(HarvestError::Other(error)) => Err(error),
        }
    }
}

/// When a source is harvested.
#[must_use]
pub fn schedule(hub: &Hub, connector: &dyn Connector) -> Schedule {
    let profile = connector.profile();
    let every = hub.demo.as_ref().map_or(profile.every, |demo| demo.every());
    Schedule::every(every).phased(profile.name).catching_up()
}

/// Why nothing was harvested.
#[derive(Debug, thiserror::Error)]
pub enum HarvestError {
    /// Somebody else harvests this source right now.
    #[error("this source is being harvested by another process; try again in a minute")]
    Held,
    /// The upstream.
    #[error(transparent)]
    Upstream(#[from] Error),
    /// Ours.
    #[error("{0:#}")]
    Other(#[from] anyhow::Error),
}

/// Harvests a source once: its news, or a stretch asked for by hand.
///
/// # Errors
/// Why nothing was harvested; it stands at the source.
pub async fn harvest(
    hub: &Hub,
    connector: &dyn Connector,
    window: Option<Window>,
) -> Result<Report, HarvestError> {
    let name = connector.profile().name;
    let lease = Lease::take(&hub.db, &lease_name(name), LEASE)
        .await?
        .ok_or(HarvestError::Held)?;
    let mut copies = Copies { hub, sure: false };
    let done = tokio::select! {
        done = harvest_held(hub, connector, window, &lease) => done,
        error = keep(hub, &lease) => Err(error.into()),
    };
    copies.sure = done.as_ref().is_ok_and(|report| !report.doubtful);
    if let Err(HarvestError::Upstream(error)) = &done
        && window.is_none()
    {
        archives::failed(&hub.db, name, &error.to_string(), hub.clock.now()).await?;
        metrics::counter!("starboard_harvests_total", "source" => name, "outcome" => "failed")
            .increment(1);
    }
    if let Err(error) = lease.release(&hub.db).await {
        tracing::debug!(%error, "The lease of {name} was not given back");
    }
    done
}

/// The copies of answers kept for conditional requests. They outlive a harvest only when all of it
/// was taken in without a doubt: else a copy could agree with itself, or pass for taken in.
struct Copies<'a> {
    hub: &'a Hub,
    sure: bool,
}

impl Drop for Copies<'_> {
    fn drop(&mut self) {
        if !self.sure {
            self.hub.upstream.ask_anew();
        }
    }
}

/// Holds the lease while the upstream is asked. Ends only when it is lost: whatever else goes wrong
/// may pass before the next try, and nothing is written without the lease anyway.
async fn keep(hub: &Hub, lease: &Lease) -> anyhow::Error {
    loop {
        tokio::time::sleep(LEASE / 3).await;
        match lease.renew(&hub.db).await {
            Err(error) if error.chain().any(|cause| cause.is::<Lost>()) => {
                return error.context("holding the source");
            }
            Err(error) => tracing::warn!(
                error = format!("{error:#}"),
                "A source's lease was not renewed, which is tried again: {error:#}"
            ),
            Ok(()) => {}
        }
    }
}

async fn harvest_held(
    hub: &Hub,
    connector: &dyn Connector,
    window: Option<Window>,
    lease: &Lease,
) -> Result<Report, HarvestError> {
    let name = connector.profile().name;
    let began = std::time::Instant::now();
    let source = archives::by_name(hub.db.read(), name).await?;
    let harvest = ask(hub, connector, source.cursor, window).await?;
    let manner = Manner {
        backfill: window.is_some() || source.first_success.is_none(),
        demo: hub.demo.is_some(),
        regular: window.is_none(),
        lease,
    };
    let report = take_in(hub, name, &harvest, manner).await?;
    tell(name, &harvest, &report, began.elapsed());
    Ok(report)
}

/// Asks the upstream, or what the demo plays in its stead.
async fn ask(
    hub: &Hub,
    connector: &dyn Connector,
    cursor: Option<Cursor>,
    window: Option<Window>,
) -> upstream::Result<Harvest> {
    let now = hub.clock.now();
    match &hub.demo {
        None => {
            connector
                .harvest(
                    &hub.upstream,
                    &Ask {
                        now,
                        cursor,
                        window,
                    },
                )
                .await
        }
        Some(demo) => demo.harvest(connector, &hub.upstream, now, cursor).await,
    }
}

/// Takes in a saved answer.
///
/// # Errors
/// As [`harvest`].
pub async fn take_file(
    hub: &Hub,
    connector: &dyn Connector,
    harvest: &Harvest,
) -> Result<Report, HarvestError> {
    let name = connector.profile().name;
    let lease = Lease::take(&hub.db, &lease_name(name), LEASE)
        .await?
        .ok_or(HarvestError::Held)?;
    let source = archives::by_name(hub.db.read(), name).await?;
    let backfill = source.first_success.is_none();
    // A saved file says nothing about where the next harvest starts, nor how far the plan reaches.
    let harvest = Harvest {
        cursor: None,
        covers: Vec::new(),
        ..harvest.clone()
    };
    let report = take_in(
        hub,
        name,
        &harvest,
        Manner {
            backfill,
            demo: false,
            regular: false,
            lease: &lease,
        },
    )
    .await;
    lease.release(&hub.db).await?;
    Ok(report?)
}

/// Asks the upstream and tells what would change, changing nothing.
///
/// # Errors
/// As [`harvest`].
pub async fn rehearse(
    hub: &Hub,
    connector: &dyn Connector,
    window: Option<Window>,
) -> Result<Report, HarvestError> {
    let name = connector.profile().name;
    let cursor = archives::by_name(hub.db.read(), name).await?.cursor;
    let harvest = ask(hub, connector, cursor, window).await?;
    Ok(super::take_in::rehearse(hub, name, &harvest).await?)
}

fn tell(name: &'static str, harvest: &Harvest, report: &Report, took: Duration) {
    let counts = report.counts;
    tracing::info!(
        connector.name = name,
        harvest.read = report.read,
        harvest.new = counts.new,
        harvest.changed = counts.changed,
        harvest.withdrawn = counts.withdrawn,
        harvest.unreadable = report.unreadable.len(),
        took_ms = took.as_millis(),
        "Harvested {} activities from {name}: {} new, {} changed, {} withdrawn",
        report.activities,
        counts.new,
        counts.changed,
        counts.withdrawn
    );
    for note in &harvest.notes {
        tracing::warn!(connector.name = name, "{name}: {note}");
    }
    metrics::counter!("starboard_harvests_total", "source" => name, "outcome" => "succeeded")
        .increment(1);
    metrics::counter!("starboard_unreadable_rows_total", "source" => name)
        .increment(report.unreadable.len() as u64);
}

/// Removes events older than `EVENT_DAYS`, keeping of each activity the one it stood at then.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PruneEvents {}

impl Job for PruneEvents {
    const NAME: &'static str = "activities.prune_events";
    const TIMEOUT: Duration = Duration::from_secs(600);
    type Hub = Hub;

    async fn run(self, hub: &Hub) -> anyhow::Result<()> {
        let days = TimeDelta::days(i64::from(hub.config.event_days));
        prune(hub, hub.clock.now() - days).await.map(|_| ())
    }
}

/// Removes events logged at or before `before`, except each activity's newest until then: the board
/// of every later moment can still be rebuilt. Says how far in the same breath, so that no reader
/// takes what it then misses for the whole. Goes on where the last pruning ended: only what follows
/// makes an older event dispensable. Never passes what the matcher has not read. Answers how many
/// went.
///
/// # Errors
/// Those of the database.
pub async fn prune(hub: &Hub, before: DateTime<Utc>) -> anyhow::Result<u64> {
    let mut upto = event_log::seq_at(hub.db.read(), before).await?;
    if let Some(cursor) = event_log::smallest_cursor(hub.db.read()).await?
        && cursor < upto
    {
        tracing::warn!(
            cursor,
            upto,
            "Events after {cursor} are kept, old as they are: they have not been matched with the \
             subscriptions yet"
        );
        upto = cursor;
    }
    let mut from = event_log::end(hub.db.read()).await?.pruned_to;
    let mut removed = 0;
    while from < upto {
        let to = (from + PRUNE_BATCH).min(upto);
        let write = hub.db.begin().await?;
        let text = "update event_counter set pruned_to = $1 where id = 1 and pruned_to < $1";
        let done = write
            .tx()
            .execute_raw(sql(write.tx(), text, vec![to.into()]));
        done.await?;
        let text = "delete from events where seq <= $2 \
            and activity_id in (select n.activity_id from events n where n.seq > $1 and n.seq <= $2) \
            and exists (select 1 from events later where later.activity_id = events.activity_id \
                        and later.seq > events.seq and later.seq <= $2)";
        let values = vec![from.into(), to.into()];
        let done = write.tx().execute_raw(sql(write.tx(), text, values)).await;
        removed += done.context("pruning events")?.rows_affected();
        write.commit().await?;
        from = to;
    }
    if removed > 0 {
        tracing::info!(removed, upto, "Pruned {removed} events");
    }
    Ok(removed)
}
