//! What a person types in this repository: `cargo xtask demo`, `cargo xtask test` and a few more.

mod bundle;
mod cargo;
mod needs;
mod node;
#[path = "../../tests/harness/programs.rs"]
mod programs;
mod samples;
mod tally;
mod test;
mod web;

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Result, bail};
use clap::{Args, Parser, Subcommand};

use crate::cargo::{cargo, root};

/// Builds, runs and tests Starboard.
#[derive(Parser)]
#[command(
    bin_name = "cargo xtask",
    disable_help_subcommand = true,
    after_help = "Examples:\n  \
        cargo xtask demo                 a moving board in a minute, without network or database\n  \
        cargo xtask dev                  the same, with the web app rebuilt as you type\n  \
        cargo xtask test                 everything that has to hold\n  \
        cargo xtask test the_clock       only tests with this in their name"
)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Builds Starboard and plays the demo: a composed day of real programmes, as if it were today.
    ///
    /// It needs the Rust toolchain and a C compiler, and Node.js for the web app; without that, plain
    /// pages stand in. The board's address is printed once it is up; Ctrl-C ends it.
    #[command(after_help = "Examples:\n  cargo xtask demo\n  PORT=9000 cargo xtask demo")]
    Demo(Rest),
    /// Builds Starboard and serves, with the settings of the environment.
    #[command(after_help = "Examples:\n  cargo xtask run\n  \
            DATABASE_URL=postgres://localhost/starboard cargo xtask run --role web")]
    Run(Rest),
    /// Builds Starboard, runs it beside Vite, and rebuilds the web app as you type.
    ///
    /// The page's address is printed by Vite; Ctrl-C ends both. Arguments are those of `starboard`;
    /// without any it plays the demo.
    #[command(after_help = "Examples:\n  cargo xtask dev\n  cargo xtask dev serve")]
    Dev(Rest),
    /// Checks layout, lints and every test, of the web app too; installs what it takes where it can.
    #[command(
        after_help = "Examples:\n  cargo xtask test\n  cargo xtask test the_clock\n  \
            STARBOARD_SAMPLES=/path/to/recorded/answers cargo xtask test"
    )]
    Test(test::Options),
    /// Checks the web app without a browser: types, drift from the API, lints, units, sizes, licences.
    #[command(after_help = "Example:\n  cargo xtask check")]
    Check,
    /// Takes pictures of every page in three themes, on a desktop and a phone.
    #[command(
        after_help = "Examples:\n  cargo xtask screenshots\n  SHOTS=/tmp/shots cargo xtask screenshots"
    )]
    Screenshots(Rest),
    /// Asks Lighthouse (fetched by npx) what it thinks of the live page.
    #[command(after_help = "Example:\n  cargo xtask lighthouse")]
    Lighthouse(Rest),
    /// Plays a day of events into a page at speed and tells how its memory grows.
    #[command(after_help = "Example:\n  cargo xtask memory")]
    Memory(Rest),
    /// Measures, in a release build, each number beside a floor measured in the same run.
    #[command(
        after_help = "Examples:\n  cargo xtask bench\n  cargo xtask bench apply --json\n  \
            cargo xtask bench fanout slow storm idle --peers --write-table"
    )]
    Bench(Rest),
    /// Runs the released binary under load for an hour: does memory grow, is an event lost?
    #[command(
        after_help = "Examples:\n  cargo xtask soak\n  cargo xtask soak --minutes 5 --clients 500\n  \
            cargo xtask soak --minutes 60 --clients 5000 --rate 20 --json"
    )]
    Soak(Rest),
    /// Builds the binary as it is deployed, the web app in it, and says where it is.
    #[command(after_help = "Example:\n  cargo xtask release")]
    Release,
}

/// What is handed on as it is.
#[derive(Args)]
struct Rest {
    /// Handed on as they are.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

fn main() -> ExitCode {
    match run(Cli::parse().task) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("cargo xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<ExitCode> {
    match task {
        Task::Demo(rest) => serve("demo", &rest.args, free_port()?),
        Task::Run(rest) => serve("serve", &rest.args, None),
        Task::Test(options) => test::run(&options),
        Task::Dev(rest) => web::dev(&rest.args),
        Task::Check => web::check(),
        Task::Screenshots(rest) => web::look("screenshots", &rest.args),
        Task::Lighthouse(rest) => web::look("lighthouse", &rest.args),
        Task::Memory(rest) => web::look("memory", &rest.args),
        Task::Bench(rest) => bench(&rest.args),
        Task::Soak(rest) => {
            needs::meet_servers()?;
            let soak = ["soak".to_owned()];
            bench(&[&soak, rest.args.as_slice()].concat())
        }
        Task::Release => release(),
    }
}

/// Builds the web app and the binary, and becomes it.
fn serve(command: &str, args: &[String], port: Option<u16>) -> Result<ExitCode> {
    bundle::prepare()?;
    let mut starboard = Command::new(cargo::binary()?);
    starboard.arg(command).args(args);
    if let Some(port) = port {
        starboard.env("PORT", port.to_string());
        // A platform sets PORT and wants everybody let in; this is only a port that was free.
        if std::env::var_os("BIND").is_none() {
            starboard.env("BIND", "127.0.0.1");
        }
    }
    Err(cargo::become_program(&mut starboard))
}

/// A port for the demo when nobody named one and the usual one is taken.
fn free_port() -> Result<Option<u16>> {
    if std::env::var_os("PORT").is_some() || TcpListener::bind(("127.0.0.1", 8080)).is_ok() {
        return Ok(None);
    }
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    Ok(Some(listener.local_addr()?.port()))
}

fn bench(args: &[String]) -> Result<ExitCode> {
    if !root().join("bench/Cargo.toml").is_file() {
        bail!("there is nothing to measure yet: the crate `bench` is missing");
    }
    needs::meet_bench(args.iter().any(|arg| arg == "--peers"))?;
    let mut command = vec!["run", "--release", "--locked", "--package", "bench", "--"];
    command.extend(args.iter().map(String::as_str));
    cargo(command)?;
    Ok(ExitCode::SUCCESS)
}

fn release() -> Result<ExitCode> {
    bundle::insist()?;
    cargo([
        "build",
        "--release",
        "--locked",
        "--package",
        "app",
        "--bin",
        "starboard",
    ])?;
    let binary = cargo::target()?.join("release/starboard");
    println!("{}  {}", binary.display(), size(&binary)?);
    Ok(ExitCode::SUCCESS)
}

/// Size of a file, for people.
fn size(file: &Path) -> Result<String> {
    let tenths = std::fs::metadata(file)?.len() * 10 / (1 << 20);
    Ok(format!("{}.{} MiB", tenths / 10, tenths % 10))
}
