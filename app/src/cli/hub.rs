//! A hub for one command.

use anyhow::bail;
use domain::Clock;

use crate::config::Config;
use crate::db::Db;
use crate::hub::Hub;
use crate::start::{self, Role};
use crate::{schema, secrets};

/// A hub for one command: no tasks run, and another process may use the same SQLite file. A file
/// that is not there yet is made.
pub(super) async fn open(config: Config) -> anyhow::Result<Hub> {
    let config = secrets::kept_beside(config)?;
    let in_memory = config.database_url == "sqlite::memory:";
    let fresh = in_memory || config.sqlite_file().is_some_and(|file| !file.exists());
    let db = Db::connect(&config.database_url).await?;
    if fresh {
        schema::migrate(&db).await?;
    }
    schema::check(&db).await?;
    let queue = start::queue(&config).await?;
    if fresh {
        queue.migrate().await?;
    }
    Ok(
        start::assemble(config, Role::Worker, Clock::system(), db, queue)
            .await?
            .hub,
    )
}

/// Refuses to make a database where one is to be looked after.
pub(super) fn must_exist(config: &Config) -> anyhow::Result<()> {
    match config.sqlite_file() {
        Some(file) if !file.exists() => {
            bail!("there is no database in {} (DATABASE_URL)", file.display())
        }
        _ => Ok(()),
    }
}
