//! Writing what changed: rows, raw records, events, in one transaction, and telling the others.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use domain::Status;
use domain::keys::Keys;
use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use super::changes::{Changes, QUIET};
use super::event_log::{self, Line};
use super::row::{self, Written};
use super::words;
use crate::db::{Write, rows, sql};
use crate::hub::Hub;

/// Writes the changes and their events, commits, and tells the others.
pub(super) async fn commit(
    hub: &Hub,
    write: Write,
    mut changes: Changes,
    source: Option<&str>,
) -> anyhow::Result<Vec<Line>> {
    if changes.touched.is_empty() {
        write.rollback().await?;
        return Ok(Vec::new());
    }
    let blocks = newest_blocks(&changes.archived);
    if let Some(source) = source {
        end_blocks_told(&mut changes, source, &blocks);
    }
    let touched = std::mem::take(&mut changes.touched);
    let mut bodies = Vec::with_capacity(touched.len());
    for id in &touched {
        let activity = &changes.rows[id].activity;
        bodies.push((Keys::of(activity), row::body(activity)?));
    }
    let mut written: Vec<Written<'_>> = touched
        .iter()
        .zip(&bodies)
        .map(|(id, (keys, body))| Written {
            row: &changes.rows[id],
            seq: changes.rows[id].activity.seq,
            keys,
            body,
            before: changes.before.get(id),
        })
        .collect();
    let tx = write.tx();
    words::write(tx, &written).await?;
    write_raws(tx, &changes.raws).await?;
    for (id, fields) in &changes.redacted {
        super::redact::everywhere(tx, *id, fields).await?;
    }
    if let Some(source) = source {
        end_blocks_known(tx, source, &blocks, changes.now).await?;
    }
    let lines = event_log::append(tx, &changes.drafts, &hub.clock).await?;
    let newest: HashMap<Uuid, i64> = changes
        .drafts
        .iter()
        .zip(&lines)
        .map(|(draft, line)| (draft.activity_id, line.seq))
        .collect();
    for written in &mut written {
        written.seq = *newest.get(&written.row.activity.id).unwrap_or(&written.seq);
    }
    row::upsert(tx, &written).await?;
    write.commit().await?;
    for draft in &changes.drafts {
        metrics::counter!("starboard_events_total", "event" => draft.event.as_str()).increment(1);
    }
    hub.announce(&lines);
    hub.clock_hand.notify_one();
    Ok(lines)
}

/// The start of the newest block of each telescope.
type Blocks = BTreeMap<String, DateTime<Utc>>;

fn newest_blocks(archived: &[(String, DateTime<Utc>)]) -> Blocks {
    let mut newest = Blocks::new();
    for (facility, start) in archived {
        let entry = newest.entry(facility.clone()).or_insert(*start);
        *entry = (*entry).max(*start);
    }
    newest
}

/// The next block on a telescope ends the ones before it, those told with it too: the clock looks at
/// them at once instead of when they have been quiet for long.
fn end_blocks_told(changes: &mut Changes, source: &str, blocks: &Blocks) {
    let now = changes.now;
    for id in &changes.touched {
        let Some(row) = changes.rows.get_mut(id) else {
            continue;
        };
        let activity = &row.activity;
        let next = blocks.get(&activity.facts.facility_name);
        if activity.source == source
            && activity.status == Status::Performed
            && activity
                .facts
                .t_min
                .zip(next)
                .is_some_and(|(start, next)| start < *next)
            && row
                .due_at
                .is_some_and(|due| due > now && due <= now + QUIET)
        {
            row.due_at = Some(now);
        }
    }
}

/// The same for those told before.
async fn end_blocks_known(
    tx: &impl ConnectionTrait,
    source: &str,
    blocks: &Blocks,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    if blocks.is_empty() {
        return Ok(());
    }
    // Mostly there are none, which the index of what is due tells at once; the other columns would
    // lead to every activity of the telescope.
    let text = format!(
        "select distinct facility from (select facility, status, source from activities {} \
         where due_at > $1 and due_at <= $2 {}) as a where status = 'performed' and source = $3",
        row::by_due(tx),
        row::first_of_all(tx)
    );
    let values = vec![now.into(), (now + QUIET).into(), source.into()];
    for waiting in tx.query_all_raw(sql(tx, text, values)).await? {
        let facility: String = waiting.try_get("", "facility")?;
        let Some(start) = blocks.get(&facility) else {
            continue;
        };
        let text = format!(
            "update activities set due_at = $1 where id in (select id from activities {} \
             where due_at > $1 and due_at <= $2 and status = 'performed' and source = $3 \
             and facility = $4 and t_min < $5 order by obs_id, attempt {})",
            row::by_due(tx),
            row::skip_locked(tx)
        );
        let values = vec![
            now.into(),
            (now + QUIET).into(),
            source.into(),
            facility.into(),
            (*start).into(),
        ];
        tx.execute_raw(sql(tx, text, values)).await?;
    }
    Ok(())
}

async fn write_raws(
    tx: &impl ConnectionTrait,
    raws: &[(Uuid, &'static str, String)],
) -> anyhow::Result<()> {
    // One statement may not touch a row twice: the last word on each stands.
    let last: BTreeMap<(Uuid, &str), &str> = raws
        .iter()
        .map(|(id, claim, raw)| ((*id, *claim), raw.as_str()))
        .collect();
    if last.is_empty() {
        return Ok(());
    }
    let values: Vec<Value> = last
        .into_iter()
        .flat_map(|((id, claim), raw)| [id.into(), claim.into(), raw.into()])
        .collect();
    let columns = ["activity_id", "claim", "raw"];
    let (rows, values) = rows(tx, "activity_raws", &columns, values);
    let text = format!(
        "insert into activity_raws (activity_id, claim, raw) {rows} \
         on conflict (activity_id, claim) do update set raw = excluded.raw"
    );
    tx.execute_raw(sql(tx, text, values)).await?;
    Ok(())
}
