//! A PostgreSQL server of our own, with the settings it comes with: what is committed is on disk.

use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};

use crate::leash::Leashed;
use crate::programs;

/// Superuser of the server, let in without a password from this machine.
const USER: &str = "starboard";

/// A running server; ends with its value, and with this process.
pub(crate) struct Server {
    port: u16,
    process: Leashed,
}

impl Drop for Server {
    fn drop(&mut self) {
        // In order, so that the data of the next run need no recovery.
        let _ = self.process.stop("INT");
    }
}

impl Server {
    /// Starts the server whose data are in `folder`, which is made when missing.
    pub(crate) async fn start(folder: &Path) -> anyhow::Result<Server> {
        Server::start_in(folder, "").await
    }

    /// Starts a new server in `folder`, which goes away with it.
    pub(crate) async fn scratch(folder: &Path) -> anyhow::Result<Server> {
        Server::start_in(folder, &folder.to_string_lossy()).await
    }

    async fn start_in(folder: &Path, removed: &str) -> anyhow::Result<Server> {
        let bin = programs::postgres_bin()
            .context("no PostgreSQL server here: run `cargo xtask test` once, which installs it")?;
        std::fs::create_dir_all(folder)?;
        let owner = owner(folder)?;
        let (data, log) = (folder.join("data"), folder.join("log"));
        if !data.join("PG_VERSION").exists() {
            let mut initdb = own(owner, Command::new(bin.join("initdb")));
            initdb.arg("-D").arg(&data).current_dir("/");
            initdb.args(["-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]);
            let made = initdb.output().context("running initdb")?;
            if !made.status.success() {
                bail!("initdb: {}", String::from_utf8_lossy(&made.stderr));
            }
        }
        let port = free_port()?;
        let mut postgres = own(owner, Command::new(bin.join("postgres")));
        postgres
            .arg("-D")
            .arg(&data)
            .args(["-p", &port.to_string()])
            .current_dir("/");
        postgres.args([
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "unix_socket_directories=",
        ]);
        let output = std::fs::File::create(&log)?;
        postgres
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output);
        let mut process = Leashed::with_folder(&mut postgres, removed)?;
        let begun = Instant::now();
        loop {
            if let Ok(admin) = connect(port, "postgres").await {
                admin.close().await?;
                return Ok(Server { port, process });
            }
            if let Some(status) = process.ended()? {
                bail!(
                    "postgres: {status}: {}",
                    std::fs::read_to_string(&log).unwrap_or_default()
                );
            }
            if begun.elapsed() > Duration::from_secs(60) {
                bail!("PostgreSQL does not answer, see {}", log.display());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// The address of an empty database of this name.
    pub(crate) async fn fresh(&self, name: &str) -> anyhow::Result<String> {
        let admin = connect(self.port, "postgres").await?;
        admin
            .execute_unprepared(&format!("drop database if exists {name} with (force)"))
            .await?;
        admin
            .execute_unprepared(&format!("create database {name}"))
            .await?;
        admin.close().await?;
        Ok(self.url(name))
    }

    /// The address of a database.
    pub(crate) fn url(&self, database: &str) -> String {
        url(self.port, database)
    }
}

fn url(port: u16, database: &str) -> String {
    format!("postgres://{USER}@127.0.0.1:{port}/{database}?sslmode=disable")
}

async fn connect(port: u16, database: &str) -> Result<DatabaseConnection, sea_orm::DbErr> {
    let mut options = ConnectOptions::new(url(port, database));
    options
        .max_connections(1)
        .sqlx_logging(false)
        .connect_timeout(Duration::from_secs(2));
    Database::connect(options).await
}

/// A port of the loopback address nobody listens on.
pub(crate) fn free_port() -> anyhow::Result<u16> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
    Ok(listener.local_addr()?.port())
}

/// Whom the server runs as: PostgreSQL refuses root, so then `postgres` or `nobody`, who gets the
/// folder.
fn owner(folder: &Path) -> anyhow::Result<Option<(u32, u32)>> {
    if std::fs::metadata("/proc/self")?.uid() != 0 {
        return Ok(None);
    }
    let users = std::fs::read_to_string("/etc/passwd")?;
    let ids = |name: &str| {
        let mut fields = users
            .lines()
            .map(|line| line.split(':'))
            .find_map(|mut fields| (fields.next() == Some(name)).then_some(fields))?;
        Some((fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    let (user, group) = ids("postgres")
        .or_else(|| ids("nobody"))
        .context("no user who is not root")?;
    chown(folder, Some(user), Some(group))?;
    Ok(Some((user, group)))
}

fn own(owner: Option<(u32, u32)>, mut command: Command) -> Command {
    if let Some((user, group)) = owner {
        command.uid(user).gid(group);
    }
    command
}
