//! Where servers of a live feed are measured in turn: one at a time on the first core; the
//! generator, PostgreSQL, Redis and whoever publishes on the second.

use std::fs::File;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use sea_orm::{ConnectionTrait, Database};

use crate::Options;
use crate::ask::{Ask, Server};
use crate::bed::{Bed, Kind, SECRET};
use crate::leash::Leashed;
use crate::load::plan::{Plan, Publish, Report};
use crate::peers::{Peer, Peers};
use crate::postgres::free_port;
use crate::redis::Redis;

/// Bytes of a message where no hub makes it: about those of an envelope.
const MESSAGE: usize = 1_300;
/// What an envelope has around what is added to it, bytes.
const ENVELOPE: usize = 1_400;
/// Longest one run may take.
const LONGEST: Duration = Duration::from_secs(240);
/// Raises the limit of open files to what is allowed, and becomes the program.
const EXEC: &str = r#"ulimit -n "$(ulimit -Hn)"; exec "$@""#;

/// The place.
pub(crate) struct Arena {
    bench: &'static str,
    redis: Redis,
    starboard: PathBuf,
    bed: Bed,
    peers: Peers,
}

impl Arena {
    /// Builds what is measured and starts what it stands on.
    pub(crate) async fn new(bench: &'static str, options: &Options) -> anyhow::Result<Arena> {
        ensure!(
            std::path::Path::new("/proc/self/schedstat").exists(),
            "the benches of the live feed ask Linux what a server costs"
        );
        let starboard = match std::env::var_os("STARBOARD_BIN") {
            Some(named) if !named.is_empty() => named.into(),
            _ => crate::start::build()?,
        };
        let peers = match options.peers {
            true => Peers::prepare()?,
            false => Peers::none(),
        };
        let mut bed = Bed::new(bench)?;
        // The server starts with the first database.
        bed.fresh(Kind::Postgres).await?;
        let redis = Redis::start()?;
        let arena = Arena {
            bench,
            redis,
            starboard,
            bed,
            peers,
        };
        for process in arena.carriers() {
            pin(process)?;
        }
        Ok(arena)
    }

    /// Whether a server is here.
    pub(crate) fn has(&self, server: Server) -> bool {
        match server {
            Server::Peer(peer) => self.peers.present.contains(&peer),
            _ => true,
        }
    }

    /// Starts a server, does what is asked, ends it.
    pub(crate) async fn measure(&mut self, server: Server, ask: &Ask) -> anyhow::Result<Report> {
        let told = format!(
            "  {}: {} clients, {}",
            self.bench,
            ask.clients + ask.deaf,
            server.name()
        );
        let begun = Instant::now();
        let report = self
            .try_to(server, ask)
            .await
            .with_context(|| told.clone())?;
        let seconds = begun.elapsed().as_secs_f64();
        eprintln!("{told} ({seconds:.0} s){}", report.told());
        Ok(report)
    }

    async fn try_to(&mut self, server: Server, ask: &Ask) -> anyhow::Result<Report> {
        let database = match server {
            Server::Peer(_) => None,
            _ => Some(self.database().await?),
        };
        let (port, process) = match self.start(server, database.as_deref()).await {
            Ok(started) => started,
            // Somebody took the port in between, most likely.
            Err(_) => self.start(server, database.as_deref()).await?,
        };
        let plan = Plan {
            port,
            path: path(server, ask.filtered),
            clients: ask.clients,
            deaf: ask.deaf,
            pace: match server {
                _ if ask.at_once => 0,
                // Its line of those who wait is 50 long.
                Server::Peer(Peer::Daphne) => 32,
                _ => 256,
            },
            storms: ask.storms,
            returns: ask.returns,
            hold: ask.hold,
            publish: match ask.phases.is_empty() {
                true => Publish::Nothing,
                false => self.publish(server, port, database.as_deref(), ask)?,
            },
            size: ask.size.unwrap_or(MESSAGE),
            classes: if ask.filtered { 10 } else { 1 },
            phases: ask.phases.clone(),
            server: process.id(),
            carriers: self.carriers(),
        };
        let text = serde_json::to_string(&plan)?;
        let generator = pinned(1, &std::env::current_exe()?, &["load", &text]);
        let report = generate(generator).await;
        // What never ends in order has nothing to lose here.
        drop(process);
        report
    }

