//! The processes of `scale`: the released binary by its roles, and a Redis server.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use crate::leash::Leashed;
use crate::postgres::free_port;
use crate::programs;
use crate::start::is_ready;

/// Longest start.
const PATIENCE: Duration = Duration::from_secs(60);

/// A process of the hub.
pub(super) struct Process {
    port: u16,
    process: Leashed,
}

/// Brings a database to this version.
pub(super) fn migrate(starboard: &Path, database_url: &str) -> anyhow::Result<()> {
    let mut command = Command::new(starboard);
    command.arg("migrate").env_clear();
    command
        .env("DATABASE_URL", database_url)
        .env("RUST_LOG", "error");
    let done = command.output().context("running starboard")?;
    let said = String::from_utf8_lossy(&done.stderr);
    ensure!(done.status.success(), "`starboard migrate`: {said}");
    Ok(())
}

impl Process {
    /// Starts one of a role. It harvests nothing.
    pub(super) fn start(
        starboard: &Path,
        role: &str,
        database_url: &str,
        redis_url: &str,
    ) -> anyhow::Result<Process> {
        let port = free_port()?;
        let mut command = Command::new(starboard);
        command.args(["serve", "--role", role]).env_clear();
        command
            .env("DATABASE_URL", database_url)
            .env("REDIS_URL", redis_url)
            .env("SECRET_KEY", "a secret of benches and of nothing else")
            .env("STARBOARD_SOURCES", ",")
            .env("RUST_LOG", "error")
            .env("BIND", "127.0.0.1")
            .env("PORT", port.to_string());
        command.stdout(Stdio::null()).stderr(Stdio::inherit());
        let process = Leashed::spawn(&mut command)?;
        Ok(Process { port, process })
    }

    /// Waits until it is ready.
    pub(super) async fn ready(&self) -> anyhow::Result<()> {
        let begun = Instant::now();
        while !is_ready(self.port) {
            ensure!(begun.elapsed() < PATIENCE, "`starboard serve` is not ready");
            sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Its port.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// The number of its process.
    pub(super) fn id(&self) -> u32 {
        self.process.id()
    }

    /// CPU time of its threads so far, microseconds.
    pub(super) fn cpu(&self) -> anyhow::Result<f64> {
        let mut nanoseconds = 0.0;
        for thread in std::fs::read_dir(format!("/proc/{}/task", self.id()))? {
            // One may end while we look.
            let Ok(text) = std::fs::read_to_string(thread?.path().join("schedstat")) else {
                continue;
            };
            let first = text.split(' ').next().context("schedstat")?;
            nanoseconds += first.parse::<f64>()?;
        }
        Ok(nanoseconds / 1000.0)
    }
}

/// A Redis server that keeps nothing.
pub(super) struct Redis {
    port: u16,
    _process: Leashed,
}

impl Redis {
    /// Starts one.
    pub(super) fn start(folder: &Path) -> anyhow::Result<Redis> {
        let program = programs::redis_server()
            .context("no Redis here: run `cargo xtask test` once, which installs it")?;
        std::fs::create_dir_all(folder)?;
        let port = free_port()?;
        let mut command = Command::new(program);
        command.args(["--port", &port.to_string(), "--bind", "127.0.0.1"]);
        command.args(["--save", "", "--appendonly", "no", "--daemonize", "no"]);
        command
            .current_dir(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut process = Leashed::spawn(&mut command)?;
        let begun = std::time::Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            if let Some(status) = process.ended()? {
                bail!("redis-server: {status}");
            }
            ensure!(begun.elapsed() < PATIENCE, "Redis does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(Redis {
            port,
            _process: process,
        })
    }

    /// Its `REDIS_URL`.
    pub(super) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// How many commands it has got.
    pub(super) async fn commands(&self) -> anyhow::Result<f64> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
        stream.write_all(b"INFO stats\r\nQUIT\r\n").await?;
        let mut text = String::new();
        stream.read_to_string(&mut text).await?;
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("total_commands_processed:"));
        Ok(line.context("Redis told nothing")?.trim().parse()?)
    }
}
