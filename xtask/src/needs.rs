//! What the tests need on this machine, and how it comes there.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::cargo;
use crate::node;
use crate::programs::{nginx, postgres_bin, redis_server};

/// A program that tests start.
struct Need {
    /// What it is, in words.
    what: &'static str,
    /// Debian's packages of it.
    debian: &'static [&'static str],
    /// Homebrew's name of it.
    brew: &'static str,
    /// Whether it is here.
    is_met: fn() -> bool,
    /// How it comes where Debian's packages are too old.
    otherwise: Option<&'static str>,
}

const POSTGRES: Need = Need {
    what: "a PostgreSQL server with its contrib extensions",
    debian: &["postgresql", "postgresql-contrib"],
    brew: "postgresql",
    is_met: || postgres_bin().is_some_and(|bin| has_contrib(&bin)),
    otherwise: None,
};

const REDIS: Need = Need {
    what: "a Redis server",
    debian: &["redis-server"],
    brew: "redis",
    is_met: || redis_server().is_some(),
    otherwise: None,
};

const NGINX: Need = Need {
    what: "nginx",
    debian: &["nginx"],
    brew: "nginx",
    is_met: || nginx().is_some(),
    otherwise: None,
};

const CHROMIUM: Need = Need {
    what: "Chromium (or CHROMIUM naming a browser of that kind)",
    debian: &["chromium"],
    brew: "--cask chromium",
    is_met: || node::chromium().is_some(),
    otherwise: None,
};

const NODE: Need = Need {
    what: "Node.js 20.19 or newer, with npm",
    debian: &["nodejs", "npm"],
    brew: "node",
    is_met: || node::is_there(),
    otherwise: Some(
        "curl -fsSL https://deb.nodesource.com/setup_22.x | bash - && apt-get install -y nodejs",
    ),
};

const NCHAN: Need = Need {
    what: "nginx with nchan",
    debian: &["nginx", "libnginx-mod-nchan"],
    brew: "nginx",
    is_met: || NCHAN_MODULES.iter().any(|file| Path::new(file).exists()),
    otherwise: None,
};

/// Where distributions put the module.
const NCHAN_MODULES: [&str; 3] = [
    "/usr/lib/nginx/modules/ngx_nchan_module.so",
    "/usr/lib64/nginx/modules/ngx_nchan_module.so",
    "/usr/share/nginx/modules/ngx_nchan_module.so",
];

const PYTHON: Need = Need {
    what: "Python 3 with venv",
    debian: &["python3", "python3-venv"],
    brew: "python",
    is_met: || {
        let mut command = Command::new("python3");
        command.args(["-c", "import ensurepip, venv"]);
        let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
        quiet.status().is_ok_and(|status| status.success())
    },
    otherwise: None,
};

/// Makes sure of what the benches stand on; of the servers beside which they measure as far as it
/// goes, since those that are not here are left out.
pub(crate) fn meet_bench(peers: bool) -> Result<()> {
    meet_all(&[POSTGRES, REDIS])?;
    for peer in [NCHAN, NODE, PYTHON].into_iter().filter(|_| peers) {
        if let Err(error) = meet_all(&[peer]) {
            eprintln!("cargo xtask: {error:#}");
        }
    }
    Ok(())
}

/// Makes sure of everything that all of the tests need.
pub(crate) fn meet() -> Result<()> {
    toolchain()?;
    meet_all(&[POSTGRES, REDIS, NGINX, NODE, CHROMIUM])
}

/// Makes sure of what the Rust tests need.
pub(crate) fn meet_servers() -> Result<()> {
    toolchain()?;
    meet_all(&[POSTGRES, REDIS, NGINX])
}

/// Makes sure of what the web app is built and looked at with.
pub(crate) fn meet_browser() -> Result<()> {
    meet_all(&[NODE, CHROMIUM])
}

/// Makes sure of what the web app is built with.
pub(crate) fn meet_node() -> Result<()> {
    meet_all(&[NODE])
}

/// Installs what is missing where that needs nobody's consent (root on Debian and its kin), else
/// fails with the command to run.
fn meet_all(needs: &[Need]) -> Result<()> {
    let missing = |needs: &[&Need]| -> Vec<&'static str> { needs.iter().map(|n| n.what).collect() };
    let unmet: Vec<&Need> = needs.iter().filter(|need| !(need.is_met)()).collect();
    if unmet.is_empty() {
        return Ok(());
    }
    let packages: BTreeSet<&str> = unmet.iter().flat_map(|need| need.debian).copied().collect();
    let packages: Vec<&str> = packages.into_iter().collect();
    let apt = on_path("apt-get");
    if !(apt && is_root()) {
        bail!(
            "this takes {}. Run: {}",
            missing(&unmet).join(", "),
            advice(&unmet, &packages, apt)
        );
    }
    println!(
        "Installing {}: this takes {}",
        packages.join(", "),
        missing(&unmet).join(", ")
    );
    apt_get(&["update", "-qq"])?;
    let mut install = vec!["install", "-qq", "-y", "--no-install-recommends"];
    install.extend(packages.iter().copied());
    apt_get(&install)?;
    let unmet: Vec<&Need> = unmet.into_iter().filter(|n| !(n.is_met)()).collect();
    match unmet.iter().find_map(|need| need.otherwise) {
        _ if unmet.is_empty() => Ok(()),
        Some(command) => bail!(
            "the packages of this system are too old for {}. Run: {command}",
            missing(&unmet).join(", ")
        ),
        None => bail!(
            "installed {}, but cannot find {}",
            packages.join(", "),
            missing(&unmet).join(", ")
        ),
    }
}

fn advice(unmet: &[&Need], packages: &[&str], apt: bool) -> String {
    if apt {
        let install = format!("sudo apt-get install -y {}", packages.join(" "));
        return match unmet.iter().find_map(|need| need.otherwise) {
            Some(otherwise) => format!("{install} (where that Node.js is too old: {otherwise})"),
            None => install,
        };
    }
    if on_path("brew") {
        let casks = unmet.iter().map(|need| need.brew).collect::<Vec<_>>();
        return format!("brew install {}", casks.join(" "));
    }
    "your system's installer".to_owned()
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

fn apt_get(args: &[&str]) -> Result<()> {
    let mut command = Command::new("apt-get");
    command
        .args(args)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null());
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
