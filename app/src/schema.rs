//! Whether the database's schema is the one this version works with.

use std::collections::BTreeSet;

use anyhow::{Context, bail};
use migrations::Migrator;
use sea_orm::ConnectionTrait;
use sea_orm_migration::MigratorTrait;

use crate::areas::activities::event_log;
use crate::db::{Db, sql};

/// Brings the schema to this version.
///
/// # Errors
/// Those of the database.
pub async fn migrate(db: &Db) -> anyhow::Result<()> {
    Migrator::up(db.own(), None)
        .await
        .context("migrating the database")?;
    event_log::ensure_counter(db.own()).await
}

/// How the schema compares with this version.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Standing {
    /// Steps this version has and the database has not, oldest first.
    pub pending: Vec<String>,
    /// Steps the database has and this version does not know.
    pub unknown: Vec<String>,
    /// Unknown steps that say that this version can still read what they left.
    pub compatible: bool,
}

/// Compares.
///
/// # Errors
/// Those of the database.
pub async fn standing(db: &Db) -> anyhow::Result<Standing> {
    let known: Vec<String> = Migrator::migrations()
        .iter()
        .map(|step| step.name().to_owned())
        .collect();
    let applied = applied(db).await?;
    let pending = known
        .iter()
        .filter(|name| !applied.contains(*name))
        .cloned()
        .collect();
    let unknown: Vec<String> = applied
        .iter()
        .filter(|name| !known.contains(name))
        .cloned()
        .collect();
    let mut compatible = true;
    for name in &unknown {
        let text = "select oldest_reader from schema_compatibility where migration = $1";
        let values = vec![name.as_str().into()];
        let row = db.own().query_one_raw(sql(db.own(), text, values)).await?;
        let oldest: Option<String> = row
            .map(|row| row.try_get("", "oldest_reader"))
            .transpose()?;
        // Names begin with their date, so they sort by age.
        compatible &= oldest.is_some_and(|oldest| known.last().is_some_and(|ours| *ours >= oldest));
    }
    Ok(Standing {
        pending,
        unknown,
        compatible,
    })
}

/// Whether it is an SQLite file with nothing in it, missing until now perhaps.
///
/// # Errors
/// Those of the database.
pub async fn is_fresh(db: &Db) -> anyhow::Result<bool> {
    let text = "select 1 from sqlite_master limit 1";
    Ok(db.is_sqlite()
        && db
            .own()
            .query_one_raw(sql(db.own(), text, vec![]))
            .await?
            .is_none())
}

/// Refuses a schema this version cannot work with.
///
/// # Errors
/// What to run.
pub async fn check(db: &Db) -> anyhow::Result<()> {
    let standing = standing(db).await?;
    if !standing.pending.is_empty() {
        bail!(
            "the database's schema is older than this version ({} steps behind): run `starboard migrate`",
            standing.pending.len()
        );
    }
    if !standing.unknown.is_empty() && !standing.compatible {
        bail!(
            "the database's schema is newer than this version (it has {}): run the newer version",
            standing.unknown.join(", ")
        );
    }
    Ok(())
}

async fn applied(db: &Db) -> anyhow::Result<BTreeSet<String>> {
    let exists = if db.is_sqlite() {
        "select 1 from sqlite_master where type = 'table' and name = 'seaql_migrations'"
    } else {
        "select 1 from information_schema.tables where table_schema = any(current_schemas(false)) \
         and table_name = 'seaql_migrations'"
    };
    if db
        .own()
        .query_one_raw(sql(db.own(), exists, vec![]))
        .await?
        .is_none()
    {
        return Ok(BTreeSet::new());
    }
    let rows = db
        .own()
        .query_all_raw(sql(
            db.own(),
            "select version from seaql_migrations",
            vec![],
        ))
        .await?;
    rows.iter()
        .map(|row| Ok(row.try_get("", "version")?))
        .collect()
}
