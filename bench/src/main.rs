//! Measures Starboard, each number beside a floor or a naive version in the same run.
//!
//! `cargo xtask bench [name…] [--json] [--repeats n] [--peers] [--write-table]`. What the figures mean and what they were
//! stands in `docs/performance.md`.

mod activities;
mod apply;
mod arena;
mod ask;
mod bed;
mod clock;
mod dataset;
mod fanout;
mod floor;
mod http;
mod idle;
mod leash;
mod list;
mod load;
mod mail;
mod matching;
mod measure;
mod page;
mod parse;
mod peers;
mod postgres;
#[path = "../../tests/harness/programs.rs"]
#[allow(dead_code, reason = "shared with the tests")]
mod programs;
mod publish;
mod random;
mod redis;
mod results;
mod rivals;
mod rtree;
mod scale;
mod search;
mod sky;
mod slow;
mod soak;
mod start;
mod storm;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use chrono::{SecondsFormat, Utc};
use clap::Parser;

use crate::measure::Figure;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures Starboard beside floors
#[derive(Debug, Parser)]
#[command(
    bin_name = "cargo xtask bench",
    after_help = "Examples:\n  cargo xtask bench\n  \
    cargo xtask bench apply search --json\n  cargo xtask bench parse --repeats 9"
)]
pub(crate) struct Options {
    /// What to measure; everything when none is named
    #[arg(value_parser = NAMES)]
    names: Vec<String>,
    /// Machine output
    #[arg(long)]
    json: bool,
    /// How often everything is measured; the middle counts
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=99))]
    pub(crate) repeats: u32,
    /// Measures other servers in the same runs too; installs them under `target/bench`
    #[arg(long)]
    pub(crate) peers: bool,
    /// How many activities `search` and `list` have to choose from; kept under `target/bench`
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(10_000..=100_000_000))]
    pub(crate) rows: u64,
    /// How many clients the benches of the live feed have
    #[arg(long, value_delimiter = ',', value_parser = clap::value_parser!(u32).range(10..=15_000))]
    pub(crate) clients: Vec<u32>,
    /// Writes the figures into the table of `docs/performance.md`; what was not measured stays
    #[arg(long)]
    write_table: bool,
    /// A folder with `subs.tsv` and `acts.tsv` for `match`; composed when none is named
    #[arg(long, env = "STARBOARD_MATCHGEN")]
    pub(crate) files: Option<PathBuf>,
}

impl Options {
    /// How many clients the benches of the live feed have, from few to many.
    pub(crate) fn clients(&self) -> Vec<usize> {
        let mut clients: Vec<usize> = match self.clients.is_empty() {
            true => vec![1_000, 5_000, 10_000],
            false => self.clients.iter().map(|count| *count as usize).collect(),
        };
        clients.sort_unstable();
        clients.dedup();
        clients
    }

    /// The most clients.
    pub(crate) fn most_clients(&self) -> usize {
        self.clients().last().copied().unwrap_or(10_000)
    }
}

/// Measures, or serves a measurement.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask")]
enum Other {
    /// Clients of a live feed
    Load(load::Load),
    /// The least a live feed can cost
    Floor(floor::Floor),
    /// Who tells the hub news
    Publish(publish::Publish),
    /// The serving side of `list`
    Serve(list::Serve),
    /// The asking side of `list`
    Ask(list::Ask),
    Soak(soak::Soak),
}

/// Every bench.
const NAMES: [&str; 13] = [
    "start", "parse", "apply", "search", "list", "clock", "fanout", "slow", "storm", "idle",
    "match", "mail", "scale",
];

fn main() -> ExitCode {
    let first = std::env::args().nth(1).unwrap_or_default();
    let done = match first.as_str() {
        "load" | "floor" | "publish" | "serve" | "ask" | "soak" => other(),
        _ => visible(),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => complain(&error),
    }
}

