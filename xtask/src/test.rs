//! `cargo xtask test`: layout, lints, and every test of the workspace and of the web app.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;

use crate::tally::{self, Tally};
use crate::{cargo, needs, samples, web};

/// What to run.
#[derive(Args)]
pub(crate) struct Options {
    /// Run only Rust tests whose names contain this, and neither layout check nor lints.
    filter: Option<String>,
}

/// Runs everything, also after something failed, and closes with one line of counts.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let samples = samples::folder()?;
    let all = options.filter.is_none();
    if all {
        needs::meet()?;
    } else {
        needs::meet_servers()?;
    }
    let skipped = cargo::target()?.join("skipped-tests.txt");
    std::fs::create_dir_all(skipped.parent().unwrap_or(&skipped))?;
    std::fs::write(&skipped, "").with_context(|| format!("writing {}", skipped.display()))?;

    let mut failures = Vec::new();
    let mut tally = Tally::default();
    if all {
        // First what is quickly known, and what the tests of deploying build on.
        tally += web::checks(&mut failures)?;
        check(&["fmt", "--all", "--check"], &mut failures);
        check(&CLIPPY, &mut failures);
    }
    tally += tests(options, samples.as_deref(), &skipped, &mut failures)?;
    if all {
        tally += web::browser(&mut failures)?;
    }
    let code = web::close(tally, &failures);
    if samples.is_none() {
        let missed = samples::not_run(&std::fs::read_to_string(&skipped)?);
        println!("NOT RUN: {missed} sample tests (set {})", samples::FOLDER);
    }
    Ok(code)
}

const CLIPPY: [&str; 7] = [
    "clippy",
    "--locked",
    "--workspace",
    "--all-targets",
    "--",
    "--deny",
    "warnings",
];

/// Runs one check; a failure is noted and stops nothing.
fn check(args: &[&str], failures: &mut Vec<String>) {
    println!("cargo {}", args.join(" "));
    if let Err(error) = cargo::cargo(args) {
        failures.push(error.to_string());
    }
}

/// Runs the tests, repeating their output as it comes and adding up their closing lines.
fn tests(
    options: &Options,
    samples: Option<&Path>,
    skipped: &Path,
    failures: &mut Vec<String>,
) -> Result<Tally> {
    let mut command = cargo::command();
    command.args(["test", "--locked", "--workspace", "--no-fail-fast"]);
    if let Some(filter) = &options.filter {
        command.args(["--", filter.as_str()]);
    }
    command
        .env(samples::SKIPPED, skipped)
        .env_remove(samples::FOLDER);
    if let Some(folder) = samples {
        command.env(samples::FOLDER, folder);
    }
    println!("{}", cargo::shown(&command));
    tally::counted(&mut command, Tally::read, failures)
}
