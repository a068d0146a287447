//! Whether what is to be told still holds when its time comes.

use std::collections::BTreeSet;

use domain::{Activity, Envelope, EventKind, Status};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult};
use uuid::Uuid;

use super::decide::is_moved;
use crate::db::sql;

/// Why a correction is dropped.
pub(super) const NOTHING_TO_CORRECT: &str = "what it corrects was not told";

/// A plan that was told has to hold when the message goes out: called off, it is not told; moved or
/// over by now, it is told as it stands.
pub(super) fn still_true(
    event: EventKind,
    mut envelope: Envelope,
    newest: Activity,
) -> Result<Envelope, String> {
    if let Some(why) = no_longer_true(&newest) {
        return Err(why);
    }
    match newest.status {
        _ if is_moved(&envelope.activity, &newest) => envelope.activity = newest,
        Status::InProgress => {}
        _ if event == EventKind::Started => envelope.activity = newest,
        _ => {}
    }
    Ok(envelope)
}

/// Why a plan is not told any more, if it was called off.
pub(super) fn no_longer_true(newest: &Activity) -> Option<String> {
    let off = matches!(newest.status, Status::Withdrawn | Status::Aborted);
    off.then(|| format!("it is not true any more: it was {}", newest.status))
}

/// Writes down that a delivery shows the snapshot of a later line than it was written for. One that
/// may be out already keeps the earlier: that has to be corrected.
pub(super) async fn shows(tx: &impl ConnectionTrait, id: Uuid, seq: i64) -> anyhow::Result<()> {
    let text = "update deliveries set snapshot_seq = $1 \
        where id = $2 and snapshot_seq < $1 and doubts = 0 and not sample";
    tx.execute_raw(sql(tx, text, vec![seq.into(), id.into()]))
        .await?;
    Ok(())
}

/// Whether a subscription was told, or may have been, what a correction at `before` takes back: by
/// itself or in a digest, with a snapshot from before it. Waits for whoever is just claiming it, and then knows what they saw.
pub(super) async fn was_told(
    tx: &impl ConnectionTrait,
    subscription: Uuid,
    activity: Uuid,
    before: i64,
) -> anyhow::Result<bool> {
    let lock = match tx.get_database_backend() {
        DbBackend::Sqlite => "",
        _ => "for share",
    };
    let text = format!(
        "select state, attempts, digest_id from deliveries where subscription_id = $1 \
         and activity_id = $2 and event in ('scheduled', 'started') and not sample \
         and not correction and snapshot_seq < $3 {lock}"
    );
    let values = vec![subscription.into(), activity.into(), before.into()];
    let mut digests = BTreeSet::new();
    for row in tx.query_all_raw(sql(tx, text, values)).await? {
        if may_be_out(&row)? {
            return Ok(true);
        }
        // One that was taken out of its digest is not told by it.
        if row.try_get::<String>("", "state")? == "queued" {
            digests.extend(row.try_get::<Option<Uuid>>("", "digest_id")?);
        }
    }
    for digest in digests {
        let text = format!("select state, attempts from digests where id = $1 {lock}");
        let row = tx.query_one_raw(sql(tx, text, vec![digest.into()])).await?;
        if row.map_or(Ok(false), |row| may_be_out(&row))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a delivery or digest was tried.
fn may_be_out(row: &QueryResult) -> anyhow::Result<bool> {
    let (state, attempts): (String, i32) =
        (row.try_get("", "state")?, row.try_get("", "attempts")?);
    Ok(matches!(state.as_str(), "sending" | "sent") || attempts > 0)
}
