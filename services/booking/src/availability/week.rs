//! Weekly hours in civil time, and the instants they stand for on a given day.
//!
//! The policy for changes of the clock: a civil time that comes twice is its first occurrence, one
//! that is skipped is the instant at which the clock jumps over it, and a stretch that is skipped as a
//! whole is left out. From an opening on, time is elapsed time.

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, DateTime, Weekday},
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

/// One stretch of a civil day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stretch {
    pub(crate) opens: i16,
    /// Later than `opens`, at most [`DAY`].
    pub(crate) closes: i16,
}

/// Hours that do not overlap and breaks within them, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Week {
    hours: Vec<Hours>,
    breaks: Vec<Hours>,
    /// For each day from Monday on what is left of its hours; hours that touch are one stretch.
    open: [Vec<Stretch>; 7],
}

/// Why hours and breaks make no week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contradiction {
    /// Two hours of a day share a minute.
    Hours,
    /// Two breaks of a day share a minute.
    Breaks,
    /// A break lies where nothing is open.
    BreakOutside,
}

impl Week {
    pub(crate) fn new(
        mut hours: Vec<Hours>,
        mut breaks: Vec<Hours>,
    ) -> Result<Self, Contradiction> {
        hours.sort_unstable();
        breaks.sort_unstable();
        let mut open = <[Vec<Stretch>; 7]>::default();
        for (weekday, open) in (1..).zip(&mut open) {
            let joined = joined(of_day(&hours, weekday)).ok_or(Contradiction::Hours)?;
            let pauses = of_day(&breaks, weekday);
            // Breaks that touch are still two breaks; only an overlap is a slip.
            joined_breaks(&pauses)?;
            *open = without(joined, &pauses)?;
        }
        Ok(Self {
            hours,
            breaks,
            open,
        })
    }

    /// Monday to Friday, 09:00 to 17:00.
    pub(crate) fn usual() -> Self {
        let day = |weekday| Hours {
            weekday,
            opens: 9 * 60,
            closes: 17 * 60,
        };
        Self::new((1..=5).map(day).collect(), Vec::new())
            .expect("one stretch a day overlaps with nothing")
    }

    pub(crate) fn hours(&self) -> &[Hours] {
        &self.hours
    }

    pub(crate) fn breaks(&self) -> &[Hours] {
        &self.breaks
    }

    /// What of the day can be booked.
    pub(super) fn on(&self, weekday: Weekday) -> &[Stretch] {
        let day = usize::from(weekday.to_monday_zero_offset().unsigned_abs());
        &self.open[day]
    }

    pub(super) fn breaks_on(&self, weekday: Weekday) -> impl Iterator<Item = Stretch> {
        let weekday = weekday.to_monday_one_offset();
        self.breaks
            .iter()
            .filter(move |pause| pause.weekday == weekday)
            .map(Hours::stretch)
    }
}

impl Hours {
    const fn stretch(&self) -> Stretch {
        Stretch {
            opens: self.opens,
            closes: self.closes,
        }
    }
}

fn of_day(hours: &[Hours], weekday: i8) -> Vec<Stretch> {
    hours
        .iter()
        .filter(|hours| hours.weekday == weekday)
        .map(Hours::stretch)
        .collect()
}

/// The stretches of a day in order, those that touch as one; `None` when two share a minute.
pub(crate) fn joined(mut stretches: Vec<Stretch>) -> Option<Vec<Stretch>> {
    stretches.sort_unstable();
    let mut joined: Vec<Stretch> = Vec::with_capacity(stretches.len());
    for stretch in stretches {
        match joined.last_mut() {
            Some(last) if stretch.opens < last.closes => return None,
            Some(last) if stretch.opens == last.closes => last.closes = stretch.closes,
            _ => joined.push(stretch),
        }
    }
    Some(joined)
}

fn joined_breaks(breaks: &[Stretch]) -> Result<(), Contradiction> {
    joined(breaks.to_vec())
        .map(drop)
        .ok_or(Contradiction::Breaks)
}

/// What `breaks` leave of `hours`; both in order and free of overlaps.
fn without(hours: Vec<Stretch>, breaks: &[Stretch]) -> Result<Vec<Stretch>, Contradiction> {
    let within = |pause: &Stretch| {
        hours
            .iter()
            .any(|one| one.opens <= pause.opens && pause.closes <= one.closes)
    };
    if !breaks.iter().all(within) {
        return Err(Contradiction::BreakOutside);
    }
    let mut left = Vec::with_capacity(hours.len() + breaks.len());
    for mut stretch in hours {
        for pause in breaks {
            if pause.opens < stretch.opens || pause.opens >= stretch.closes {
                continue;
            }
            if stretch.opens < pause.opens {
                left.push(Stretch {
                    closes: pause.opens,
                    ..stretch
                });
            }
            stretch.opens = pause.closes;
        }
        if stretch.opens < stretch.closes {
            left.push(stretch);
        }
    }
    Ok(left)
}

/// The instants of `stretch` on `date`; `None` when a change of the clock skips it as a whole.
pub(super) fn span(zone: &TimeZone, date: Date, stretch: Stretch) -> Option<Span> {
    let from = instant(zone, civil(date, stretch.opens)?)?;
    let to = instant(zone, civil(date, stretch.closes)?)?;
    (from < to).then_some(Span { from, to })
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
