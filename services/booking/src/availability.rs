//! When a provider can be booked: one rule that both lists slots and judges a requested start.
//!
//! Hours are civil and become instants day by day; from an opening on, time is elapsed time. So a
//! day with 23 or 25 hours has the slots it really has.

pub(crate) mod day;
pub(crate) mod explain;
pub(crate) mod find;
pub(crate) mod offer;
mod opening;
pub(crate) mod refusal;
pub(crate) mod rules;
pub(crate) mod slot;
pub(crate) mod slot_id;
pub(crate) mod spans;
pub(crate) mod store;
#[cfg(test)]
mod tests;
pub(crate) mod week;
pub(crate) mod wire;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use voxanne_ids::RoomId;

pub(crate) use self::refusal::Refusal;
use self::{
    opening::Opening,
    rules::{Reach, Rules},
    spans::Spans,
    week::{DAY, Stretch, Week},
};

/// From the first instant up to, and without, the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
}

impl Span {
    /// Spans that only touch do not overlap.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.from < other.to && other.from < self.to
    }

    /// With as much more on both sides.
    pub(crate) fn widened(&self, by: SignedDuration) -> Self {
        Self {
            from: self.from.saturating_sub(by).unwrap_or(self.from),
            to: self.to.saturating_add(by).unwrap_or(self.to),
        }
    }

    pub(crate) fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }
}

/// How long a service takes, with what is kept free around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Length {
    pub(crate) visit: SignedDuration,
    pub(crate) before: SignedDuration,
    pub(crate) after: SignedDuration,
}

impl Length {
    pub(crate) fn visit_from(&self, start: Timestamp) -> Span {
        Span {
            from: start,
            to: start + self.visit,
        }
    }

    pub(crate) fn busy_from(&self, start: Timestamp) -> Span {
        Span {
            from: start - self.before,
            to: start + self.visit + self.after,
        }
    }

    /// The visit with what is kept free around it.
    pub(crate) fn needed(&self) -> SignedDuration {
        self.before + self.visit + self.after
    }
}

/// One provider's time, as one service may use it.
#[derive(Clone, Debug)]
pub(crate) struct Calendar {
    pub(crate) zone: TimeZone,
    pub(crate) week: Arc<Week>,
    /// Days that differ from the week.
    pub(crate) special: Arc<BTreeMap<Date, Special>>,
    /// What is taken, buffers included.
    pub(crate) busy: Spans,
    /// When the provider is not there.
    pub(crate) blocked: Spans,
    /// Those the service could use at the provider's location; `None` when it needs none.
    pub(crate) rooms: Option<Arc<[Room]>>,
    pub(crate) rules: Rules,
    /// How many visits of the service each day has; only read with a daily limit.
    pub(crate) visits: HashMap<Date, u32>,
}

/// A civil day that differs from the week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Special {
    Closed,
    /// With its name.
    Holiday(String),
    /// In order and without overlap.
    Hours(Vec<Stretch>),
}

/// A room or a device.
#[derive(Clone, Debug)]
pub(crate) struct Room {
    pub(crate) id: RoomId,
    /// What is taken of it, or blocked.
    pub(crate) busy: Spans,
}

impl Calendar {
    /// Starts in `span` that can be booked at `now`, in order.
    pub(crate) fn slots(
        &self,
        length: Length,
        span: Span,
        now: Timestamp,
    ) -> impl Iterator<Item = Timestamp> {
        let reach = self.reach(now);
        // A span of centuries is no work.
        let within = Span {
            from: span.from.clamp(now, reach.beyond),
            to: span.to.clamp(now, reach.beyond),
        };
        self.grid(length, within)
            .filter(move |start| self.free(length, *start, &reach).is_ok())
    }

    /// Whether exactly `start` can be booked at `now`; true for what [`slots`](Self::slots) lists
    /// and for nothing else.
    pub(crate) fn judge(
        &self,
        length: Length,
        start: Timestamp,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let reach = self.reach(now);
        reach.allows(start)?;
        let at_start = Span {
            from: start,
            to: start + SignedDuration::from_nanos(1),
        };
        if self.grid(length, at_start).next().is_none() {
            return Err(self.why_not_on_grid(start));
        }
        self.free(length, start, &reach)
    }

