//! The clock: starts and ends what only a plan tells of, at the planned times.
//!
//! It sleeps until the earliest time that is due, one second at most (another process may have
//! written a plan meanwhile). Late, it publishes what it missed in order, with the true times.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap, HashSet};
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::{Input, Moment, Status, transition};
use sea_orm::{ConnectionTrait, Value};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::apply::BATCH;
use super::changes::Changes;
use super::commit::commit;
use super::row::{self, Row};
use crate::db::{Attempts, placeholders, sql};
use crate::hub::Hub;
use crate::lease::{Lease, Lost};

/// Longest sleep, and how soon a held-up clock looks again.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);
/// A holder that is killed is replaced within this.
const LEASE: Duration = Duration::from_secs(4);

/// Runs the clock until `cancel`. Of several processes one at a time does the work.
pub async fn run(hub: Hub, cancel: CancellationToken) {
    let mut lease: Option<Lease> = None;
    while !cancel.is_cancelled() {
        let wait = match turn(&hub, &mut lease).await {
            Ok(wait) => wait,
            Err(error) => {
                tracing::warn!(
                    error = format!("{error:#}"),
                    "The clock was held up: {error:#}"
                );
                // Anything else may pass, and a lease let go keeps everybody waiting until it ends.
                if error.chain().any(|cause| cause.is::<Lost>()) {
                    lease = None;
                }
                LONGEST_SLEEP
            }
        };
        tokio::select! {
            () = cancel.cancelled() => break,
            () = tokio::time::sleep(wait) => {}
            () = hub.clock_hand.notified() => {}
        }
    }
    if let Some(lease) = lease
        && let Err(error) = lease.release(&hub.db).await
    {
        tracing::debug!(%error, "The clock's lease was not given back");
    }
}

/// Does what is due; answers how long to sleep.
async fn turn(hub: &Hub, lease: &mut Option<Lease>) -> anyhow::Result<Duration> {
    if hub.db.is_sqlite() {
        // One process only, held by a file lock: no lease to take.
        while tick(hub, None).await? == BATCH {}
    } else {
        match lease {
            None => *lease = Lease::take(&hub.db, "clock", LEASE).await?,
            Some(held) => held.renew(&hub.db).await?,
        }
        let Some(held) = lease else {
            return Ok(LONGEST_SLEEP);
        };
        while tick(hub, Some(held)).await? == BATCH {}
    }
    let Some(next) = next_due(hub).await? else {
        return Ok(LONGEST_SLEEP);
    };
    let wait = (next - hub.clock.now()).to_std().unwrap_or(Duration::ZERO);
    // A millisecond more, so that it is due when we look.
    Ok((wait + Duration::from_millis(1)).min(LONGEST_SLEEP))
}

async fn next_due(hub: &Hub) -> anyhow::Result<Option<DateTime<Utc>>> {
    let text = "select due_at from activities where due_at is not null order by due_at limit 1";
    let row = hub
        .db
        .own()
        .query_one_raw(sql(hub.db.own(), text, vec![]))
        .await?;
    Ok(row.map(|row| row.try_get("", "due_at")).transpose()?)
}

/// Publishes one batch of what is due. Answers how many activities were due, [`BATCH`] meaning that
/// there may be more.
///
/// # Errors
/// Those of the database; then nothing was published.
pub async fn tick(hub: &Hub, lease: Option<&Lease>) -> anyhow::Result<usize> {
    let mut attempts = Attempts::default();
    loop {
        match tick_once(hub, lease).await {
            Err(error) if attempts.again(&error).await => {}
            done => return done,
        }
    }
}

async fn tick_once(hub: &Hub, lease: Option<&Lease>) -> anyhow::Result<usize> {
    let now = hub.clock.now();
    if next_due(hub).await?.is_none_or(|next| next > now) {
        return Ok(0);
    }
    let write = hub.db.begin().await?;
    if let Some(lease) = lease {
        lease.confirm(write.tx()).await?;
    }
    let picked = pick(write.tx(), now).await?;
    let count = picked.due;
    // Everybody locks activities in one order; what was picked may have changed until then.
    let mut rows = row::lock_ids(write.tx(), &picked.ids).await?;
    rows.retain(|row| row.due_at.is_some_and(|due| due <= now) || row.runs_by_plan());
    let mut changes = Changes::new(rows, now);
    play(&mut changes, picked.horizon, now);
    commit(hub, write, changes, None).await?;
    Ok(count)
}

/// What a batch of the clock looks at.
struct Picked {
    /// Activities that are due, and those by plan on the tracks on which one is due to start.
    ids: Vec<Uuid>,
    /// How many of them are due.
    due: usize,
    /// Nothing later may be published yet: there may be more to come before it.
    horizon: DateTime<Utc>,
}

