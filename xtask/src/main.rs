//! What a person types in this repository: `cargo xtask demo`, `cargo xtask test` and a few more.

mod cargo;
mod needs;
#[path = "../../tests/harness/programs.rs"]
mod programs;
mod samples;
mod tally;
mod test;

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
    /// It needs nothing but the Rust toolchain and a C compiler. The board's address is printed
    /// once it is up; Ctrl-C ends it.
    #[command(after_help = "Examples:\n  cargo xtask demo\n  PORT=9000 cargo xtask demo")]
    Demo(Rest),
    /// Builds Starboard and serves, with the settings of the environment.
    #[command(after_help = "Examples:\n  cargo xtask run\n  \
            DATABASE_URL=postgres://localhost/starboard cargo xtask run --role web")]
    Run(Rest),
    /// Checks layout, lints and every test; installs PostgreSQL and Redis where it can.
    #[command(
        after_help = "Examples:\n  cargo xtask test\n  cargo xtask test the_clock\n  \
            STARBOARD_SAMPLES=/path/to/recorded/answers cargo xtask test"
    )]
    Test(test::Options),
    /// Measures, in a release build, each number beside a floor measured in the same run.
    #[command(after_help = "Examples:\n  cargo xtask bench\n  cargo xtask bench apply --json")]
    Bench(Rest),
    /// Builds the binary as it is deployed and says where it is.
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
        Task::Bench(rest) => bench(&rest.args),
        Task::Release => release(),
    }
}

/// Builds the binary in the dev profile, which takes about half as long as a release build with
/// its link-time optimisation and is fast enough to watch, and becomes it.
fn serve(command: &str, args: &[String], port: Option<u16>) -> Result<ExitCode> {
    cargo([
        "build",
        "--locked",
        "--package",
        "app",
        "--bin",
        "starboard",
    ])?;
    let mut starboard = Command::new(cargo::target()?.join("debug/starboard"));
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
    let mut command = vec!["run", "--release", "--locked", "--package", "bench", "--"];
    command.extend(args.iter().map(String::as_str));
    cargo(command)?;
    Ok(ExitCode::SUCCESS)
}

fn release() -> Result<ExitCode> {
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