    /// A running server and its port.
    async fn start(
        &self,
        server: Server,
        database: Option<&str>,
    ) -> anyhow::Result<(u16, Leashed)> {
        let (port, log) = (free_port()?, self.bed.file("server.log"));
        let mut command = self.command(server, port, database)?;
        command.stdout(Stdio::null()).stderr(File::create(&log)?);
        let mut process = Leashed::spawn(&mut command)?;
        let begun = Instant::now();
        let ready = || match server {
            Server::Ours => crate::start::is_ready(port),
            _ => TcpStream::connect(("127.0.0.1", port)).is_ok(),
        };
        while !ready() {
            if let Some(status) = process.ended()? {
                let said = std::fs::read_to_string(&log).unwrap_or_default();
                bail!("it ended: {status}: {}", said.trim());
            }
            ensure!(begun.elapsed() < Duration::from_secs(30), "it is not ready");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok((port, process))
    }

    /// A database with the hub's tables, which does not wait for the disk.
    async fn database(&mut self) -> anyhow::Result<String> {
        let url = self.bed.fresh(Kind::Postgres).await?;
        let migrated = Command::new(&self.starboard)
            .arg("migrate")
            .env_clear()
            .env("DATABASE_URL", &url)
            .output()?;
        ensure!(
            migrated.status.success(),
            "`starboard migrate`: {}",
            String::from_utf8_lossy(&migrated.stderr)
        );
        let name = url.rsplit('/').next().unwrap_or_default();
        let name = name.split('?').next().unwrap_or_default();
        let db = Database::connect(&url).await?;
        db.execute_unprepared(&format!(
            "alter database {name} set synchronous_commit = off"
        ))
        .await?;
        db.close().await?;
        Ok(url)
    }

    fn command(
        &self,
        server: Server,
        port: u16,
        database: Option<&str>,
    ) -> anyhow::Result<Command> {
        let (own, port_text) = (std::env::current_exe()?, port.to_string());
        let redis = self.redis.port().to_string();
        let floor = |together: &str| {
            let arguments = ["floor", "--channel", "feed", "--together", together];
            let mut command = pinned(0, &own, &arguments);
            command.args(["--port", &port_text, "--redis", &redis]);
            command
        };
        Ok(match server {
            Server::Floor => floor("1"),
            Server::Together => floor("16"),
            Server::Ours => {
                let mut command = pinned(0, &self.starboard, &["serve"]);
                command
                    .env_clear()
                    .env("PATH", std::env::var_os("PATH").unwrap_or_default())
                    .env("PORT", &port_text)
                    .env("BIND", "127.0.0.1")
                    .env("DATABASE_URL", database.context("a database")?)
                    .env("REDIS_URL", self.redis.url())
                    .env("SECRET_KEY", SECRET)
                    .env("STARBOARD_SOURCES", ",")
                    .env("RUST_LOG", "error");
                command
            }
            Server::Peer(peer) => {
                let inner = self.peers.command(peer, port, self.redis.port())?;
                let mut command = pinned(0, inner.get_program(), &[]);
                command.args(inner.get_args());
                for (name, value) in inner.get_envs() {
                    command.env(name, value.unwrap_or_default());
                }
                if let Some(folder) = inner.get_current_dir() {
                    command.current_dir(folder);
                }
                command
            }
        })
    }

    fn publish(
        &self,
        server: Server,
        port: u16,
        database: Option<&str>,
        ask: &Ask,
    ) -> anyhow::Result<Publish> {
        let redis = self.redis.port();
        let size = ask.size.unwrap_or(MESSAGE);
        let publisher = |more: &[&str]| -> anyhow::Result<Publish> {
            let own = std::env::current_exe()?.to_string_lossy().into_owned();
            let mut command = vec![own, "publish".to_owned()];
            let database = database.context("a database")?;
            let redis = redis.to_string();
            let added = ask.size.map_or(0, |size| size.saturating_sub(ENVELOPE));
            let added = added.to_string();
            let settings = ["--database", database, "--redis", &redis, "--more", &added];
            command.extend(settings.iter().chain(more).map(|&text| text.to_owned()));
            Ok(Publish::Marks { command })
        };
        Ok(match server {
            Server::Ours => publisher(&[])?,
            Server::Floor | Server::Together => publisher(&["--plain", &size.to_string()])?,
            Server::Peer(Peer::Nchan) => Publish::Http {
                port,
                path: "/publish".to_owned(),
            },
            Server::Peer(Peer::Node | Peer::FastApi) => Publish::Redis {
                port: redis,
                channel: "feed".to_owned(),
            },
            Server::Peer(Peer::Daphne) => Publish::Lines {
                command: self.peers.publisher(redis),
            },
        })
    }

    /// Who carries messages without being measured.
    fn carriers(&self) -> Vec<u32> {
        let postgres = self.bed.postgres_id();
        postgres.into_iter().chain([self.redis.id()]).collect()
    }
}

fn path(server: Server, filtered: bool) -> String {
    match (server, filtered) {
        // Two programmes, one of which nobody else asks for: no two filters are alike.
        (Server::Ours, true) => "/api/activities/live?proposal=class{class}&proposal=own{n}",
        (Server::Ours, false) => "/api/activities/live",
        (Server::Floor | Server::Together, _) => "/",
        (Server::Peer(_), _) => "/feed",
    }
    .to_owned()
}

/// Runs the generator to its end.
async fn generate(mut command: Command) -> anyhow::Result<Report> {
    command.stdin(Stdio::null()).stderr(Stdio::inherit());
    let mut command = tokio::process::Command::from(command);
    let output = tokio::time::timeout(LONGEST, command.kill_on_drop(true).output());
    let output = output.await.context("the generator takes too long")??;
    ensure!(output.status.success(), "the generator: {}", output.status);
    serde_json::from_slice(&output.stdout).context("reading the generator's report")
}

/// A program on one core, if there are several.
fn pinned(core: usize, program: impl AsRef<std::ffi::OsStr>, arguments: &[&str]) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", EXEC, "sh"]);
    if several() {
        command.args(["taskset", "-c", &core.to_string()]);
    }
    command.arg(program.as_ref()).args(arguments);
    command
}

/// Moves a running program and what it starts from now on to the second core.
fn pin(process: u32) -> anyhow::Result<()> {
    if !several() {
        return Ok(());
    }
    for process in crate::load::proc::family(process) {
        let mut command = Command::new("taskset");
        command.args(["-a", "-c", "-p", "1", &process.to_string()]);
        let status = command.stdout(Stdio::null()).status();
        ensure!(
            status.context("starting taskset")?.success(),
            "taskset failed"
        );
    }
    Ok(())
}

fn several() -> bool {
    std::thread::available_parallelism().map_or(1, usize::from) > 1
}
