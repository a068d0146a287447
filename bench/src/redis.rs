//! A Redis server of our own, which keeps nothing.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

use crate::leash::Leashed;
use crate::postgres::free_port;
use crate::programs;

/// Longest start.
const PATIENCE: Duration = Duration::from_secs(60);

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
        let mut process = Leashed::spawn(&mut command)?;
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if let Some(status) = process.ended()? {
                bail!("redis-server: {status}");
            }
            ensure!(begun.elapsed() < PATIENCE, "Redis does not answer");
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
    /// How many commands it has got.
    pub(crate) fn commands(&self) -> anyhow::Result<f64> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.write_all(b"INFO stats\r\nQUIT\r\n")?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("total_commands_processed:"));
        Ok(line.context("Redis told nothing")?.trim().parse()?)
    }
}
