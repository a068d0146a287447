//! Finding the servers that tests start. Shared with `xtask`, which installs what is missing.

use std::path::{Path, PathBuf};

/// The folder that holds `postgres` and `initdb`: on the `PATH`, or where Debian, PostgreSQL's own
/// packages and Homebrew put it (they leave it off the `PATH`).
pub(crate) fn postgres_bin() -> Option<PathBuf> {
    let whole =
        |folder: &PathBuf| folder.join("postgres").exists() && folder.join("initdb").exists();
    on_path().chain(installed()).find(whole)
}

/// `redis-server`, or Valkey's, which speaks the same.
pub(crate) fn redis_server() -> Option<PathBuf> {
    let names = ["redis-server", "valkey-server"];
    names.iter().find_map(|name| {
        on_path()
            .map(|folder| folder.join(name))
            .find(|file| file.exists())
    })
}

/// `nginx`, which Debian puts where only root looks.
pub(crate) fn nginx() -> Option<PathBuf> {
    let beside = ["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin"].map(PathBuf::from);
    let mut files = on_path().chain(beside).map(|folder| folder.join("nginx"));
    files.find(|file| file.exists())
}

fn on_path() -> impl Iterator<Item = PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).collect::<Vec<_>>().into_iter()
}

/// Folders of installed versions, the newest first.
fn installed() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for (parent, inner) in [
        ("/usr/lib/postgresql", "bin"),
        ("/usr", "bin"),
        ("/opt/homebrew/opt", "bin"),
        ("/usr/local/opt", "bin"),
    ] {
        for name in names_in(Path::new(parent)) {
            let version: String = name.chars().filter(char::is_ascii_digit).collect();
            if name.starts_with("pgsql-") || name.contains("postgresql") || name == version {
                let version: u32 = version.parse().unwrap_or(0);
                found.push((version, Path::new(parent).join(name).join(inner)));
            }
        }
    }
    found.sort_by(|a, b| b.cmp(a));
    found.into_iter().map(|(_, folder)| folder).collect()
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}
