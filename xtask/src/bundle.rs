//! The files of the web app: built once, and again whenever what shapes them changes.

use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::cargo::root;
use crate::node;

/// What shapes the bundle, below the repository.
const SHAPES: [&str; 9] = [
    "Cargo.toml",
    "web/index.html",
    "web/package.json",
    "web/package-lock.json",
    "web/tsconfig.json",
    "web/vite.config.ts",
    "web/public",
    "web/scripts",
    "web/src",
];

/// How the bundle stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Fresh,
    Stale,
    Missing,
}

/// Builds the bundle where it is not fresh. Without Node.js the board still runs: with the older
/// bundle, or with plain pages. Says which.
pub(crate) fn prepare() -> Result<()> {
    let hash = hash()?;
    let state = state(&hash);
    if state == State::Fresh {
        return Ok(());
    }
    if node::is_there() {
        return build(&hash);
    }
    let instead = match state {
        State::Stale => "the bundle in web/dist is older than web/src",
        _ => "plain pages stand in for it (/lite)",
    };
    println!(
        "The web app is not built: it takes Node.js 20.19 or newer, and {}; {instead}",
        node::found()
    );
    Ok(())
}

/// Builds the bundle where it is not fresh, and fails where that cannot be.
pub(crate) fn insist() -> Result<()> {
    let hash = hash()?;
    if state(&hash) == State::Fresh {
        return Ok(());
    }
    if !node::is_there() {
        bail!(
            "the web app has to be built, which takes Node.js 20.19 or newer with npm; {}",
            node::found()
        );
    }
    build(&hash)
}

fn build(hash: &str) -> Result<()> {
    node::packages()?;
    println!("npm run build");
    node::run(&mut node::script("build", &["--logLevel", "warn"]))?;
    // Written last: a build that was broken off is none.
    let stamp = stamp();
    std::fs::write(&stamp, hash).with_context(|| format!("writing {}", stamp.display()))
}

fn state(hash: &str) -> State {
    if !root().join("web/dist/index.html").is_file() {
        return State::Missing;
    }
    match std::fs::read_to_string(stamp()) {
        Ok(kept) if kept.trim() == hash => State::Fresh,
        _ => State::Stale,
    }
}

fn stamp() -> PathBuf {
    root().join("web/dist/.stamp")
}

fn hash() -> Result<String> {
    hash_of(&SHAPES.map(|path| root().join(path)))
}

/// A hash of names and contents of files and folders.
fn hash_of(paths: &[PathBuf]) -> Result<String> {
    let mut files = Vec::new();
    for path in paths {
        collect(path, &mut files)?;
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        let bytes = std::fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
        let name = file.strip_prefix(root()).unwrap_or(&file);
        hasher.write(name.as_os_str().as_encoded_bytes());
        hasher.write_usize(bytes.len());
        hasher.write(&bytes);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_file() {
        files.push(path.to_owned());
    } else if path.is_dir() {
        let entries = std::fs::read_dir(path);
        for entry in entries.with_context(|| format!("reading {}", path.display()))? {
            collect(&entry?.path(), files)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_changes_with_a_file_or_its_name_and_with_nothing_else() {
        let folder = std::env::temp_dir().join(format!("starboard-hash-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("src")).unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
        let hash = || hash_of(&[folder.join("src"), folder.join("none")]).unwrap();

        write("src/a.ts", "1");
        let first = hash();
        write("other", "2");
        assert_eq!(hash(), first);
        write("src/a.ts", "2");
        let second = hash();
        std::fs::rename(folder.join("src/a.ts"), folder.join("src/b.ts")).unwrap();
        let third = hash();
        std::fs::remove_dir_all(&folder).unwrap();

        assert!(
            first != second && second != third,
            "{first} {second} {third}"
        );
    }
}
