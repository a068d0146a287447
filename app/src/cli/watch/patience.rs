//! How long to wait before trying again.

use std::time::Duration;

use rand::Rng;

/// The first wait, and what it grows from.
const FIRST: Duration = Duration::from_millis(500);
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(30);

/// Waits that double, each with jitter, so that those who lost a server together do not come back
/// together.
#[derive(Debug, Default)]
pub(super) struct Patience {
    tries: u32,
}

impl Patience {
    /// The next wait: between half and all of what it has grown to.
    pub(super) fn next(&mut self) -> Duration {
        let most = FIRST.saturating_mul(1 << self.tries.min(10)).min(LONGEST);
        self.tries = self.tries.saturating_add(1);
        most.mul_f64(rand::rng().random_range(0.5..=1.0))
    }

    /// Something came through: the next wait is short again.
    pub(super) fn renew(&mut self) {
        self.tries = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_half_a_minute_and_are_never_the_whole_truth() {
        let mut patience = Patience::default();
        for most in [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000] {
            let wait = patience.next().as_millis();
            assert!((most / 2..=most).contains(&wait), "{wait} of {most}");
        }
        patience.renew();
        assert!(patience.next() <= FIRST);
    }
}
