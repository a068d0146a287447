//! Recorded answers of the upstreams. They are not part of this repository: `STARBOARD_SAMPLES`
//! names their folder, and without it the tests that need them do not run and say so.

use std::io::Write;
use std::panic::Location;
use std::path::{Path, PathBuf};

use domain::Record;
use upstream::Harvest;

/// A recorded answer, such as `jwst/20250728_report_20250725.txt`; `None` when no folder is set.
/// Panics when one is set and the file is not there.
#[track_caller]
pub(crate) fn file(path: &str) -> Option<Vec<u8>> {
    let file = folder()?.join(path);
    match std::fs::read(&file) {
        Ok(bytes) => Some(bytes),
        Err(error) => panic!("STARBOARD_SAMPLES is set, but {}: {error}", file.display()),
    }
}

/// The recorded answers of a source, in the order of their names; `None` when no folder is set.
/// Panics when one is set and the source is not there.
#[track_caller]
pub(crate) fn files(source: &str) -> Option<Vec<PathBuf>> {
    let folder = folder()?.join(source);
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) => panic!(
            "STARBOARD_SAMPLES is set, but {}: {error}",
            folder.display()
        ),
    };
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = paths
        .filter(|path| path.is_file() && !is_note(path))
        .collect();
    files.sort();
    assert!(
        !files.is_empty(),
        "STARBOARD_SAMPLES is set, but {} is empty",
        folder.display()
    );
    Some(files)
}

/// What a harvest tells of one activity.
#[track_caller]
pub(crate) fn record<'h>(harvest: &'h Harvest, obs_id: &str) -> &'h Record {
    let mut found = harvest.readable().filter(|record| record.obs_id == obs_id);
    found.next().unwrap_or_else(|| panic!("no {obs_id}"))
}

/// What a person wrote about the answers is none of them.
fn is_note(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "md")
}

#[track_caller]
fn folder() -> Option<PathBuf> {
    let set = std::env::var_os("STARBOARD_SAMPLES").filter(|set| !set.is_empty());
    if set.is_none() {
        note_not_run(Location::caller());
    }
    set.map(PathBuf::from)
}

/// Tells `cargo xtask test`, by a line in the file it named, that this test did not run.
fn note_not_run(caller: &Location<'_>) {
    eprintln!("NOT RUN (set STARBOARD_SAMPLES)");
    let Some(list) = std::env::var_os("STARBOARD_SKIPPED") else {
        return;
    };
    // A test's thread has its name, unless tests run one at a time.
    let thread = std::thread::current();
    let name = match thread.name() {
        Some(name) if name.contains("::") => name.to_owned(),
        _ => caller.to_string(),
    };
    let list = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(list);
    // One write: lines of tests that run side by side must not mix.
    list.unwrap()
        .write_all(format!("{name}\n").as_bytes())
        .unwrap();
}
