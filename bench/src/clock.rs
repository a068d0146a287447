//! How soon everything is published that is due at once.

use std::time::Duration;

use anyhow::{Context, ensure};
use app::areas::activities::{Telling, apply, clock, event_log};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{Claim, Clock, Record, TMaxKind};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::Options;
use crate::activities::facts;
use crate::bed::{self, Bed, Kind};
use crate::measure::{Figure, Goal};
use crate::sky::Sky;

/// Activities that start at the same second.
const COUNT: u64 = 5_000;
/// Time to store them in before they are due.
const AHEAD: TimeDelta = TimeDelta::seconds(12);
/// Rows of a transaction, as the clock has them.
const BATCH: usize = 500;

/// 5,000 starts at one second, from the second to the last one's arrival in the feed.
pub(crate) async fn run(options: &Options) -> anyhow::Result<Vec<Figure>> {
    let sky = Sky::new();
    let mut bed = Bed::new("clock")?;
    let mut seconds = Kind::BOTH.map(|kind| (kind, Vec::new(), Vec::new()));
    for _ in 0..options.repeats {
        for (kind, ours, floor) in &mut seconds {
            floor.push(write_alone(&bed.fresh(*kind).await?, &sky).await?);
            ours.push(due(&bed.fresh(*kind).await?, &sky).await?);
        }
    }
    let figures = seconds.into_iter().map(|(kind, ours, floor)| {
        Figure::new(
            format!("clock: {COUNT} due at once, {}", kind.name()),
            "s",
            ours,
        )
        .goal(Goal::Below(1.0))
        .floor(
            "their JSON in batches of 500 into a table with one index",
            floor,
        )
    });
    Ok(figures.collect())
}

/// Stores a plan, lets the clock run, and waits until the feed has handed out the last start.
async fn due(url: &str, sky: &Sky) -> anyhow::Result<f64> {
    let hub = bed::hub(url, Clock::system()).await?;
    let start = DateTime::from_timestamp(Utc::now().timestamp(), 0).context("now")? + AHEAD;
    let records: Vec<Record> = (0..COUNT)
        .map(|number| planned(number, start, sky))
        .collect();
    let telling = Telling {
        source: "bench",
        backfill: false,
        demo: false,
        lease: None,
    };
    apply(&hub, telling, &records.iter().collect::<Vec<_>>()).await?;
    ensure!(
        Utc::now() < start - TimeDelta::seconds(1),
        "storing the plan took longer than there was"
    );
    let last = event_log::end(hub.db.read()).await?.seq + i64::try_from(COUNT)?;
    let cancel = CancellationToken::new();
    let clock = tokio::spawn(clock::run(hub.clone(), cancel.clone()));
    tokio::time::timeout(Duration::from_secs(60), hub.feed.reached(last))
        .await
        .context("waiting for the last start")?;
    let took = (Utc::now() - start).as_seconds_f64();
    ensure!(took > 0.0, "published before it was due");
    cancel.cancel();
    clock.await?;
    bed::close(hub).await;
    Ok(took)
}

fn planned(number: u64, start: DateTime<Utc>, sky: &Sky) -> Record {
    let mut facts = facts(number, sky, start);
    facts.t_max = Some(start + TimeDelta::hours(1));
    facts.t_max_kind = Some(TMaxKind::Planned);
    let raw = format!("{number:>6} {start}");
    Record::new(format!("bench:{number}"), Claim::Plan, facts, raw)
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand")]
async fn write_alone(url: &str, sky: &Sky) -> anyhow::Result<f64> {
    let now = Utc::now();
    let bodies = (0..COUNT)
        .map(|number| {
            Ok((
                Uuid::now_v7(),
                serde_json::to_string(&facts(number, sky, now))?,
            ))
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    let rate = crate::apply::inserts(url, &bodies, BATCH).await?;
    Ok(COUNT as f64 / rate)
}
