//! How many who ask for the newest activities one core answers.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use app::server;
use domain::Clock;
use tokio::net::TcpListener;

use crate::Options;
use crate::activities::now;
use crate::bed::{self, Kind, kept};
use crate::dataset;
use crate::http::{self, Line};
use crate::leash::Leashed;
use crate::measure::{Figure, Goal};
use crate::postgres::free_port;
use crate::rivals;
use crate::sky::Sky;

/// Connections that are kept and ask on.
const CONNECTIONS: usize = 8;
/// For how long.
const LASTING: Duration = Duration::from_secs(4);
/// The core of the server, and of who asks.
const CORES: [&str; 2] = ["0", "1"];
/// Packages of the peers.
const PACKAGES: [&str; 8] = [
    "fastapi",
    "uvicorn[standard]",
    "asyncpg",
    "orjson",
    "django",
    "djangorestframework",
    "gunicorn",
    "psycopg[binary]",
];

/// The serving side.
#[derive(Debug, clap::Parser)]
pub(crate) struct Serve {
    /// The database
    #[arg(long)]
    url: String,
    /// The port
    #[arg(long)]
    port: u16,
}

impl Serve {
    /// Serves until it is ended.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let hub = bed::hub(&self.url, Clock::fixed(now())).await?;
        server::serve(TcpListener::bind(("127.0.0.1", self.port)).await?, hub).await;
        Ok(())
    }
}

/// The asking side, for a core of its own.
#[derive(Debug, clap::Parser)]
pub(crate) struct Ask {
    /// Whom
    #[arg(long)]
    port: u16,
    /// For what
    #[arg(long)]
    path: String,
}

impl Ask {
    /// Asks on, and prints answers a second and bytes of an answer.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let requests = vec![http::get(&self.path)];
        let load = http::load(self.port, requests, CONNECTIONS, LASTING).await?;
        println!("{} {}", load.rate, load.bytes);
        Ok(())
    }
}

/// Who answers.
struct Server {
    name: String,
    path: &'static str,
    command: Command,
    folder: PathBuf,
}

/// Answers a second, and bytes of one.
struct Rates {
    all: Vec<f64>,
    bytes: usize,
}

/// The newest 50 by HTTP, server and asker on a core each.
pub(crate) async fn run(options: &Options) -> anyhow::Result<Vec<Figure>> {
    let (sky, rows) = (Sky::new(), options.rows);
    let mut sets = Vec::new();
    for kind in Kind::BOTH {
        sets.push(dataset::open(kind, rows, &sky).await?);
    }
    let mut peers = None;
    if options.peers {
        let set = sets.iter().find(|set| set.server.is_some());
        let set = set.context("PostgreSQL")?;
        rivals::postgres(set, rows, &sky).await?.close().await;
        let url = set.server.as_ref().context("a server")?.url("peers");
        peers = Some((venv()?, url));
    }
    let folder = kept()?;
    let mut all: Vec<(Server, Rates)> = Vec::new();
    let program = std::env::current_exe()?;
    for set in &sets {
        let mut command = pinned(CORES[0], &program);
        command.args(["serve", "--url", &set.url]);
        all.push(answered(
            set.kind.name().to_owned(),
            "/api/activities",
            command,
            &folder,
        ));
    }
    if let Some((venv, url)) = &peers {
        let apps = folder.join("list-peers");
        write_apps(&apps)?;
        let mut command = pinned(CORES[0], &venv.join("bin/python"));
        command.args(["-m", "uvicorn", "fast:app", "--log-level", "error"]);
        command.env("PEERS_URL", url);
        all.push(answered(
            "FastAPI".to_owned(),
            "/api/activities",
            command,
            &apps,
        ));
        for (name, path) in [
            ("DRF, cursor", "/api/cursor/"),
            ("DRF, counting", "/api/number/"),
        ] {
            let mut command = pinned(CORES[0], &venv.join("bin/python"));
            command.args(["-m", "gunicorn", "drf:application", "--keep-alive", "60"]);
            command.args([
                "--workers",
                "1",
                "--worker-class",
                "gthread",
                "--threads",
                "8",
            ]);
            command.args(["--log-level", "error"]).env("PEERS_URL", url);
            all.push(answered(name.to_owned(), path, command, &apps));
        }
    }
    for _ in 0..options.repeats {
        for (server, rates) in &mut all {
            let (rate, bytes) = measure(server).await?;
            eprintln!("{}: {rate:.0}/s, {bytes} bytes", server.name);
            rates.all.push(rate);
            rates.bytes = bytes;
        }
    }
    Ok(figures(&all, sets.len()))
}

