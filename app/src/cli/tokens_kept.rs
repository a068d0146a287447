//! The tokens that `starboard login` keeps: one a server, in a file that only its owner can read.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use serde::{Deserialize, Serialize};
use url::Url;
use uuid::Uuid;

/// The variable with a token that beats those kept here.
const TOKEN: &str = "STARBOARD_TOKEN";

/// A token that was kept.
#[derive(Clone, Deserialize, Serialize)]
pub(super) struct Kept {
    /// Whose account.
    pub(super) email: String,
    /// The token's id at its server.
    pub(super) id: Uuid,
    /// Its name there.
    pub(super) name: String,
    /// The token.
    pub(super) token: String,
}

/// The kept tokens, by server.
type All = BTreeMap<String, Kept>;

/// The token for a server: that of `STARBOARD_TOKEN`, else the one kept.
///
/// # Errors
/// When the file cannot be read.
pub(super) fn token(server: &Url) -> anyhow::Result<Option<String>> {
    let given = std::env::var(TOKEN).ok();
    if let Some(token) = given.map(|token| token.trim().to_owned())
        && !token.is_empty()
    {
        return Ok(Some(token));
    }
    Ok(of(server)?.map(|kept| kept.token))
}

/// What is kept for a server.
///
/// # Errors
/// When the file cannot be read.
pub(super) fn of(server: &Url) -> anyhow::Result<Option<Kept>> {
    match file() {
        Ok(file) => Ok(read(&file)?.remove(&key(server))),
        // Without a home nothing was ever kept.
        Err(_) => Ok(None),
    }
}

/// Keeps a token for a server, in place of the one before. Says in which file.
///
/// # Errors
/// When there is no place for the file, or it cannot be written.
pub(super) fn keep(server: &Url, kept: Kept) -> anyhow::Result<PathBuf> {
    let file = file()?;
    let mut all = read(&file)?;
    all.insert(key(server), kept);
    write(&file, &all)?;
    Ok(file)
}

/// Forgets what is kept for a server, if it is this token.
///
/// # Errors
/// When the file cannot be read or written.
pub(super) fn forget(server: &Url, id: Uuid) -> anyhow::Result<()> {
    let Ok(file) = file() else { return Ok(()) };
    let mut all = read(&file)?;
    let key = key(server);
    if all.get(&key).is_some_and(|kept| kept.id == id) {
        all.remove(&key);
        write(&file, &all)?;
    }
    Ok(())
}

/// Servers are the same when their addresses are, but for a slash at the end.
fn key(server: &Url) -> String {
    server.as_str().trim_end_matches('/').to_owned()
}

/// `$XDG_CONFIG_HOME/starboard/tokens.json`, or below `~/.config`.
fn file() -> anyhow::Result<PathBuf> {
    let folder = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|at| at.is_absolute())
    };
    let home = || folder("HOME").map(|home| home.join(".config"));
    let config = folder("XDG_CONFIG_HOME").or_else(home);
    let config = config.ok_or_else(|| {
        anyhow!("no place to keep a token: HOME is not set; STARBOARD_TOKEN works without one")
    })?;
    Ok(config.join("starboard").join("tokens.json"))
}

fn read(file: &Path) -> anyhow::Result<All> {
    let text = match fs::read(file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(All::new()),
        Err(error) => return Err(error).with_context(|| format!("reading {}", file.display())),
    };
    // The parser's message could repeat a token.
    serde_json::from_slice(&text).map_err(|_| {
        anyhow!(
            "{} cannot be read: remove it and sign in again",
            file.display()
        )
    })
}

/// Writes the file anew beside the old one, so that it is whole at any time, and never readable by
/// others.
fn write(file: &Path, all: &All) -> anyhow::Result<()> {
    let doing = || format!("writing {}", file.display());
    if let Some(folder) = file.parent() {
        let mut builder = DirBuilder::new();
        builder
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .with_context(doing)?;
    }
    let beside = file.with_extension(format!("{}.new", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    let written = (|| {
        // One that a killed process of the same number left.
        let _ = fs::remove_file(&beside);
        let mut new = options.open(&beside)?;
        new.write_all(serde_json::to_string_pretty(all)?.as_bytes())?;
        new.sync_all()?;
        fs::rename(&beside, file)
    })();
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written.with_context(doing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_at_the_end_makes_no_other_server() {
        let key = |text: &str| key(&Url::parse(text).unwrap());
        assert_eq!(key("https://a.org"), key("https://a.org/"));
        assert_eq!(key("https://a.org/board/"), key("https://a.org/board"));
        assert_ne!(key("https://a.org"), key("http://a.org"));
        assert_ne!(key("https://a.org"), key("https://a.org:8443"));
    }
}
