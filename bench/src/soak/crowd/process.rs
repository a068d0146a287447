//! What a process holds, as the kernel tells, and whether that grows.

use anyhow::Context;

use super::about;

/// What a process held at some moment.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sample {
    /// Seconds since the begin.
    pub(crate) at: f64,
    /// Resident memory, MiB.
    pub(crate) resident: f64,
    /// The same, with what is shared divided among those who share it; 0 where it is not told.
    pub(crate) proportional: f64,
    /// Threads.
    pub(crate) threads: u32,
    /// Open files.
    pub(crate) files: usize,
}

/// What a process holds now.
pub(crate) fn sample(process: u32, at: f64) -> anyhow::Result<Sample> {
    let status = about(process, "status")?;
    let rollup = about(process, "smaps_rollup").unwrap_or_default();
    let files = std::fs::read_dir(format!("/proc/{process}/fd")).context("its open files")?;
    Ok(Sample {
        at,
        resident: value(&status, "VmRSS:").context("VmRSS")? / 1024.0,
        proportional: value(&rollup, "Pss:").unwrap_or_default() / 1024.0,
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a few dozen"
        )]
        threads: value(&status, "Threads:").context("Threads")? as u32,
        files: files.count(),
    })
}

fn value(text: &str, name: &str) -> Option<f64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}

/// Median memory of the second quarter and of the last one, MiB.
pub(crate) fn growth(samples: &[Sample]) -> Option<(f64, f64)> {
    let quarter = samples.len() / 4;
    let median = |from: usize| {
        let part = samples.get(from..from + quarter)?;
        let mut values: Vec<f64> = part.iter().map(|sample| sample.resident).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied()
    };
    Some((median(quarter)?, median(samples.len() - quarter)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters_are_told_apart_and_too_few_samples_have_none() {
        let samples: Vec<Sample> = [90, 10, 50, 52, 51, 7, 7, 7, 60, 61, 62, 99]
            .map(|resident| Sample {
                resident: f64::from(resident),
                ..Sample::default()
            })
            .into();
        assert_eq!(growth(&samples), Some((51.0, 62.0)));
        assert_eq!(growth(&samples[..3]), None);
    }

    #[test]
    fn this_process_has_memory_threads_and_files() {
        let here = sample(std::process::id(), 0.0).expect("a sample");
        assert!(here.resident > 1.0 && here.threads >= 1 && here.files >= 3);
    }
}
