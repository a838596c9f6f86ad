//! Why a day has no slot.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{Calendar, HORIZON, Length, Span, week};

/// A day without a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EmptyDay {
    pub(crate) date: Date,
    pub(crate) reason: Reason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    Closed,
    Full,
    Past,
    NoProvider,
}

impl Reason {
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Closed => "CLOSED",
            Self::Full => "FULL",
            Self::Past => "PAST",
            Self::NoProvider => "NO_PROVIDER",
        }
    }

    pub(crate) const fn sentence(self) -> &'static str {
        match self {
            Self::Closed => "The clinic is not open for this service on this day.",
            Self::Full => "Every time on this day is taken.",
            Self::Past => "The times on this day are over.",
            Self::NoProvider => "Nobody offers this service at the moment.",
        }
    }
}

/// The days of `span`, as `zone` counts them, on which none of `calendars` has a slot.
pub(crate) fn empty_days(
    calendars: &[&Calendar],
    length: Length,
    (span, zone): (Span, &TimeZone),
    now: Timestamp,
) -> Vec<EmptyDay> {
    let first = zone.to_datetime(span.from).date();
    let last = zone.to_datetime(span.to).date();
    week::days(first, last)
        .filter_map(|date| {
            let day = Span {
                from: week::midnight(zone, date)?.max(span.from),
                to: week::midnight(zone, date.tomorrow().ok()?)?.min(span.to),
            };
            let reason = (day.from < day.to).then(|| why_empty(calendars, length, day, now))??;
            Some(EmptyDay { date, reason })
        })
        .collect()
}

/// `None` when the day has a slot.
fn why_empty(calendars: &[&Calendar], length: Length, day: Span, now: Timestamp) -> Option<Reason> {
    if calendars.is_empty() {
        return Some(Reason::NoProvider);
    }
    if calendars
        .iter()
        .any(|one| one.slots(length, day, now).next().is_some())
    {
        return None;
    }
    let grid = || calendars.iter().flat_map(|one| one.grid(length, day));
    let ahead = |start: &Timestamp| *start > now && start.duration_since(now) <= HORIZON;
    Some(if grid().any(|start| ahead(&start)) {
        Reason::Full
    } else if grid().any(|start| start <= now) {
        Reason::Past
    } else {
        Reason::Closed
    })
}
