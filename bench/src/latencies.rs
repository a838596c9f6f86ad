//! Quantiles of what was measured, all of it kept.

use std::time::Duration;

/// Measured durations.
#[derive(Clone, Debug, Default)]
pub(crate) struct Latencies(Vec<Duration>);

impl Latencies {
    pub(crate) fn add(&mut self, one: Duration) {
        self.0.push(one);
    }

    pub(crate) fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }

    /// The median in whole microseconds.
    pub(crate) fn median_micros(&self) -> i64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let middle = sorted.get(sorted.len() / 2).copied().unwrap_or_default();
        i64::try_from(middle.as_micros()).unwrap_or(i64::MAX)
    }

    /// `count | p50 | p95 | p99 | max` in milliseconds.
    pub(crate) fn row(mut self) -> String {
        self.0.sort_unstable();
        let at = |per_mille: usize| {
            let place = (self.0.len() * per_mille).div_ceil(1000).saturating_sub(1);
            self.0.get(place).copied().unwrap_or_default().as_secs_f64() * 1000.0
        };
        let (p50, p95, p99, max) = (at(500), at(950), at(990), at(1000));
        format!(
            "{} | {p50:.1} | {p95:.1} | {p99:.1} | {max:.1}",
            self.0.len()
        )
    }
}
