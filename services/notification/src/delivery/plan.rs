//! When to try or to look again.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use voxanne_resilience::Backoff;

use crate::config::Timing;

/// A message that waits for something to be put right is looked at once a minute.
pub(super) const MINUTE: Duration = Duration::from_secs(60);
/// An account that refuses everything is asked less and less often.
pub(super) const FIVE_MINUTES: Duration = Duration::from_secs(300);
/// Twilio's list may lag behind, so once is not enough.
const LOOKS: u32 = 2;

/// Pauses that double from `first` up to `cap`.
pub(super) fn doubling(first: SignedDuration, cap: Duration) -> Backoff {
    // The configuration refuses durations that are not positive.
    Backoff::new(first.unsigned_abs(), cap)
}

/// What follows when Twilio's list does not show a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    LookAgain(Timestamp),
    /// It was not accepted.
    SendAgain,
    /// It was sent twice into the unknown; a third time would be too many.
    GiveUp,
}

/// Decides after `looks` readings of the list that did not show the attempt made at `attempted_at`.
pub(super) fn after_look(
    looks: u32,
    attempted_at: Timestamp,
    now: Timestamp,
    sent_again: bool,
    timing: &Timing,
) -> Next {
    let waited = now.duration_since(attempted_at);
    if looks < LOOKS || waited < timing.unknown_give_up {
        let at = now.saturating_add(timing.unknown_gap);
        return Next::LookAgain(at.unwrap_or(now));
    }
    if sent_again {
        Next::GiveUp
    } else {
        Next::SendAgain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_sent_again_only_after_two_looks_and_two_minutes() {
        let timing = Timing::default();
        let attempted_at = Timestamp::UNIX_EPOCH;
        let second = |second| Timestamp::from_second(second).unwrap();
        for (looks, now, sent_again, next) in [
            (1, 60, false, Next::LookAgain(second(90))),
            (2, 90, false, Next::LookAgain(second(120))),
            (3, 120, false, Next::SendAgain),
            (3, 120, true, Next::GiveUp),
            (1, 500, false, Next::LookAgain(second(530))),
            (2, 530, false, Next::SendAgain),
        ] {
            let decided = after_look(looks, attempted_at, second(now), sent_again, &timing);
            assert_eq!(decided, next, "{looks} {now}");
        }
    }
}
