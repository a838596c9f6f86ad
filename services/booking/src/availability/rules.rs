//! What a service asks of a start, beyond that the time is free.

use jiff::{SignedDuration, Timestamp, ToSpan as _, tz::TimeZone};

use super::{Refusal, week};

/// No service is booked further ahead.
pub(crate) const LONGEST_HORIZON: i32 = 400;

/// What a service asks of a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rules {
    /// From one start to the next; `None` is the length of the visit.
    pub(crate) step: Option<SignedDuration>,
    /// Between now and the start, compared as instants.
    pub(crate) notice: SignedDuration,
    /// How many civil days of the location the start may lie ahead.
    pub(crate) horizon: i32,
    /// Visits of this service per provider and civil day.
    pub(crate) daily_limit: Option<u32>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            step: None,
            notice: SignedDuration::ZERO,
            horizon: LONGEST_HORIZON,
            daily_limit: None,
        }
    }
}

/// Which starts notice and horizon allow at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reach {
    pub(super) now: Timestamp,
    /// From here on there is notice enough.
    earliest: Timestamp,
    /// The first instant of the first day beyond the horizon.
    pub(super) beyond: Timestamp,
}

impl Rules {
    pub(super) fn reach(&self, zone: &TimeZone, now: Timestamp) -> Reach {
        let first_day_beyond = zone
            .to_datetime(now)
            .date()
            .saturating_add((i64::from(self.horizon) + 1).days());
        Reach {
            now,
            earliest: now.saturating_add(self.notice).unwrap_or(Timestamp::MAX),
            beyond: week::midnight(zone, first_day_beyond).unwrap_or(Timestamp::MAX),
        }
    }
}

impl Reach {
    pub(super) fn allows(&self, start: Timestamp) -> Result<(), Refusal> {
        if start <= self.now {
            Err(Refusal::InPast)
        } else if start >= self.beyond {
            Err(Refusal::TooFar)
        } else if start < self.earliest {
            Err(Refusal::NoticeTooShort)
        } else {
            Ok(())
        }
    }
}
