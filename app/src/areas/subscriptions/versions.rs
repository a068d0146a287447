//! What changed of the subscriptions, for those who keep them in memory.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use super::model::{COLUMNS, Names, Subscription, read};
use crate::db::{placeholders, sql};

/// Subscriptions read at once.
const PAGE: usize = 5_000;

/// What changed, in the order of versions.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Subscriptions made or changed, as they stand.
    pub changed: Vec<Subscription>,
    /// Subscriptions that are gone.
    pub gone: Vec<Uuid>,
    /// All changes up to this version are in it: where to go on.
    pub upto: i64,
    /// There are more behind `upto`.
    pub more: bool,
}

/// What changed behind `version` in these parts, or in all: a page of it; what is gone is told of
/// all. Versions become visible in their order: whoever has seen one has seen what lies before it.
/// What changes while this reads is in it, or comes with the next question.
///
/// # Errors
/// Those of the database.
pub async fn changed_since(
    db: &impl ConnectionTrait,
    names: &Names,
    version: i64,
    parts: Option<&BTreeSet<i32>>,
) -> anyhow::Result<Changes> {
    let newest = newest_version(db).await?;
    let mut changes = Changes {
        upto: newest,
        ..Changes::default()
    };
    if newest <= version {
        return Ok(changes);
    }
    page(db, names, version, parts, &mut changes).await?;
    let text = "select id from subscription_tombstones where version > $1 and version <= $2";
    let rows = sql(db, text, vec![version.into(), changes.upto.into()]);
    for row in db.query_all_raw(rows).await? {
        changes.gone.push(row.try_get("", "id")?);
    }
    Ok(changes)
}

/// Reads a page. A subscription that changed since the newest version was read is in it with its
/// newer one: left out, it would be missing until the next question.
async fn page(
    db: &impl ConnectionTrait,
    names: &Names,
    version: i64,
    parts: Option<&BTreeSet<i32>>,
    changes: &mut Changes,
) -> anyhow::Result<()> {
    let (within, parts) = within(parts);
    let text = format!(
        "select {COLUMNS} from subscriptions where version > $1 {within} \
         order by version limit {PAGE}"
    );
    let values = std::iter::once(version.into()).chain(parts).collect();
    for row in db.query_all_raw(sql(db, text, values)).await? {
        changes.changed.push(read(&row, names)?);
    }
    if let Some(last) = changes.changed.last() {
        changes.more = changes.changed.len() == PAGE;
        changes.upto = match changes.more {
            true => last.version,
            false => changes.upto.max(last.version),
        };
    }
    Ok(())
}

/// A page of the subscriptions of these parts, those behind an id, by id; empty at their end.
///
/// # Errors
/// Those of the database.
pub(super) async fn of_parts(
    db: &impl ConnectionTrait,
    names: &Names,
    parts: &BTreeSet<i32>,
    behind: Uuid,
) -> anyhow::Result<Vec<Subscription>> {
    let (within, parts) = within(Some(parts));
    let text = format!(
        "select {COLUMNS} from subscriptions where id > $1 {within} order by id limit {PAGE}"
    );
    let values = std::iter::once(behind.into()).chain(parts).collect();
    let rows = db.query_all_raw(sql(db, text, values)).await?;
    rows.iter().map(|row| read(row, names)).collect()
}

/// A condition on parts, whose values begin at the second one.
fn within(parts: Option<&BTreeSet<i32>>) -> (String, impl Iterator<Item = Value>) {
    let condition = parts.map_or_else(String::new, |parts| {
        format!("and part in {}", placeholders(1, parts.len(), 2))
    });
    let values = parts.into_iter().flatten().map(|part| (*part).into());
    (condition, values)
}

/// The newest version of all.
///
/// # Errors
/// Those of the database.
pub async fn newest_version(db: &impl ConnectionTrait) -> anyhow::Result<i64> {
    let text = "select version from subscription_counter where id = 1";
    let row = db.query_one_raw(sql(db, text, vec![])).await?;
    let version = row.map(|row| row.try_get("", "version")).transpose()?;
    Ok(version.unwrap_or(0))
}
