//! The rule behind a rate: the generic cell rate algorithm, on numbers alone.
//!
//! Everything that was allowed and is not paid off by time yet is the backlog, in microseconds. Each
//! one allowed adds the rate's increment, time takes away, and a burst is how much there may be.

use std::time::Duration;

use crate::Rate;

/// How much of a rate is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How many may come at once after a pause.
    pub limit: u32,
    /// How many may come at once now.
    pub remaining: u32,
    /// Until all of them may again.
    pub reset: Duration,
}

/// How many of `wanted` may come.
pub(crate) fn grant(rate: Rate, backlog: u64, wanted: u32) -> u32 {
    wanted.min(room(rate, backlog))
}

/// The backlog after `granted` came.
pub(crate) fn after(rate: Rate, backlog: u64, granted: u32) -> u64 {
    backlog.saturating_add(rate.increment().saturating_mul(u64::from(granted)))
}

/// Until one more may come.
pub(crate) fn wait(rate: Rate, backlog: u64) -> Duration {
    Duration::from_micros(after(rate, backlog, 1).saturating_sub(depth(rate)))
}

pub(crate) fn standing(rate: Rate, backlog: u64) -> Standing {
    Standing {
        limit: rate.burst.get(),
        remaining: room(rate, backlog),
        reset: Duration::from_micros(backlog),
    }
}

pub(crate) fn depth(rate: Rate) -> u64 {
    rate.increment().saturating_mul(u64::from(rate.burst.get()))
}

fn room(rate: Rate, backlog: u64) -> u32 {
    let room = depth(rate).saturating_sub(backlog) / rate.increment().max(1);
    u32::try_from(room).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use proptest::prelude::*;

    use super::*;

    fn rates() -> impl Strategy<Value = Rate> {
        (1..5000u32, 1..3600u64, 1..500u32).prop_map(|(count, seconds, burst)| Rate {
            count: NonZeroU32::new(count).unwrap(),
            per: Duration::from_secs(seconds),
            burst: NonZeroU32::new(burst).unwrap(),
        })
    }

    proptest! {
        /// In any stretch of time no more come than a burst and what the time refills.
        #[test]
        fn no_stretch_of_time_sees_more_than_the_rate(
            rate in rates(),
            steps in prop::collection::vec((0..2_000_000u64, 1..10u32), 1..200),
        ) {
            let (mut now, mut backlog) = (0, 0u64);
            let mut allowed = Vec::new();
            for (pause, wanted) in steps {
                now += pause;
                backlog = backlog.saturating_sub(pause);
                let granted = grant(rate, backlog, wanted);
                backlog = after(rate, backlog, granted);
                allowed.push((now, u64::from(granted)));
            }
            for first in 0..allowed.len() {
                let mut sum = 0;
                for (at, granted) in &allowed[first..] {
                    sum += granted;
                    let refilled = (at - allowed[first].0) / rate.increment();
                    prop_assert!(sum <= u64::from(rate.burst.get()) + refilled + 1);
                }
            }
        }

        /// Whoever is refused and waits as long as told is let through, and not before.
        #[test]
        fn the_wait_is_exact(rate in rates(), backlog in 0..10_000_000_000u64) {
            let wait = wait(rate, backlog);
            let wait = u64::try_from(wait.as_micros()).unwrap();
            prop_assert_eq!(wait == 0, grant(rate, backlog, 1) == 1);
            prop_assert_eq!(grant(rate, backlog.saturating_sub(wait), 1), 1);
            if wait > 0 {
                prop_assert_eq!(grant(rate, backlog - (wait - 1), 1), 0);
            }
        }

        /// What is said to remain can be taken, and nothing more.
        #[test]
        fn what_remains_can_be_taken(rate in rates(), backlog in 0..10_000_000_000u64) {
            let left = standing(rate, backlog).remaining;
            prop_assert_eq!(grant(rate, backlog, u32::MAX), left);
            prop_assert_eq!(grant(rate, after(rate, backlog, left), 1), 0);
        }
    }
}
