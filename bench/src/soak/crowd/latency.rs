//! How long events took, in buckets of about three per cent.

/// Buckets of a doubling.
const FINE: u32 = 32;

/// Counts of durations.
#[derive(Clone, Debug, Default)]
pub(crate) struct Latencies {
    counts: Vec<u64>,
    all: u64,
}

impl Latencies {
    /// Adds one, in microseconds.
    pub(crate) fn add(&mut self, micros: u64) {
        let bucket = bucket(micros);
        if self.counts.len() <= bucket {
            self.counts.resize(bucket + 1, 0);
        }
        self.counts[bucket] += 1;
        self.all += 1;
    }

    /// Adds all of another.
    pub(crate) fn join(&mut self, other: &Latencies) {
        if self.counts.len() < other.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (ours, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *ours += theirs;
        }
        self.all += other.all;
    }

    /// Milliseconds that this part of all stay at or below; not a number where there are none.
    #[expect(clippy::cast_precision_loss, reason = "counts of an hour")]
    pub(crate) fn quantile(&self, part: f64) -> f64 {
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if *count > 0 && seen as f64 >= part * self.all as f64 {
                return top(bucket) as f64 / 1000.0;
            }
        }
        f64::NAN
    }
}

/// Below [`FINE`] each value has its own; above, each doubling has [`FINE`].
fn bucket(micros: u64) -> usize {
    let doublings = (micros.max(1).ilog2()).saturating_sub(FINE.ilog2());
    let within = micros >> doublings;
    usize::try_from(u64::from(doublings * FINE) + within).unwrap_or(usize::MAX)
}

/// The largest value of a bucket.
fn top(bucket: usize) -> u64 {
    let bucket = u64::try_from(bucket).unwrap_or_default();
    let fine = u64::from(FINE);
    let doublings = (bucket / fine).saturating_sub(1);
    ((bucket - doublings * fine + 1) << doublings) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_holds_its_values_and_is_about_three_per_cent_wide() {
        for micros in [0, 1, 31, 32, 33, 63, 64, 65, 1_000, 123_456, 60_000_000] {
            let top = top(bucket(micros));
            assert!(
                top >= micros && top - micros <= micros / 31,
                "{micros}: {top}"
            );
        }
    }

    #[test]
    fn the_middle_of_a_hundred_is_the_fiftieth() {
        let mut latencies = Latencies::default();
        (1..=30).for_each(|value| latencies.add(value * 1_000));
        let mut other = Latencies::default();
        (31..=100).for_each(|value| other.add(value * 1_000));
        latencies.join(&other);
        let (middle, late) = (latencies.quantile(0.5), latencies.quantile(0.99));
        assert!((50.0..52.0).contains(&middle) && (99.0..103.0).contains(&late));
        assert!(Latencies::default().quantile(0.5).is_nan());
    }
}
