//! Adding up the closing lines of test runs.

use std::io::{BufRead, BufReader, Write};
use std::ops::AddAssign;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::cargo;

/// What test runs counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Tests that passed.
    pub(crate) passed: usize,
    /// Tests, checks and whole runs that failed.
    pub(crate) failed: usize,
}

impl Tally {
    /// Reads libtest's closing line (`test result: ok. 3 passed; 0 failed; …`).
    pub(crate) fn read(line: &str) -> Option<Tally> {
        let counts = line
            .trim()
            .strip_prefix("test result: ")?
            .split_once(". ")?
            .1;
        let count = |word: &str| {
            let mut parts = counts.split("; ");
            parts.find_map(|part| part.strip_suffix(word)?.trim().parse().ok())
        };
        Some(Tally {
            passed: count("passed")?,
            failed: count("failed")?,
        })
    }
}

impl Tally {
    /// Reads Vitest's closing line (`Tests  1 failed | 12 passed (13)`).
    pub(crate) fn read_vitest(line: &str) -> Option<Tally> {
        let counts = line.trim().strip_prefix("Tests ")?;
        let count = |word: &str| {
            let mut parts = counts.split(['|', '(']);
            let found = parts.find_map(|part| part.trim().strip_suffix(word)?.trim().parse().ok());
            found.unwrap_or_default()
        };
        let tally = Tally {
            passed: count("passed"),
            failed: count("failed"),
        };
        (tally != Tally::default()).then_some(tally)
    }
}

/// Runs a command, repeating its output as it comes and adding up the counts that `read` finds in it.
pub(crate) fn counted(
    command: &mut Command,
    read: fn(&str) -> Option<Tally>,
    failures: &mut Vec<String>,
) -> Result<Tally> {
    let mut child = command
        // Colours would stand between the words that are counted by.
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("starting {}", cargo::shown(command)))?;
    let stdout = child.stdout.take().context("its output")?;
    let mut tally = Tally::default();
    let mut out = std::io::stdout().lock();
    for line in BufReader::new(stdout).split(b'\n') {
        let line = line?;
        out.write_all(&line)?;
        out.write_all(b"\n")?;
        out.flush()?;
        if let Some(more) = read(&String::from_utf8_lossy(&line)) {
            tally += more;
        }
    }
    drop(out);
    let status = child.wait()?;
    // A build that fails or a run that dies leaves no closing line to count.
    if !status.success() && tally.failed == 0 {
        failures.push(format!("{} ended with {status}", cargo::shown(command)));
    }
    Ok(tally)
}

impl AddAssign for Tally {
    fn add_assign(&mut self, more: Tally) {
        self.passed += more.passed;
        self.failed += more.failed;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_are_read_and_other_lines_are_not() {
        let good = "test result: ok. 31 passed; 0 failed; 0 ignored; 0 measured; 2 filtered out; finished in 0.01s";
        let bad = "test result: FAILED. 4 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s\n";

        assert_eq!(
            Tally::read(good),
            Some(Tally {
                passed: 31,
                failed: 0
            })
        );
        assert_eq!(
            Tally::read(bad),
            Some(Tally {
                passed: 4,
                failed: 1
            })
        );
        assert_eq!(Tally::read("test row::tests::a_row ... ok"), None);
        assert_eq!(Tally::read("test result: odd"), None);
    }

    #[test]
    fn closing_lines_of_the_web_app_are_read_as_well() {
        assert_eq!(
            Tally::read_vitest("      Tests  1 failed | 12 passed (13)"),
            Some(Tally {
                passed: 12,
                failed: 1
            })
        );
        assert_eq!(
            Tally::read_vitest("Tests  7 passed (7)"),
            Some(Tally {
                passed: 7,
                failed: 0
            })
        );
        assert_eq!(Tally::read_vitest(" Test Files  2 passed (2)"), None);
    }
}