/// Serves a measurement, or soaks.
fn other() -> anyhow::Result<bool> {
    match Other::parse() {
        Other::Load(load) => load.run()?,
        Other::Floor(floor) => floor.run()?,
        Other::Publish(publish) => runtime()?.block_on(publish.run())?,
        Other::Serve(serve) => runtime()?.block_on(serve.run())?,
        Other::Ask(ask) => runtime()?.block_on(ask.run())?,
        Other::Soak(soak) => return runtime()?.block_on(soak.run()),
    }
    Ok(true)
}

fn visible() -> anyhow::Result<bool> {
    let options = Options::parse();
    runtime()?.block_on(run(&options))
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.enable_all().build()
}

fn complain(error: &anyhow::Error) -> ExitCode {
    eprintln!("bench: {error:#}");
    ExitCode::FAILURE
}

/// Runs what was asked for; answers whether every goal was met.
async fn run(options: &Options) -> anyhow::Result<bool> {
    let mut all = Vec::new();
    for name in NAMES {
        if !options.names.is_empty() && !options.names.iter().any(|wanted| wanted == name) {
            continue;
        }
        let before = measure::load();
        let figures = one(name, options).await?;
        let about = About::new(name, before, options.repeats, options.peers);
        if options.write_table {
            page::write(&about, &figures)?;
        }
        if !options.json {
            println!("{} · {}", about.bench, about.line());
            println!("{}", measure::table(&figures));
            asides(&figures);
            floors(&figures);
        }
        all.push((about, figures));
    }
    if options.json {
        let json: Vec<_> = all
            .iter()
            .map(|(about, figures)| serde_json::json!({ "run": about, "figures": figures }))
            .collect();
        println!("{}", serde_json::to_string_pretty(&json)?);
    }
    let figures = all.iter().flat_map(|(_, figures)| figures);
    Ok(figures
        .into_iter()
        .all(|figure| figure.met() != Some(false)))
}

async fn one(name: &str, options: &Options) -> anyhow::Result<Vec<Figure>> {
    eprintln!("Measuring {name} …");
    match name {
        "start" => start::run(options).await,
        "parse" => parse::run(options),
        "apply" => apply::run(options).await,
        "search" => search::run(options).await,
        "list" => list::run(options).await,
        "clock" => clock::run(options).await,
        "fanout" => fanout::run(options).await,
        "slow" => slow::run(options).await,
        "storm" => storm::run(options).await,
        "idle" => idle::run(options).await,
        "match" => matching::run(options),
        "mail" => mail::run(options).await,
        "scale" => scale::run(options).await,
        other => bail!("there is no bench {other:?}"),
    }
}

/// What the values were made of.
fn asides(figures: &[Figure]) {
    for figure in figures {
        if let Some(aside) = &figure.aside {
            println!("  {}: {aside}", figure.measure);
        }
    }
}

/// What the floors and naive ways are, each once.
fn floors(figures: &[Figure]) {
    let mut told = Vec::new();
    for figure in figures {
        for (kind, other) in [("floor", &figure.floor), ("naive", &figure.naive)] {
            if let Some(other) = other
                && !told.contains(&other.what)
            {
                println!("  {kind}: {}", other.what);
                told.push(other.what);
            }
        }
    }
    if !told.is_empty() {
        println!();
    }
}

/// When and where a bench ran.
#[derive(serde::Serialize)]
struct About {
    bench: String,
    at: String,
    machine: String,
    repeats: u32,
    peers: bool,
    load_before: String,
    load_after: String,
}

impl About {
    fn new(bench: &str, load_before: String, repeats: u32, peers: bool) -> About {
        About {
            bench: bench.to_owned(),
            at: Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true),
            machine: measure::machine(),
            repeats,
            peers,
            load_before,
            load_after: measure::load(),
        }
    }

    fn line(&self) -> String {
        let peers = if self.peers { ", with peers" } else { "" };
        format!(
            "{} · {} · {} repeats{peers} · load {} before, {} after",
            self.at, self.machine, self.repeats, self.load_before, self.load_after
        )
    }
}
