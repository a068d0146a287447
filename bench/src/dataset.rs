//! Millions of stored activities, kept between runs: made once, in some minutes.

use std::path::PathBuf;
use std::time::Instant;

use app::areas::activities::bulk::{self, Batch};
use app::db::Db;
use app::schema;
use chrono::{DateTime, Utc};
use domain::Shape;
use uuid::Uuid;

use crate::activities::stored;
use crate::bed::{Kind, kept, sqlite_url};
use crate::postgres::Server;
use crate::sky::Sky;

/// Rows of a transaction.
pub(crate) const BATCH: u64 = 1_000;
/// Names the kept folder: changes with the schema and with the activities.
const VERSION: &str = "search-6";

/// A database with all of them.
pub(crate) struct Dataset {
    /// Which database.
    pub(crate) kind: Kind,
    /// Its address.
    pub(crate) url: String,
    /// Of PostgreSQL, for whatever else is kept there.
    pub(crate) server: Option<Server>,
}

/// An activity, as much of it as says where and when.
pub(crate) struct Place {
    /// Which.
    pub(crate) id: Uuid,
    /// From when.
    pub(crate) start: DateTime<Utc>,
    /// Until when.
    pub(crate) end: DateTime<Utc>,
    /// Where.
    pub(crate) shape: Shape,
}

/// Where and when these are.
pub(crate) fn places(numbers: impl Iterator<Item = u64>, sky: &Sky) -> Vec<Place> {
    numbers
        .filter_map(|number| {
            let activity = stored(number, sky);
            Some(Place {
                id: activity.id,
                start: activity.facts.t_min?,
                end: activity.facts.t_max?,
                shape: Shape::of(&activity.facts)?,
            })
        })
        .collect()
}

/// Where a dataset of so many rows is kept.
pub(crate) fn folder(rows: u64) -> anyhow::Result<PathBuf> {
    let folder = kept()?.join(format!("{VERSION}-{rows}"));
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Opens the dataset of so many rows in a database of this kind; makes it first when it is not
/// there.
pub(crate) async fn open(kind: Kind, rows: u64, sky: &Sky) -> anyhow::Result<Dataset> {
    let folder = folder(rows)?;
    let whole = folder.join(format!("{}.whole", kind.name()));
    let (url, server) = match kind {
        Kind::Sqlite => (
            sqlite_url(&sqlite_file(&folder, "starboard", whole.exists())?),
            None,
        ),
        Kind::Postgres => {
            let server = Server::start(&folder.join("postgres")).await?;
            let url = match whole.exists() {
                true => server.url("search"),
                false => server.fresh("search").await?,
            };
            (url, Some(server))
        }
    };
    if !whole.exists() {
        let db = Db::connect(&url).await?;
        make(&db, kind, rows, sky).await?;
        db.close().await;
        std::fs::write(&whole, VERSION)?;
    }
    Ok(Dataset { kind, url, server })
}

/// A database file in a folder, removed first unless it is whole.
pub(crate) fn sqlite_file(
    folder: &std::path::Path,
    name: &str,
    whole: bool,
) -> anyhow::Result<PathBuf> {
    let file = folder.join(format!("{name}.db"));
    if !whole {
        for end in ["", "-wal", "-shm"] {
            let part = folder.join(format!("{name}.db{end}"));
            if part.exists() {
                std::fs::remove_file(part)?;
            }
        }
    }
    Ok(file)
}

async fn make(db: &Db, kind: Kind, rows: u64, sky: &Sky) -> anyhow::Result<()> {
    let begun = Instant::now();
    eprintln!("Storing {rows} activities in {}, once …", kind.name());
    schema::migrate(db).await?;
    bulk::begin(db).await?;
    let mut starts = (0..rows).step_by(usize::try_from(BATCH)?);
    // The next batch is composed while one is written.
    let compose = |first: Option<u64>| {
        let sky = sky.clone();
        first.map(|first| {
            tokio::task::spawn_blocking(move || {
                let end = (first + BATCH).min(rows);
                Batch::of((first..end).map(|number| stored(number, &sky)).collect())
            })
        })
    };
    let mut next = compose(starts.next());
    while let Some(batch) = next.take() {
        let batch = batch.await??;
        next = compose(starts.next());
        bulk::write(db, &batch).await?;
    }
    bulk::end(db).await?;
    eprintln!("Stored them in {:.0} s", begun.elapsed().as_secs_f64());
    Ok(())
}
