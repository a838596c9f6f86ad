//! When to try again: a pure function, for attempts that are counted in a database row.

use std::time::Duration;

/// Doubling delays between `base` and `cap`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    base: Duration,
    cap: Duration,
}

impl Backoff {
    /// Starts at `base` and never waits longer than `cap`.
    pub const fn new(base: Duration, cap: Duration) -> Self {
        Self { base, cap }
    }

    /// The wait after failed attempt number `attempt`, counted from 0.
    ///
    /// `jitter`, from 0 to 1, picks a point in the upper half of the interval: callers that failed
    /// together then do not return together, and none of them returns at once.
    pub fn delay(&self, attempt: u32, jitter: f64) -> Duration {
        let factor = 2_u32.saturating_pow(attempt.min(31));
        let longest = self.base.saturating_mul(factor).min(self.cap);
        let jitter = if jitter.is_nan() {
            1.0
        } else {
            jitter.clamp(0.0, 1.0)
        };
        longest / 2 + (longest / 2).mul_f64(jitter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_cap() {
        let backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));
        for (attempt, seconds) in [(0, 1), (1, 2), (2, 4), (5, 32), (6, 60), (40, 60)] {
            assert_eq!(
                backoff.delay(attempt, 1.0),
                Duration::from_secs(seconds),
                "{attempt}"
            );
        }
        assert_eq!(backoff.delay(u32::MAX, 1.0), Duration::from_secs(60));
    }

    #[test]
    fn jitter_keeps_at_least_half_of_the_delay() {
        let backoff = Backoff::new(Duration::from_secs(8), Duration::from_secs(60));
        for (jitter, seconds) in [
            (0.0, 4),
            (0.5, 6),
            (1.0, 8),
            (-3.0, 4),
            (9.0, 8),
            (f64::NAN, 8),
        ] {
            assert_eq!(
                backoff.delay(0, jitter),
                Duration::from_secs(seconds),
                "{jitter}"
            );
        }
    }
}
