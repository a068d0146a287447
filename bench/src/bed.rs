//! Where a measurement happens: scratch folders, databases, hubs.

use std::path::{Path, PathBuf};

use anyhow::Context;
use app::areas::activities::feed;
use app::config::Config;
use app::db::Db;
use app::hub::Hub;
use app::schema;
use app::start::{Ready, Role, assemble};
use domain::Clock;
use tasks::Queue;

use crate::postgres::Server;

/// `SECRET_KEY` of all hubs here.
pub(crate) const SECRET: &str = "a secret of benches and of nothing else";

/// A database under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

impl Kind {
    /// Both.
    pub(crate) const BOTH: [Kind; 2] = [Kind::Sqlite, Kind::Postgres];

    /// For tables.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Sqlite => "SQLite",
            Kind::Postgres => "PostgreSQL",
        }
    }
}

/// The folder of all benches, under the target folder: kept between runs.
pub(crate) fn kept() -> anyhow::Result<PathBuf> {
    let program = std::env::current_exe()?;
    let target = program
        .parent()
        .and_then(Path::parent)
        .context("the program is not in a target folder")?;
    let folder = target.join("bench");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// A folder of one run, removed with its value, and the servers in it.
pub(crate) struct Bed {
    folder: PathBuf,
    postgres: Option<Server>,
    count: u32,
}

impl Bed {
    /// An empty one.
    pub(crate) fn new(name: &str) -> anyhow::Result<Bed> {
        let folder = kept()?.join(format!("{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        Ok(Bed {
            folder,
            postgres: None,
            count: 0,
        })
    }

    /// A name in its folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The process of its PostgreSQL, once one was wanted.
    pub(crate) fn postgres_id(&self) -> Option<u32> {
        self.postgres.as_ref().map(Server::id)
    }

    /// The address of a new, empty database.
    pub(crate) async fn fresh(&mut self, kind: Kind) -> anyhow::Result<String> {
        self.count += 1;
        if kind == Kind::Sqlite {
            return Ok(sqlite_url(&self.file(&format!("{}.db", self.count))));
        }
        let server = match self.postgres.take() {
            Some(server) => server,
            None => Server::scratch(&self.file("postgres")).await?,
        };
        let url = server.fresh(&format!("bench_{}", self.count)).await;
        self.postgres = Some(server);
        url
    }
}

impl Drop for Bed {
    fn drop(&mut self) {
        self.postgres = None;
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// `DATABASE_URL` of a file.
pub(crate) fn sqlite_url(file: &Path) -> String {
    format!("sqlite://{}", file.display())
}

/// A hub on a database, with this version's tables and a running feed, as a serving process has it;
/// its clock and its jobs do not run.
pub(crate) async fn hub(url: &str, clock: Clock) -> anyhow::Result<Hub> {
    hub_with(url, clock, &[]).await
}

/// The same with more settings.
pub(crate) async fn hub_with(
    url: &str,
    clock: Clock,
    settings: &[(&str, &str)],
) -> anyhow::Result<Hub> {
    let config = Config::read(|name| match name {
        "DATABASE_URL" => Some(url.to_owned()),
        "SECRET_KEY" => Some(SECRET.to_owned()),
        name => settings
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| (*value).to_owned()),
    })?;
    let db = Db::connect(url).await?;
    schema::migrate(&db).await?;
    let queue = Queue::temporary().await?;
    let Ready { hub, feed, .. } = assemble(config, Role::All, clock, db, queue).await?;
    tokio::spawn(feed::run(hub.clone(), feed));
    hub.feed.reached(0).await;
    Ok(hub)
}

/// Ends a hub.
pub(crate) async fn close(hub: Hub) {
    hub.shutdown.cancel();
    hub.db.clone().close().await;
}
