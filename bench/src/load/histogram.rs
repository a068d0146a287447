//! Latencies of millions of deliveries in a fixed place, exact to half a percent.

/// Buckets of an octave.
const STEPS: u64 = 256;

/// Counts by nanoseconds.
pub(crate) struct Histogram {
    counts: Vec<u64>,
    total: u64,
    most: u64,
}

impl Histogram {
    /// An empty one.
    pub(crate) fn new() -> Histogram {
        Histogram {
            counts: vec![0; 64 * 256],
            total: 0,
            most: 0,
        }
    }

    /// Counts one.
    pub(crate) fn add(&mut self, nanos: u64) {
        if let Some(count) = self.counts.get_mut(place(nanos)) {
            *count += 1;
        }
        self.total += 1;
        self.most = self.most.max(nanos);
    }

    /// What this part of all stay at or below, milliseconds.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "counts of a run"
    )]
    pub(crate) fn quantile(&self, part: f64) -> f64 {
        if part >= 1.0 {
            return self.most as f64 / 1e6;
        }
        let wanted = ((part * self.total as f64).ceil() as u64).max(1);
        let mut seen = 0;
        for (index, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return middle(index as u64) as f64 / 1e6;
            }
        }
        0.0
    }
}

/// The bucket: the octave and the eight bits behind the leading one.
#[expect(clippy::cast_possible_truncation, reason = "below 64 × 256")]
fn place(nanos: u64) -> usize {
    if nanos < STEPS {
        return nanos as usize;
    }
    let octave = u64::from(nanos.ilog2()) - 8;
    ((octave + 1) * STEPS + ((nanos >> octave) - STEPS)) as usize
}

fn middle(index: u64) -> u64 {
    if index < STEPS {
        return index;
    }
    let octave = index / STEPS - 1;
    let low = (STEPS + index % STEPS) << octave;
    low + (1 << octave) / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_within_half_a_percent() {
        let mut histogram = Histogram::new();
        for micros in 1..=10_000 {
            histogram.add(micros * 1_000);
        }
        for (part, millis) in [(0.5, 5.0), (0.99, 9.9), (1.0, 10.0)] {
            assert!((histogram.quantile(part) / millis - 1.0_f64).abs() < 0.005);
        }
    }

    #[test]
    fn every_time_has_a_bucket() {
        for nanos in [0, 1, 255, 256, 1 << 20, u64::MAX] {
            assert!(place(nanos) < 64 * 256, "{nanos}");
        }
    }
}
