//! The recorded answers of the upstreams, which are not part of this repository.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

/// The variable that names their folder.
pub(crate) const FOLDER: &str = "STARBOARD_SAMPLES";
/// The variable that names the file in which tests note that they did not run for want of it.
pub(crate) const SKIPPED: &str = "STARBOARD_SKIPPED";

/// The folder, if one is set.
pub(crate) fn folder() -> Result<Option<PathBuf>> {
    let Some(set) = std::env::var_os(FOLDER).filter(|set| !set.is_empty()) else {
        return Ok(None);
    };
    let folder = Path::new(&set);
    match folder.canonicalize() {
        Ok(folder) if folder.is_dir() => Ok(Some(folder)),
        _ => bail!(
            "{FOLDER} is {}, and there is no such folder; set it to the folder of the recorded \
             answers, or unset it",
            folder.display()
        ),
    }
}

/// How many tests noted that they did not run; a test may ask for several files.
pub(crate) fn not_run(noted: &str) -> usize {
    noted
        .lines()
        .filter(|line| !line.is_empty())
        .collect::<BTreeSet<_>>()
        .len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_that_asks_for_several_files_counts_once() {
        assert_eq!(
            not_run("samples::eso::a\nsamples::eso::b\n\nsamples::eso::a\n"),
            2
        );
        assert_eq!(not_run(""), 0);
    }
}
