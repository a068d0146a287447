//! Writing what changed: rows, raw records, events, in one transaction, and telling the others.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::keys::Keys;
use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use super::changes::{Changes, QUIET};
use super::event_log::{self, Line};
use super::row::{self, Written};
use crate::db::{Write, placeholders, sql};
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
    let touched = std::mem::take(&mut changes.touched);
    let mut bodies = Vec::with_capacity(touched.len());
    for id in &touched {
        let activity = &changes.rows[id].activity;
        bodies.push((Keys::of(activity), row::body(activity)?));
    }
    let written: Vec<Written<'_>> = touched
        .iter()
        .zip(&bodies)
        .map(|(id, (keys, body))| Written {
            row: &changes.rows[id],
            keys,
            body,
            before: changes.before.get(id),
        })
        .collect();
    let tx = write.tx();
    row::upsert(tx, &written).await?;
    write_raws(tx, &changes.raws).await?;
    for (id, fields) in &changes.redacted {
        super::redact::everywhere(tx, *id, fields).await?;
    }
    if let Some(source) = source {
        end_blocks_before(tx, source, &changes.archived, changes.now).await?;
    }
    let lines = event_log::append(tx, &changes.drafts, &hub.clock).await?;
    write.commit().await?;
    for draft in &changes.drafts {
        metrics::counter!("starboard_events_total", "event" => draft.event.as_str()).increment(1);
    }
    hub.announce(&lines);
    hub.clock_hand.notify_one();
    Ok(lines)
}

/// The next block on a telescope ends the ones before it: the clock looks at them at once.
async fn end_blocks_before(
    tx: &impl ConnectionTrait,
    source: &str,
    archived: &[(String, DateTime<Utc>)],
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let mut newest: BTreeMap<&str, DateTime<Utc>> = BTreeMap::new();
    for (facility, start) in archived {
        let entry = newest.entry(facility).or_insert(*start);
        *entry = (*entry).max(*start);
    }
    if newest.is_empty() {
        return Ok(());
    }
    // Mostly there are none, which the index of what is due tells at once; the other columns would
    // lead to every activity of the telescope.
    let text = format!(
        "select distinct facility from activities {} where due_at > $1 and due_at <= $2 \
         and status = 'performed' and source = $3",
        row::by_due(tx)
    );
    let values = vec![now.into(), (now + QUIET).into(), source.into()];
    for waiting in tx.query_all_raw(sql(tx, text, values)).await? {
        let facility: String = waiting.try_get("", "facility")?;
        let Some(start) = newest.get(facility.as_str()) else {
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
    let text = format!(
        "insert into activity_raws (activity_id, claim, raw) values {} \
         on conflict (activity_id, claim) do update set raw = excluded.raw",
        placeholders(last.len(), 3, 1)
    );
    let values: Vec<Value> = last
        .into_iter()
        .flat_map(|((id, claim), raw)| [id.into(), claim.into(), raw.into()])
        .collect();
    tx.execute_raw(sql(tx, text, values)).await?;
    Ok(())
}
