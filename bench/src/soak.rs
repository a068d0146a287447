//! The same hub for an hour: thousands of clients, some slow, some coming and going, twenty events
//! a second and the demo's jobs. Does anything grow, is anything lost?

mod crowd;
mod report;
mod stage;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use app::areas::activities::event_log;
use clap::Args;
use tokio::task::JoinHandle;

use self::crowd::process::Sample;
use self::crowd::{Crowd, Latencies, Ledger};
use self::report::Report;
use self::stage::Stage;
use crate::start::build;

/// Between two looks at the server.
const LOOK: Duration = Duration::from_secs(5);
/// Longest everybody may take to come, and at the end to get what is left.
const PATIENCE: Duration = Duration::from_secs(300);
/// Lines of the log that are read at once.
const PAGE: u64 = 5_000;
/// Below this the quarters of a run are too short to tell a leak from settling.
pub(crate) const MEMORY_TELLS: u64 = 5;

/// Runs the released binary under load for a while, and tells whether it holds
#[derive(Clone, Debug, Args)]
pub(crate) struct Soak {
    /// How long
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub(crate) minutes: u64,
    /// Clients of the live feed
    #[arg(long, default_value_t = 5_000, value_parser = clap::value_parser!(u32).range(1..=15_000))]
    pub(crate) clients: u32,
    /// Events a second, besides the demo's
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) rate: u32,
    /// Machine output
    #[arg(long)]
    pub(crate) json: bool,
    /// This binary instead of a new release build
    #[arg(long)]
    binary: Option<PathBuf>,
}

/// What a run is, while it runs.
struct Run {
    stage: Stage,
    crowd: Crowd,
    written: Arc<AtomicU64>,
    writer: JoinHandle<anyhow::Result<()>>,
    begun: Instant,
    samples: Vec<Sample>,
    connections: Vec<i64>,
    latencies: Latencies,
}

impl Soak {
    /// Soaks, and answers whether every goal was met.
    pub(crate) async fn run(self) -> anyhow::Result<bool> {
        let before = crate::measure::load();
        // Ours and, what we start having the same, the server's.
        let files = app::limits::most_files();
        let needed = u64::from(self.clients) + 500;
        ensure!(
            files.is_none_or(|files| files >= needed),
            "{} clients take {needed} open files, and the system allows {}",
            self.clients,
            files.unwrap_or_default()
        );
        let binary = match &self.binary {
            Some(binary) => binary.canonicalize().context("finding the binary")?,
            None => build()?,
        };
        eprintln!("Starting PostgreSQL, Redis and `starboard demo` …");
        let stage = Stage::set(&binary).await?;
        let clients = usize::try_from(self.clients)?;
        let mut crowd = Crowd::start(stage.port, clients)?;
        eprintln!("Letting {clients} clients in …");
        until("everybody to come", || crowd.here() == clients).await?;

        let written = Arc::new(AtomicU64::new(0));
        let hub = stage.hub.clone();
        let writer = tokio::spawn(stage::write(hub, self.rate, Arc::clone(&written)));
        crowd.latencies();
        let mut run = Run {
            stage,
            crowd,
            written,
            writer,
            begun: Instant::now(),
            samples: Vec::new(),
            connections: Vec::new(),
            latencies: Latencies::default(),
        };
        run.go_on(self.minutes).await?;
        let took = run.begun.elapsed().as_secs_f64();
        run.writer.abort();
        eprintln!("Waiting until everybody has everything …");
        run.crowd.hurry();
        let end = run.stage.end().await?;
        // Whoever is not there by then is told below.
        let _ = until("everybody to get everything", || run.crowd.slowest() >= end).await;
        let behind = run.crowd.slowest() < end;
        run.crowd.end()?;
        let ledger = run.ledger().await?;
        crowd = run.crowd;
        let (wrong, example) = crowd.held_against(&ledger);
        let report = Report {
            asked: &self,
            crowd: &crowd,
            took,
            written: run.written.load(Ordering::Relaxed),
            events: ledger.len(),
            samples: &run.samples,
            connections: run.connections.iter().copied().max().unwrap_or(0),
            latencies: &run.latencies,
            wrong: wrong.max(usize::from(behind)),
            example,
        };
        report.print(before)
    }
}

impl Run {
    /// Looks on for so long, and says every minute how it goes.
    async fn go_on(&mut self, minutes: u64) -> anyhow::Result<()> {
        let mut beat = tokio::time::interval(LOOK);
        let mut told = 0;
        loop {
            beat.tick().await;
            let at = self.begun.elapsed();
            if let Some(status) = self.stage.server.ended()? {
                let log = stage::log()?;
                anyhow::bail!("the server ended: {status}; see {}", log.display());
            }
            if self.writer.is_finished() {
                (&mut self.writer).await?.context("writing events")?;
            }
            let sample = crowd::sample(self.stage.server.id(), at.as_secs_f64())?;
            self.samples.push(sample);
            self.connections.push(self.stage.connections().await?);
            if at.as_secs() / 60 > told {
                told = at.as_secs() / 60;
                let minute = self.crowd.latencies();
                let connections = self.connections.last().copied().unwrap_or(0);
                let written = self.written.load(Ordering::Relaxed);
                report::minute(told, &self.crowd, sample, connections, written, &minute);
                self.latencies.join(&minute);
            }
            if at >= Duration::from_secs(minutes * 60) {
                self.latencies.join(&self.crowd.latencies());
                return Ok(());
            }
        }
    }

    /// The log, as far as anybody has come.
    async fn ledger(&self) -> anyhow::Result<Ledger> {
        let mut ledger = Ledger::default();
        while ledger.len() < self.crowd.furthest() {
            let after = i64::try_from(ledger.len())?;
            let page = event_log::after(self.stage.hub.db.own(), after, PAGE).await?;
            ensure!(!page.is_empty(), "somebody is beyond the end of the log");
            for (line, seq) in page.iter().zip(after + 1..) {
                ensure!(line.seq == seq, "the log has a hole at {seq}");
                ledger.add(&line.envelope);
            }
        }
        Ok(ledger)
    }
}

/// Asks again and again.
async fn until(what: &str, done: impl Fn() -> bool) -> anyhow::Result<()> {
    let begun = Instant::now();
    while !done() {
        ensure!(begun.elapsed() < PATIENCE, "waited too long for {what}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}
