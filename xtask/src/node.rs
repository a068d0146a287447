//! Node.js, npm and the browser: whether they are here, and running them in `web/`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::cargo::{root, shown};

/// The oldest Node.js that builds the web app.
const OLDEST: (u32, u32) = (20, 19);

/// Whether Node.js and npm are here, and new enough.
pub(crate) fn is_there() -> bool {
    let npm = Command::new("npm")
        .arg("--version")
        .stderr(Stdio::null())
        .output();
    version().is_some_and(|version| version >= OLDEST)
        && npm.is_ok_and(|output| output.status.success())
}

/// What of Node.js is here, in words.
pub(crate) fn found() -> String {
    match version() {
        Some((major, minor)) => format!("Node.js {major}.{minor} is here"),
        None => "no Node.js is here".to_owned(),
    }
}

fn version() -> Option<(u32, u32)> {
    let output = Command::new("node").arg("--version").output().ok()?;
    read_version(&String::from_utf8_lossy(&output.stdout))
}

/// Major and minor of `v20.19.1`.
fn read_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().strip_prefix('v')?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// The browser: what `CHROMIUM` names, else what stands on the `PATH`.
pub(crate) fn chromium() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM").filter(|named| !named.is_empty()) {
        return Some(PathBuf::from(named)).filter(|path| path.is_file());
    }
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut all = names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    let cask = Path::new("/Applications/Chromium.app/Contents/MacOS/Chromium");
    all.find(|path| path.is_file())
        .or_else(|| cask.is_file().then(|| cask.to_owned()))
}

/// A command in `web/`.
pub(crate) fn command(program: &str, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args).current_dir(root().join("web"));
    command
}

/// Runs a script of `web/package.json`.
pub(crate) fn script(name: &str, args: &[&str]) -> Command {
    let mut command = command("npm", &["run", "--silent", name]);
    if !args.is_empty() {
        command.arg("--").args(args);
    }
    command
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("starting {}", shown(command)))?;
    if !status.success() {
        bail!("{} failed", shown(command));
    }
    Ok(())
}

/// Installs the packages of `web/package-lock.json`, unless npm did since that changed.
pub(crate) fn packages() -> Result<()> {
    let web = root().join("web");
    let changed = |path: &str| std::fs::metadata(web.join(path)).and_then(|file| file.modified());
    // npm notes there what it installed.
    let installed = changed("node_modules/.package-lock.json");
    if installed.is_ok_and(|at| changed("package-lock.json").is_ok_and(|lock| lock <= at)) {
        return Ok(());
    }
    println!("npm ci");
    run(&mut command("npm", &["ci", "--prefer-offline"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        assert!(read_version("v20.19.0\n") >= Some(OLDEST));
        assert!(read_version("v22.3.1") >= Some(OLDEST));
        assert!(read_version("v20.9.0") < Some(OLDEST));
        assert!(read_version("v18.20.4") < Some(OLDEST));
        assert_eq!(read_version("command not found"), None);
    }
}