fn answered(name: String, path: &'static str, command: Command, folder: &Path) -> (Server, Rates) {
    let server = Server {
        name,
        path,
        command,
        folder: folder.to_owned(),
    };
    let rates = Rates {
        all: Vec::new(),
        bytes: 0,
    };
    (server, rates)
}

fn figures(all: &[(Server, Rates)], ours: usize) -> Vec<Figure> {
    let (ours, peers) = all.split_at(ours);
    let mut figures = Vec::new();
    for (server, rates) in ours {
        let what = format!("list: newest 50, one core, {}", server.name);
        let figure = Figure::new(what.clone(), "answers/s", rates.all.clone());
        figures.push(figure.of("L1").aside(format!("{} bytes each", rates.bytes)));
        for (peer, theirs) in peers {
            let times = rates.all.iter().zip(&theirs.all).map(|(a, b)| a / b);
            let figure = Figure::new(
                format!("{what}, over {}'s", peer.name),
                "times",
                times.collect(),
            );
            figures.push(
                match peer.name.as_str() {
                    "FastAPI" => figure.goal(Goal::AtLeast(3.0)).reach(Goal::AtLeast(10.0)),
                    "DRF, cursor" => figure.goal(Goal::AtLeast(30.0)),
                    _ => figure.goal(Goal::AtLeast(400.0)),
                }
                .of("L1"),
            );
        }
    }
    for (peer, theirs) in peers {
        let what = format!("list: newest 50, one core, {}", peer.name);
        let figure = Figure::new(what, "answers/s", theirs.all.clone());
        figures.push(figure.aside(format!("{} bytes each", theirs.bytes)));
    }
    figures
}

/// Starts the server, lets it be asked from the other core, and ends it.
async fn measure(server: &mut Server) -> anyhow::Result<(f64, usize)> {
    let port = free_port()?;
    let mut command = Command::new(server.command.get_program());
    command.args(server.command.get_args());
    for (name, value) in server.command.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    let serves = command.get_args().any(|arg| arg == "serve");
    let gunicorn = command.get_args().any(|arg| arg == "gunicorn");
    match (serves, gunicorn) {
        (_, true) => command.args(["--bind", &format!("127.0.0.1:{port}")]),
        _ => command.args(["--port", &port.to_string()]),
    };
    command.current_dir(&server.folder).stdin(Stdio::null());
    let mut process = Leashed::with_folder(&mut command, "")?;
    let request = http::get(server.path);
    let begun = Instant::now();
    loop {
        if let Ok(mut line) = Line::to(port).await
            && line.ask(&request).await.is_ok()
        {
            break;
        }
        if let Some(status) = process.ended()? {
            bail!("{}: {status}", server.name);
        }
        if begun.elapsed() > Duration::from_secs(60) {
            bail!("{} does not answer", server.name);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut asking = pinned(CORES[1], &std::env::current_exe()?);
    asking.args(["ask", "--path", server.path, "--port", &port.to_string()]);
    let output = tokio::task::spawn_blocking(move || asking.output()).await??;
    let _ = process.stop("TERM");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let read = || {
        let (rate, bytes) = text.trim().split_once(' ')?;
        Some((rate.parse().ok()?, bytes.parse().ok()?))
    };
    read().with_context(|| {
        format!(
            "asking {}: {}",
            server.name,
            String::from_utf8_lossy(&output.stderr)
        )
    })
}

/// A program on one core, where there is `taskset`.
fn pinned(core: &str, program: &Path) -> Command {
    let there = Command::new("taskset").arg("-V").output().is_ok();
    if !there {
        return Command::new(program);
    }
    let mut command = Command::new("taskset");
    command.args(["-c", core]).arg(program);
    command
}

/// The Python of the peers, made once.
fn venv() -> anyhow::Result<PathBuf> {
    let venv = kept()?.join("list-venv");
    let whole = venv.join("whole");
    if whole.exists() {
        return Ok(venv);
    }
    let mut make = Command::new("python3");
    make.args(["-m", "venv"]).arg(&venv);
    let mut install = Command::new(venv.join("bin/pip"));
    install.args(["install", "--quiet"]).args(PACKAGES);
    for command in [&mut make, &mut install] {
        let status = command.status().context("python3 with venv and pip")?;
        anyhow::ensure!(status.success(), "{command:?}: {status}");
    }
    std::fs::write(whole, "")?;
    Ok(venv)
}

fn write_apps(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("fast.py"), include_str!("../peers/fast.py"))?;
    std::fs::write(folder.join("drf.py"), include_str!("../peers/drf.py"))?;
    Ok(())
}