async fn pick(tx: &impl ConnectionTrait, now: DateTime<Utc>) -> anyhow::Result<Picked> {
    let text = format!(
        "select id, due_at, track, status from activities where due_at <= $1 \
         order by due_at, id limit {BATCH}"
    );
    let rows = tx.query_all_raw(sql(tx, text, vec![now.into()])).await?;
    let mut picked = Picked {
        ids: Vec::new(),
        due: rows.len(),
        horizon: now,
    };
    let mut tracks: BTreeSet<String> = BTreeSet::new();
    for row in &rows {
        picked.ids.push(row.try_get("", "id")?);
        let status: String = row.try_get("", "status")?;
        if status == Status::Scheduled.as_str() {
            tracks.extend(row.try_get::<Option<String>>("", "track")?);
        }
        if rows.len() == BATCH {
            picked.horizon = row.try_get("", "due_at")?;
        }
    }
    if !tracks.is_empty() {
        let text = format!(
            "select id from activities where status = 'in_progress' and basis = 'scheduled' \
             and track in {}",
            placeholders(1, tracks.len(), 1)
        );
        let values = tracks.into_iter().map(Value::from).collect();
        for row in tx.query_all_raw(sql(tx, text, values)).await? {
            picked.ids.push(row.try_get("", "id")?);
        }
    }
    Ok(picked)
}

/// What comes first of two things at the same time: ends, then starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Hand {
    End,
    Quiet,
    Start,
}

/// Plays everything due until `horizon` in the order of its times.
fn play(changes: &mut Changes, horizon: DateTime<Utc>, now: DateTime<Utc>) {
    let mut due = BinaryHeap::new();
    let mut running: HashMap<String, HashSet<Uuid>> = HashMap::new();
    for row in changes.rows() {
        due.extend(next_of(row).map(Reverse));
        if let Some(track) = row.track.as_ref().filter(|_| row.runs_by_plan()) {
            running
                .entry(track.clone())
                .or_default()
                .insert(row.activity.id);
        }
    }
    while let Some(Reverse((at, hand, id))) = due.pop() {
        if at > horizon {
            break;
        }
        let Some(row) = changes.row(id) else { continue };
        // What was cut short meanwhile is no longer due.
        if next_of(row) != Some((at, hand, id)) {
            continue;
        }
        let mut cut = None;
        if let Some(track) = row.track.clone() {
            let on_track = running.entry(track).or_default();
            if hand == Hand::Start {
                // Who began before is ended by this one; who began later, as when this one is
                // learnt of late, ends this one.
                let (later, before): (Vec<Uuid>, Vec<Uuid>) = on_track
                    .drain()
                    .partition(|rival| start_of(changes, *rival) > Some(at));
                for rival in before {
                    give(changes, rival, Input::End(at), now);
                }
                on_track.extend(later.iter().copied());
                cut = later.iter().filter_map(|id| start_of(changes, *id)).min();
                on_track.insert(id);
            } else {
                on_track.remove(&id);
            }
        }
        let input = match hand {
            Hand::Start => Input::Start,
            Hand::End => Input::End(at),
            Hand::Quiet => Input::Quiet,
        };
        give(changes, id, input, now);
        if let Some(cut) = cut {
            changes.due_by(id, cut);
        }
        due.extend(changes.row(id).and_then(next_of).map(Reverse));
    }
}

fn start_of(changes: &Changes, id: Uuid) -> Option<DateTime<Utc>> {
    changes.row(id)?.activity.facts.t_min
}

fn next_of(row: &Row) -> Option<(DateTime<Utc>, Hand, Uuid)> {
    let hand = match row.activity.status {
        Status::Scheduled => Hand::Start,
        Status::InProgress => Hand::End,
        _ => Hand::Quiet,
    };
    Some((row.due_at?, hand, row.activity.id))
}

fn give(changes: &mut Changes, id: Uuid, input: Input<'_>, now: DateTime<Utc>) {
    let Some(row) = changes.row(id) else { return };
    let moment = Moment {
        now,
        fresh: id,
        source: "",
        demo: row.activity.demo,
    };
    let backfilled = row.backfill.then_some(row.activity.first_seen);
    let steps = transition(Some(&row.activity), input, moment);
    if steps.is_empty() {
        changes.not_due(id);
    }
    for step in steps {
        // What happened before we knew of it is news only to us.
        let backfill = backfilled.is_some_and(|seen| step.at <= seen);
        changes.step(step, backfill);
    }
}
