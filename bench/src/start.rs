//! How soon the hub is ready, and what it takes while it does nothing.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use app::areas::activities::{Telling, apply};
use domain::{Clock, Record};

use crate::Options;
use crate::activities::{now, record};
use crate::bed::{self, Bed, sqlite_url};
use crate::leash::Leashed;
use crate::measure::{Figure, Goal};
use crate::postgres::free_port;
use crate::sky::Sky;

/// Activities in the file.
const COUNT: u64 = 20_000;
/// Starts of one run: they are short and vary.
const STARTS: u32 = 5;
/// How long it does nothing before its memory is read.
const IDLE: Duration = Duration::from_secs(10);

/// The released binary on an existing SQLite file.
pub(crate) async fn run(options: &Options) -> anyhow::Result<Vec<Figure>> {
    let starboard = build()?;
    let bed = Bed::new("start")?;
    let file = bed.file("starboard.db");
    fill(&file).await?;
    // Once unmeasured: makes the queue's file and the secret, brings the binary into memory, and
    // lets clock and matcher go through what was stored at once.
    serve(&starboard, &file, IDLE)?;
    let (mut ready, mut opening) = (Vec::new(), Vec::new());
    let (mut memory, mut program) = (Vec::new(), Vec::new());
    for turn in 0..STARTS.max(options.repeats) {
        opening.push(open_only(&starboard, &file)?);
        let idle = if turn < options.repeats {
            IDLE
        } else {
            Duration::ZERO
        };
        let (millis, [all, of_files]) = serve(&starboard, &file, idle)?;
        ready.push(millis);
        if turn < options.repeats {
            memory.push(all);
            program.push(of_files);
        }
    }
    Ok(vec![
        Figure::new("start: process to first 200 of /readyz", "ms", ready)
            .goal(Goal::Below(100.0))
            .floor(
                "`starboard migrate --status`: opens the same files, asks for their schema, ends",
                opening,
            ),
        Figure::new("start: resident memory after 10 s idle", "MiB", memory)
            .of("M2")
            .goal(Goal::Below(60.0))
            .reach(Goal::Below(30.0)),
        Figure::new("start: of it, pages of the program's file", "MiB", program),
    ])
}

/// Builds the binary as it is deployed, and answers where it is.
pub(crate) fn build() -> anyhow::Result<PathBuf> {
    let program = std::env::current_exe()?;
    let folder = program.parent().context("a folder")?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args([
        "build",
        "--release",
        "--package",
        "app",
        "--bin",
        "starboard",
    ]);
    command
        .arg("--target-dir")
        .arg(folder.parent().context("a target folder")?);
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    let status = command.status().context("running cargo")?;
    ensure!(status.success(), "`starboard` was not built");
    Ok(folder.join("starboard"))
}

async fn fill(file: &Path) -> anyhow::Result<()> {
    let sky = Sky::new();
    let hub = bed::hub(&sqlite_url(file), Clock::fixed(now())).await?;
    let records: Vec<Record> = (0..COUNT).map(|number| record(number, &sky)).collect();
    let telling = Telling {
        source: "bench",
        backfill: true,
        demo: false,
        lease: None,
    };
    apply(&hub, telling, &records.iter().collect::<Vec<_>>()).await?;
    bed::close(hub).await;
    Ok(())
}

/// The binary with a clean environment: no upstream is asked, nothing is written but errors.
fn command(starboard: &Path, file: &Path) -> anyhow::Result<Command> {
    let mut command = Command::new(starboard);
    command
        .current_dir(file.parent().context("a folder")?)
        .env_clear();
    command
        .env("DATABASE_URL", sqlite_url(file))
        .env("STARBOARD_SOURCES", ",")
        .env("RUST_LOG", "error");
    command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .stdin(Stdio::null());
    Ok(command)
}

/// Milliseconds of opening the files.
fn open_only(starboard: &Path, file: &Path) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let status = command(starboard, file)?
        .args(["migrate", "--status"])
        .status()?;
    ensure!(status.success(), "`starboard migrate --status`: {status}");
    Ok(begun.elapsed().as_secs_f64() * 1000.0)
}

/// Starts, waits until ready, then idles. Milliseconds until ready, and at the end resident MiB, and
/// how much of that is files.
fn serve(starboard: &Path, file: &Path, idle: Duration) -> anyhow::Result<(f64, [f64; 2])> {
    let port = free_port()?;
    let mut command = command(starboard, file)?;
    command
        .arg("serve")
        .env("PORT", port.to_string())
        .env("BIND", "127.0.0.1");
    let begun = Instant::now();
    let mut process = Leashed::spawn(&mut command)?;
    while !is_ready(port) {
        if let Some(status) = process.ended()? {
            bail!("`starboard serve`: {status}");
        }
        ensure!(
            begun.elapsed() < Duration::from_secs(30),
            "`starboard serve` is not ready"
        );
        std::thread::sleep(Duration::from_millis(1));
    }
    let took = begun.elapsed().as_secs_f64() * 1000.0;
    std::thread::sleep(idle);
    let memory = [resident(process.id())?, told(process.id(), "RssFile:")?];
    process.stop("TERM")?;
    Ok((took, memory))
}

/// Whether `/readyz` on this port answers 200.
pub(crate) fn is_ready(port: u16) -> bool {
    let ask = || -> std::io::Result<bool> {
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream
            .write_all(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
        let mut head = [0; 12];
        stream.read_exact(&mut head)?;
        Ok(head == *b"HTTP/1.1 200")
    };
    ask().unwrap_or(false)
}

/// Resident memory of a process, MiB.
pub(crate) fn resident(process: u32) -> anyhow::Result<f64> {
    told(process, "VmRSS:")
}

/// What the kernel tells of a process's memory under a name, MiB.
fn told(process: u32, name: &'static str) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let mut lines = status.lines();
    let rest = lines
        .find_map(|line| line.strip_prefix(name))
        .context(name)?;
    let kibibytes: f64 = rest.split_whitespace().next().context(name)?.parse()?;
    Ok(kibibytes / 1024.0)
}
