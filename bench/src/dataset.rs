//! A million stored activities, kept between runs: made once, in a minute or two.

use std::path::PathBuf;
use std::time::Instant;

use app::areas::activities::bulk;
use app::db::{Db, sql};
use app::schema;
use chrono::{DateTime, Utc};
use domain::Shape;
use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use crate::activities::stored;
use crate::bed::{Kind, kept, sqlite_url};
use crate::postgres::Server;
use crate::sky::Sky;

/// Activities stored.
pub(crate) const COUNT: u64 = 1_000_000;
/// Rows of a transaction.
const BATCH: u64 = 1_000;
/// Names the kept folder: changes with the schema and with the activities.
const VERSION: &str = "search-2";

/// A database with all of them, and beside it a table as one would search places with at first.
pub(crate) struct Dataset {
    /// Which database.
    pub(crate) kind: Kind,
    /// It.
    pub(crate) db: Db,
    _server: Option<Server>,
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

/// Where and when all of them are.
pub(crate) fn places(sky: &Sky) -> Vec<Place> {
    (0..COUNT)
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

/// Opens the dataset in a database of this kind; makes it first when it is not there.
pub(crate) async fn open(kind: Kind, sky: &Sky) -> anyhow::Result<Dataset> {
    let folder = kept()?.join(VERSION);
    std::fs::create_dir_all(&folder)?;
    let whole = folder.join(format!("{}.whole", kind.name()));
    let (url, server) = match kind {
        Kind::Sqlite => (sqlite_url(&sqlite_file(&folder, whole.exists())?), None),
        Kind::Postgres => {
            let server = Server::start(&folder.join("postgres")).await?;
            let url = match whole.exists() {
                true => server.url("search"),
                false => server.fresh("search").await?,
            };
            (url, Some(server))
        }
    };
    let db = Db::connect(&url).await?;
    if !whole.exists() {
        make(&db, kind, sky).await?;
        std::fs::write(&whole, VERSION)?;
    }
    Ok(Dataset {
        kind,
        db,
        _server: server,
    })
}

fn sqlite_file(folder: &std::path::Path, whole: bool) -> anyhow::Result<PathBuf> {
    let file = folder.join("starboard.db");
    if !whole {
        for end in ["", "-wal", "-shm"] {
            let part = folder.join(format!("starboard.db{end}"));
            if part.exists() {
                std::fs::remove_file(part)?;
            }
        }
    }
    Ok(file)
}

async fn make(db: &Db, kind: Kind, sky: &Sky) -> anyhow::Result<()> {
    let begun = Instant::now();
    eprintln!("Storing {COUNT} activities in {}, once …", kind.name());
    schema::migrate(db).await?;
    let (id, time) = match kind {
        Kind::Sqlite => ("blob", "text"),
        Kind::Postgres => ("uuid", "timestamptz"),
    };
    let strip = format!(
        "create table bench_strip (id {id} not null, ra double precision not null, \
         dec double precision not null, t_min {time} not null, t_max {time} not null)"
    );
    db.read().execute_unprepared(&strip).await?;
    for first in (0..COUNT).step_by(usize::try_from(BATCH)?) {
        let activities: Vec<_> = (first..first + BATCH)
            .map(|number| stored(number, sky))
            .collect();
        write_strip(db, &activities).await?;
        bulk::write(db, activities).await?;
    }
    db.read()
        .execute_unprepared("create index bench_by_dec on bench_strip (dec, ra)")
        .await?;
    let tidy = match kind {
        Kind::Sqlite => "analyze",
        Kind::Postgres => "vacuum analyze",
    };
    db.read().execute_unprepared(tidy).await?;
    eprintln!("Stored them in {:.0} s", begun.elapsed().as_secs_f64());
    Ok(())
}

async fn write_strip(db: &Db, activities: &[domain::Activity]) -> anyhow::Result<()> {
    let mut values: Vec<Value> = Vec::with_capacity(activities.len() * 5);
    for activity in activities {
        let facts = &activity.facts;
        values.extend([
            activity.id.into(),
            facts.s_ra.into(),
            facts.s_dec.into(),
            facts.t_min.into(),
            facts.t_max.into(),
        ]);
    }
    let text = format!(
        "insert into bench_strip (id, ra, dec, t_min, t_max) values {}",
        app::db::placeholders(activities.len(), 5, 1)
    );
    let write = db.begin().await?;
    write
        .tx()
        .execute_raw(sql(write.tx(), text, values))
        .await?;
    write.commit().await?;
    Ok(())
}
