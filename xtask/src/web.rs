//! What has to hold of the web app, and what is looked at in a browser.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::tally::{self, Tally};
use crate::{bundle, cargo, needs, node};

/// What `cargo xtask check` runs, in this order: names of scripts of `web/package.json`, and what
/// each is about.
const CHECKS: [(&str, &str); 6] = [
    ("drift", "types of the API"),
    ("check", "types"),
    ("lint", "lints"),
    ("unit", "unit tests"),
    ("budgets", "sizes of the bundle"),
    ("licences", "licences of what is shipped"),
];

/// `cargo xtask check`: everything of the web app that needs no browser.
pub(crate) fn check() -> Result<ExitCode> {
    needs::meet_node()?;
    let mut failures = Vec::new();
    let tally = checks(&mut failures)?;
    Ok(close(tally, &failures))
}

/// Runs the checks, also after one failed.
pub(crate) fn checks(failures: &mut Vec<String>) -> Result<Tally> {
    node::packages()?;
    if let Err(error) = bundle::insist() {
        failures.push(format!("{error:#}"));
    }
    let mut tally = Tally::default();
    for (script, about) in CHECKS {
        println!("npm run {script} ({about})");
        tally += tally::counted(&mut node::script(script, &[]), Tally::read_vitest, failures)?;
    }
    Ok(tally)
}

/// Drives a browser through the real binary.
pub(crate) fn browser(failures: &mut Vec<String>) -> Result<Tally> {
    println!("npm run e2e (in a browser)");
    let mut command = node::script("e2e", &[]);
    tally::counted(seeing(&mut command)?, Tally::read_vitest, failures)
}

/// A script that looks at the real binary with a browser: `screenshots`, `lighthouse`, `memory`.
pub(crate) fn look(script: &str, args: &[String]) -> Result<ExitCode> {
    needs::meet_browser()?;
    node::packages()?;
    bundle::insist()?;
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let mut command = node::script(script, &args);
    node::run(seeing(&mut command)?)?;
    Ok(ExitCode::SUCCESS)
}

/// The server and Vite side by side: `cargo xtask dev`.
pub(crate) fn dev(args: &[String]) -> Result<ExitCode> {
    needs::meet_node()?;
    node::packages()?;
    let binary = cargo::binary()?;
    let mut command = node::command("node", &["scripts/dev.mjs"]);
    command.args(args).env("STARBOARD_BIN", binary);
    Err(cargo::become_program(&mut command))
}

/// Tells a script where binary and browser are.
fn seeing(command: &mut Command) -> Result<&mut Command> {
    let browser = node::chromium().context("no browser is here")?;
    Ok(command
        .env("STARBOARD_BIN", cargo::binary()?)
        .env("CHROMIUM", browser))
}

/// The closing lines.
pub(crate) fn close(mut tally: Tally, failures: &[String]) -> ExitCode {
    tally.failed += failures.len();
    for failure in failures {
        println!("failed: {failure}");
    }
    println!("{} passed, {} failed", tally.passed, tally.failed);
    match tally.failed {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}
