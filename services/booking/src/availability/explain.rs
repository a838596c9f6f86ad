//! Why a day has no slot.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{Calendar, Length, Refusal, Span, Special, week};

/// A day without a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EmptyDay {
    pub(crate) date: Date,
    pub(crate) reason: Reason,
}

/// Why a day is empty; of several providers' reasons the latest of this list is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reason {
    NoProvider,
    Closed,
    /// With its name.
    Holiday(String),
    Break,
    Past,
    BeyondHorizon,
    NoticeTooShort,
    Blocked,
    Full,
    NoRoom,
    DailyLimit,
}

impl Reason {
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::NoProvider => "NO_PROVIDER",
            Self::Closed => "CLOSED",
            Self::Holiday(_) => "HOLIDAY",
            Self::Break => "BREAK",
            Self::Past => "PAST",
            Self::BeyondHorizon => "BEYOND_HORIZON",
            Self::NoticeTooShort => "SHORT_NOTICE",
            Self::Blocked => "BLOCKED",
            Self::Full => "FULL",
            Self::NoRoom => "NO_ROOM",
            Self::DailyLimit => "DAILY_LIMIT",
        }
    }

    /// What an agent can say.
    pub(crate) fn sentence(&self) -> String {
        let fixed = match self {
            Self::Holiday(name) => return format!("The clinic is closed on this day: {name}."),
            Self::NoProvider => "Nobody offers this service at the moment.",
            Self::Closed => "The clinic is not open for this service on this day.",
            Self::Break => "The hours of this day are taken up by a break.",
            Self::Past => "The times on this day are over.",
            Self::BeyondHorizon => "This day is too far ahead to be booked yet.",
            Self::NoticeTooShort => "This day is too soon: the service needs more notice.",
            Self::Blocked => "Nobody is available on this day.",
            Self::Full => "Every time on this day is taken.",
            Self::NoRoom => "The room that this service needs is taken on this day.",
            Self::DailyLimit => "No more visits of this kind are possible on this day.",
        };
        fixed.to_owned()
    }
}

impl From<Refusal> for Reason {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::OutsideHours | Refusal::OffGrid => Self::Closed,
            Refusal::InBreak => Self::Break,
            Refusal::InPast => Self::Past,
            Refusal::TooFar => Self::BeyondHorizon,
            Refusal::NoticeTooShort => Self::NoticeTooShort,
            Refusal::Blocked => Self::Blocked,
            Refusal::Taken => Self::Full,
            Refusal::NoRoom => Self::NoRoom,
            Refusal::DailyLimit => Self::DailyLimit,
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
            if day.from >= day.to {
                return None;
            }
            let reason = why_empty(calendars, length, (date, day), now)?;
            Some(EmptyDay { date, reason })
        })
        .collect()
}

/// `None` when the day has a slot.
fn why_empty(
    calendars: &[&Calendar],
    length: Length,
    (date, day): (Date, Span),
    now: Timestamp,
) -> Option<Reason> {
    let mut reason = Reason::NoProvider;
    for calendar in calendars {
        let reach = calendar.reach(now);
        let mut own = calendar.why_closed(date);
        for start in calendar.grid(length, day) {
            match calendar.free(length, start, &reach) {
                Ok(()) => return None,
                Err(refusal) => own = own.max(refusal.into()),
            }
        }
        reason = reason.max(own);
    }
    Some(reason)
}

impl Calendar {
    /// The reason of a day on which no visit fits into the hours.
    fn why_closed(&self, date: Date) -> Reason {
        match self.special.get(&date) {
            Some(Special::Holiday(name)) => Reason::Holiday(name.clone()),
            Some(Special::Closed | Special::Hours(_)) => Reason::Closed,
            None if self.week.breaks_on(date.weekday()).next().is_some() => Reason::Break,
            None => Reason::Closed,
        }
    }
}
