//! The processes of `scale`: the released binary by its roles.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};
use tokio::time::{Instant, sleep};

use crate::leash::Leashed;
use crate::postgres::free_port;
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