    /// The rooms that are free for a visit from `start` on; `None` when the service needs none.
    pub(crate) fn free_rooms(
        &self,
        length: Length,
        start: Timestamp,
    ) -> Option<impl Iterator<Item = RoomId>> {
        let wanted = length.busy_from(start);
        let free = move |room: &&Room| !room.busy.overlap(&wanted);
        let rooms = self.rooms.as_deref()?;
        Some(rooms.iter().filter(free).map(|room| room.id))
    }

    /// Starts in `span` that opening hours allow: each opening is divided from its beginning on.
    pub(crate) fn grid(&self, length: Length, span: Span) -> impl Iterator<Item = Timestamp> {
        let step = self.rules.step.unwrap_or(length.visit);
        let first = self.zone.to_datetime(span.from).date();
        let last = self.zone.to_datetime(span.to).date();
        week::days(first, last)
            .flat_map(move |date| self.openings(date))
            .flat_map(move |opening| opening.starts((step, length.visit), span))
    }

    /// Whether a start on the grid can be had.
    fn free(&self, length: Length, start: Timestamp, reach: &Reach) -> Result<(), Refusal> {
        reach.allows(start)?;
        let wanted = length.busy_from(start);
        if self.blocked.overlap(&wanted) {
            return Err(Refusal::Blocked);
        }
        if self.busy.overlap(&wanted) {
            return Err(Refusal::Taken);
        }
        if self.rules.daily_limit.is_some_and(|limit| {
            let date = self.zone.to_datetime(start).date();
            self.visits.get(&date).is_some_and(|count| *count >= limit)
        }) {
            return Err(Refusal::DailyLimit);
        }
        let rooms = self.free_rooms(length, start);
        if rooms.is_some_and(|mut free| free.next().is_none()) {
            return Err(Refusal::NoRoom);
        }
        Ok(())
    }

    fn reach(&self, now: Timestamp) -> Reach {
        self.rules.reach(&self.zone, now)
    }

    /// What is open on `date`, in order. An opening that ends at midnight and one that begins there
    /// are one, so that visits may last across it and an overnight shift has one grid. The grid of a
    /// day that is open around the clock begins anew, or it would begin nowhere.
    fn openings(&self, date: Date) -> impl Iterator<Item = Opening> {
        self.stretches(date).iter().filter_map(move |stretch| {
            let begin = week::span(&self.zone, date, *stretch)?;
            let evening = (stretch.opens == 0).then(|| self.evening_before(date));
            let morning = (stretch.closes == DAY).then(|| self.morning_after(date));
            Some(Opening {
                begin,
                anchor: evening.flatten().map_or(begin.from, |evening| evening.from),
                until: morning.flatten().map_or(begin.to, |morning| morning.to),
            })
        })
    }

    fn evening_before(&self, date: Date) -> Option<Span> {
        let before = date.yesterday().ok()?;
        let evening = self.stretches(before).last()?;
        let reaches = evening.closes == DAY && evening.opens > 0;
        reaches.then(|| week::span(&self.zone, before, *evening))?
    }

    fn morning_after(&self, date: Date) -> Option<Span> {
        let after = date.tomorrow().ok()?;
        let morning = self.stretches(after).first()?;
        (morning.opens == 0).then(|| week::span(&self.zone, after, *morning))?
    }

    fn stretches(&self, date: Date) -> &[Stretch] {
        match self.special.get(&date) {
            None => self.week.on(date.weekday()),
            Some(Special::Hours(stretches)) => stretches,
            Some(Special::Closed | Special::Holiday(_)) => &[],
        }
    }

    fn why_not_on_grid(&self, start: Timestamp) -> Refusal {
        let date = self.zone.to_datetime(start).date();
        if self.openings(date).any(|one| one.begin.holds(start)) {
            return Refusal::OffGrid;
        }
        let in_break = !self.special.contains_key(&date)
            && self
                .week
                .breaks_on(date.weekday())
                .filter_map(|pause| week::span(&self.zone, date, pause))
                .any(|pause| pause.holds(start));
        if in_break {
            Refusal::InBreak
        } else {
            Refusal::OutsideHours
        }
    }
}
