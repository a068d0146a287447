//! Running cargo, and finding what it made.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Error, Result, bail};

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// The cargo that runs us.
pub(crate) fn command() -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(root());
    // What cargo tells us of ourselves is none of what we build: crates whose build scripts look at
    // it would be built anew, here and then again when somebody types `cargo build`.
    for (name, _) in std::env::vars_os() {
        let told = name.to_string_lossy();
        if told.starts_with("CARGO_PKG_") || told.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs cargo with these arguments; its output goes where ours goes.
pub(crate) fn cargo<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Result<()> {
    let mut command = command();
    command.args(args);
    let status = command.status().context("starting cargo")?;
    if !status.success() {
        bail!("{} failed", shown(&command));
    }
    Ok(())
}

/// The folder cargo builds into.
pub(crate) fn target() -> Result<PathBuf> {
    let mut command = command();
    command.args(["metadata", "--format-version=1", "--no-deps"]);
    let output = command.output().context("starting cargo")?;
    // One field of a long line of JSON: not worth a JSON reader in every first build.
    let text = String::from_utf8_lossy(&output.stdout);
    let path = text
        .split_once("\"target_directory\":\"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .map(|(path, _)| PathBuf::from(path));
    path.context("cargo metadata names no target_directory")
}

/// Builds the binary in the dev profile, which takes about half as long as a release build with
/// its link-time optimisation and is fast enough to watch, and says where it is.
pub(crate) fn binary() -> Result<PathBuf> {
    cargo([
        "build",
        "--locked",
        "--package",
        "app",
        "--bin",
        "starboard",
    ])?;
    Ok(target()?.join("debug/starboard"))
}

/// Becomes another program, so that signals and the terminal are its own. Comes back only with
/// the reason why it could not.
pub(crate) fn become_program(command: &mut Command) -> Error {
    use std::os::unix::process::CommandExt;
    let reason = command.exec();
    Error::new(reason).context(format!("starting {}", shown(command)))
}

/// A command as a person would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}
