//! A Redis server of our own, which keeps nothing.

use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use crate::leash::Leashed;
use crate::postgres::free_port;
use crate::programs;

/// A running server; ends with its value, and with this process.
pub(crate) struct Redis {
    port: u16,
    process: Leashed,
}

impl Redis {
    /// Starts one.
    pub(crate) fn start() -> anyhow::Result<Redis> {
        let program = programs::redis_server()
            .context("no Redis server here: run `cargo xtask test` once, which installs it")?;
        let port = free_port()?;
        let mut command = Command::new(program);
        command.args(["--port", &port.to_string(), "--bind", "127.0.0.1"]);
        command.args(["--save", "", "--appendonly", "no", "--daemonize", "no"]);
        command
            .current_dir(std::env::temp_dir())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let process = Leashed::spawn(&mut command)?;
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            ensure!(
                begun.elapsed() < Duration::from_secs(20),
                "Redis does not answer"
            );
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(Redis { port, process })
    }

    /// Its port.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Its `REDIS_URL`.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }
}
