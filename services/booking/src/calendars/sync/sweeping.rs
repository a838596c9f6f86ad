//! When everything in a calendar is read anew: pure.

use jiff::{SignedDuration, Timestamp};

use crate::calendars::store::reading::Reading;

/// The window that is read moves on with the days.
const SWEEP_EVERY: SignedDuration = SignedDuration::from_hours(24);
/// A reading of everything that was interrupted for longer begins anew.
const SWEEP_LASTS: SignedDuration = SignedDuration::from_hours(1);

pub(super) fn sweep(reading: &mut Reading, now: Timestamp) {
    reading.sync_token = None;
    reading.page_token = None;
    reading.sweep += 1;
    reading.sweeping_since = Some(now);
}

pub(super) fn is_time_to_sweep(reading: &Reading, now: Timestamp) -> bool {
    let is_past = |at: Option<Timestamp>, limit| at.is_none_or(|at| now.duration_since(at) > limit);
    match reading.sync_token {
        Some(_) => is_past(reading.swept_at, SWEEP_EVERY),
        None => is_past(reading.sweeping_since, SWEEP_LASTS),
    }
}

/// A reading of everything that has only begun has no token that could be too old.
pub(super) const fn is_fresh(reading: &Reading) -> bool {
    reading.sync_token.is_none() && reading.page_token.is_none()
}

/// Whether nobody else has read on meanwhile, after our lease ran out.
pub(super) fn is_as_seen(now: &Reading, seen: &Reading) -> bool {
    now.sync_token == seen.sync_token
        && now.page_token == seen.page_token
        && now.sweep == seen.sweep
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_read_first_and_once_a_day() {
        let now: Timestamp = "2026-12-01T08:00:00Z".parse().unwrap();
        let ago = |hours| Some(now - SignedDuration::from_hours(hours));
        let token = Some("s".to_owned());
        for (sync_token, swept_at, sweeping_since, sweeps) in [
            (None, None, None, true),
            (None, None, ago(0), false),
            (None, None, ago(2), true),
            (token.clone(), ago(1), None, false),
            (token.clone(), ago(25), None, true),
            (token, None, None, true),
        ] {
            let reading = Reading {
                sync_token,
                page_token: None,
                sweep: 1,
                swept_at,
                sweeping_since,
                failures: 0,
                channel_until: None,
            };
            assert_eq!(is_time_to_sweep(&reading, now), sweeps, "{reading:?}");
        }
    }
}
