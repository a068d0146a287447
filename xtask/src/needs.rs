//! What the tests need on this machine, and how it comes there.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::cargo;
use crate::programs::{postgres_bin, redis_server};

/// Debian's names of what the tests start.
const PACKAGES: [&str; 3] = ["postgresql", "postgresql-contrib", "redis-server"];

/// Makes sure that everything is there: installs it where that needs nobody's consent (root on
/// Debian and its kin), else fails with the command to run.
pub(crate) fn meet() -> Result<()> {
    toolchain()?;
    let missing = missing();
    if missing.is_empty() {
        return Ok(());
    }
    let missing = missing.join(", ");
    let apt = on_path("apt-get");
    if apt && is_root() {
        println!(
            "Installing {}: the tests need {missing}",
            PACKAGES.join(", ")
        );
        apt_get(&["update", "-qq"])?;
        apt_get(&["install", "-qq", "-y", "--no-install-recommends"])?;
    } else {
        bail!(
            "the tests need {missing}. Run: {}",
            advice(apt, on_path("brew"))
        );
    }
    match self::missing() {
        still if still.is_empty() => Ok(()),
        still => bail!(
            "installed {}, but cannot find {}",
            PACKAGES.join(", "),
            still.join(", ")
        ),
    }
}

fn toolchain() -> Result<()> {
    for tool in ["fmt", "clippy"] {
        let mut command = cargo::command();
        command
            .args([tool, "--version"])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if !command.status().is_ok_and(|status| status.success()) {
            bail!("cargo {tool} is missing. Run: rustup component add rustfmt clippy");
        }
    }
    Ok(())
}

/// What is not there, in words.
fn missing() -> Vec<&'static str> {
    let mut missing = Vec::new();
    match postgres_bin() {
        None => missing.push("a PostgreSQL server"),
        Some(bin) if !has_contrib(&bin) => missing.push("PostgreSQL's contrib extensions"),
        Some(_) => {}
    }
    if redis_server().is_none() {
        missing.push("a Redis server");
    }
    missing
}

/// Whether the extensions are beside the server. Unknown counts as yes: the tests' own server
/// says it too, and more exactly.
fn has_contrib(bin: &Path) -> bool {
    let output = Command::new(bin.join("pg_config"))
        .arg("--sharedir")
        .output();
    let Some(output) = output.ok().filter(|output| output.status.success()) else {
        return true;
    };
    let share = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let extensions = Path::new(&share).join("extension");
    !extensions.is_dir()
        || ["pgcrypto", "hstore"]
            .iter()
            .all(|name| extensions.join(format!("{name}.control")).exists())
}

fn advice(apt: bool, brew: bool) -> String {
    match (apt, brew) {
        (true, _) => format!("sudo apt-get install -y {}", PACKAGES.join(" ")),
        (_, true) => "brew install postgresql redis".to_owned(),
        _ => "your system's installer for the PostgreSQL server with contrib, and for Redis"
            .to_owned(),
    }
}

fn apt_get(args: &[&str]) -> Result<()> {
    let mut command = Command::new("apt-get");
    command
        .args(args)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null());
    if args.contains(&"install") {
        command.args(PACKAGES);
    }
    if !command.status()?.success() {
        bail!("{} failed", cargo::shown(&command));
    }
    Ok(())
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).exists())
}
