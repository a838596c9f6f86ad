//! Weekly hours in civil time, and the instants they stand for on a given day.

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, DateTime},
    tz::{AmbiguousOffset, TimeZone},
};

use super::Span;

/// Minutes in a civil day; a closing time of `DAY` is the end of the day.
pub(crate) const DAY: i16 = 24 * 60;

/// One stretch of a week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hours {
    /// 1 is Monday, 7 is Sunday.
    pub(crate) weekday: i8,
    /// Civil minute of the day.
    pub(crate) opens: i16,
    /// Later than `opens`, at most [`DAY`].
    pub(crate) closes: i16,
}

/// Hours that do not overlap, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Week(Vec<Hours>);

/// Two stretches of a day share a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Overlap;

impl Week {
    pub(crate) fn new(mut hours: Vec<Hours>) -> Result<Self, Overlap> {
        hours.sort_unstable();
        let overlap = hours
            .array_windows()
            .any(|[one, next]| one.weekday == next.weekday && next.opens < one.closes);
        if overlap {
            Err(Overlap)
        } else {
            Ok(Self(hours))
        }
    }

    /// Monday to Friday, 09:00 to 17:00.
    pub(crate) fn usual() -> Self {
        let day = |weekday| Hours {
            weekday,
            opens: 9 * 60,
            closes: 17 * 60,
        };
        Self((1..=5).map(day).collect())
    }

    pub(crate) fn hours(&self) -> &[Hours] {
        &self.0
    }

    /// When it is open on `date`. Hours that a change of the clock skips are left out.
    pub(super) fn on(&self, date: Date, zone: &TimeZone) -> impl Iterator<Item = Span> {
        let weekday = date.weekday().to_monday_one_offset();
        self.0
            .iter()
            .filter(move |hours| hours.weekday == weekday)
            .filter_map(move |hours| {
                let from = instant(zone, civil(date, hours.opens)?)?;
                let to = instant(zone, civil(date, hours.closes)?)?;
                (from < to).then_some(Span { from, to })
            })
    }
}

/// Dates from `first` to `last`, both included.
pub(super) fn days(first: Date, last: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(first), |day| day.tomorrow().ok())
        .take_while(move |day| *day <= last)
}

/// The instant at which `date` begins.
pub(super) fn midnight(zone: &TimeZone, date: Date) -> Option<Timestamp> {
    instant(zone, civil(date, 0)?)
}

fn civil(date: Date, minute: i16) -> Option<DateTime> {
    let date = if minute == DAY {
        date.tomorrow().ok()?
    } else {
        date
    };
    let minute = minute % DAY;
    let hour = i8::try_from(minute / 60).ok()?;
    Some(date.at(hour, i8::try_from(minute % 60).ok()?, 0, 0))
}

/// The first instant at which a wall clock shows `civil` or, where that time is skipped, the
/// instant it jumps over it.
fn instant(zone: &TimeZone, civil: DateTime) -> Option<Timestamp> {
    let found = zone.to_ambiguous_timestamp(civil);
    match found.offset() {
        AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => found.earlier().ok(),
        AmbiguousOffset::Gap { .. } => {
            let behind = found
                .later()
                .ok()?
                .checked_add(SignedDuration::from_secs(1))
                .ok()?;
            zone.preceding(behind).next().map(|jump| jump.timestamp())
        }
    }
}
