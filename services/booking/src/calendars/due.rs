//! When something is tried or read again: pure.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use voxanne_resilience::Backoff;

const LONGEST: Duration = Duration::from_mins(15);
/// So many failures in a row are told.
pub(super) const TOLD_AFTER: i32 = 5;

/// When to try again after failure number `failures`, counted from 1; not before `at_least`.
pub(super) fn after_failure(
    now: Timestamp,
    (failures, first): (i32, SignedDuration),
    at_least: Duration,
) -> Timestamp {
    let attempt = u32::try_from(failures - 1).unwrap_or_default();
    let pause = Backoff::new(first.unsigned_abs(), LONGEST).delay(attempt, chance());
    later(now, pause.max(at_least))
}

/// When to read a calendar next: not all of them at the same moment.
pub(super) fn next_poll(now: Timestamp, poll: SignedDuration) -> Timestamp {
    let poll = poll.unsigned_abs();
    later(now, poll.mul_f64(0.75 + chance() / 4.0))
}

fn later(now: Timestamp, pause: Duration) -> Timestamp {
    let pause = SignedDuration::try_from(pause).unwrap_or(SignedDuration::MAX);
    now.saturating_add(pause).unwrap_or(Timestamp::MAX)
}

/// From 0 to 1.
fn chance() -> f64 {
    f64::from(Uuid::new_v4().as_fields().0) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end_at_a_quarter_of_an_hour() {
        let now = Timestamp::UNIX_EPOCH;
        let first = SignedDuration::from_secs(2);
        for (failures, at_least, from, to) in [
            (1, 0, 1, 2),
            (3, 0, 4, 8),
            (60, 0, 450, 900),
            (1, 30, 30, 30),
        ] {
            let wait = Duration::from_secs(at_least);
            let next = after_failure(now, (failures, first), wait).as_second();
            assert!((from..=to).contains(&next), "{failures}: {next}");
        }
        let next = next_poll(now, SignedDuration::from_secs(240)).as_second();
        assert!((180..=240).contains(&next), "{next}");
    }
}
