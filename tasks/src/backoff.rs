//! How long a failed job waits.

use std::time::Duration;

use rand::Rng;

const FIRST: Duration = Duration::from_secs(10);
const LONGEST: Duration = Duration::from_secs(3600);

/// 10 s after the first failed attempt, then four times as long each time, up to an hour:
/// 10 s, 40 s, 2 min 40 s, 10 min 40 s, 42 min 40 s, 1 h.
#[must_use]
pub fn exponential(attempt: u32) -> Duration {
    let factor = 4_u32.saturating_pow(attempt.saturating_sub(1));
    FIRST.saturating_mul(factor).min(LONGEST)
}

/// The delay, shorter or longer by up to a quarter, so that jobs that failed together because an
/// upstream was down do not all come back in the same second.
pub(crate) fn jittered(delay: Duration) -> Duration {
    let factor = rand::rng().random_range(0.75..=1.25);
    Duration::try_from_secs_f64(delay.as_secs_f64() * factor).unwrap_or(delay)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_grows_fourfold_and_stops_at_an_hour() {
        let seconds: Vec<u64> = (1..=7).map(|n| exponential(n).as_secs()).collect();

        assert_eq!(seconds, [10, 40, 160, 640, 2560, 3600, 3600]);
        assert_eq!(exponential(0).as_secs(), 10);
        assert_eq!(exponential(u32::MAX), LONGEST);
    }

    #[test]
    fn jitter_stays_within_a_quarter_and_survives_any_delay() {
        for _ in 0..1000 {
            let delay = jittered(Duration::from_secs(100)).as_secs_f64();
            assert!((75.0..=125.0).contains(&delay), "{delay}");
        }
        assert!(jittered(Duration::MAX) > LONGEST);
        assert_eq!(jittered(Duration::ZERO), Duration::ZERO);
    }
}
