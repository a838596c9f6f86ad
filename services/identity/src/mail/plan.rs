//! When to try again, and when to stop.

use std::time::Duration;

use jiff::Timestamp;
use voxanne_resilience::Backoff;

/// A server that greylists lets the second or third try through; one that is away is back within
/// hours or not in time.
const BACKOFF: Backoff = Backoff::new(Duration::from_secs(4), Duration::from_secs(15 * 60));
/// With the pauses above, four hours of a server that refuses.
const MOST_ATTEMPTS: i32 = 24;

/// What became of one try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The server took it over.
    Accepted,
    /// The server will never take it, e.g. because there is no such address.
    Refused,
    /// The server did not answer, or asks for patience, or for other credentials.
    NotNow,
}

/// What follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Sent,
    Failed,
    TryAt(Timestamp),
}

/// Decides after try number `attempts`, counted from 1; `jitter` is from 0 to 1.
pub(super) fn next(outcome: Outcome, attempts: i32, now: Timestamp, jitter: f64) -> Next {
    match outcome {
        Outcome::Accepted => Next::Sent,
        Outcome::Refused => Next::Failed,
        Outcome::NotNow if attempts >= MOST_ATTEMPTS => Next::Failed,
        Outcome::NotNow => {
            let tries_before = u32::try_from(attempts - 1).unwrap_or_default();
            let pause = BACKOFF.delay(tries_before, jitter);
            let pause = jiff::SignedDuration::try_from(pause).expect("the cap is minutes");
            Next::TryAt(now.saturating_add(pause).unwrap_or(Timestamp::MAX))
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn a_mail_is_tried_again_a_bounded_number_of_times() {
        let now: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        let after = |seconds| Next::TryAt(now + SignedDuration::from_secs(seconds));
        for (outcome, attempts, expected) in [
            (Outcome::Accepted, 1, Next::Sent),
            (Outcome::Accepted, MOST_ATTEMPTS, Next::Sent),
            (Outcome::Refused, 1, Next::Failed),
            (Outcome::NotNow, 1, after(4)),
            (Outcome::NotNow, 3, after(16)),
            (Outcome::NotNow, MOST_ATTEMPTS - 1, after(900)),
            (Outcome::NotNow, MOST_ATTEMPTS, Next::Failed),
        ] {
            assert_eq!(next(outcome, attempts, now, 1.0), expected, "{attempts}");
        }
    }
}
