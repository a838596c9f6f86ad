//! When a provider can be booked: one rule that both lists slots and judges a requested start.
//!
//! Hours are civil and become instants day by day; from an opening on, time is elapsed time. So a
//! day with 23 or 25 hours has the slots it really has.

pub(crate) mod explain;
pub(crate) mod find;
pub(crate) mod offer;
pub(crate) mod slot;
pub(crate) mod slot_id;
pub(crate) mod store;
#[cfg(test)]
mod tests;
pub(crate) mod week;
pub(crate) mod wire;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use self::week::Week;

/// Nothing further away is offered.
pub(crate) const HORIZON: SignedDuration = SignedDuration::from_hours(400 * 24);

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
}

/// One provider's time.
#[derive(Clone, Debug)]
pub(crate) struct Calendar {
    pub(crate) zone: TimeZone,
    pub(crate) week: Week,
    /// What is taken, buffers included; in order, and no two overlap.
    pub(crate) busy: Vec<Span>,
}

/// Why a start cannot be booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    InPast,
    TooFar,
    OutsideHours,
    OffGrid,
    Taken,
}

impl Calendar {
    /// Starts in `span` that can be booked at `now`, in order.
    pub(crate) fn slots(
        &self,
        length: Length,
        span: Span,
        now: Timestamp,
    ) -> impl Iterator<Item = Timestamp> {
        self.grid(length, within_reach(span, now))
            .filter(move |start| {
                reachable(*start, now).is_ok() && self.is_free(&length.busy_from(*start))
            })
    }

    /// Whether exactly `start` can be booked at `now`; true for what [`slots`](Self::slots) lists
    /// and for nothing else.
    pub(crate) fn judge(
        &self,
        length: Length,
        start: Timestamp,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        reachable(start, now)?;
        let at_start = Span {
            from: start,
            to: start + SignedDuration::from_nanos(1),
        };
        if self.grid(length, at_start).next().is_none() {
            let open = self.openings(at_start).any(|opening| opening.holds(start));
            return Err(if open {
                Refusal::OffGrid
            } else {
                Refusal::OutsideHours
            });
        }
        if self.is_free(&length.busy_from(start)) {
            Ok(())
        } else {
            Err(Refusal::Taken)
        }
    }

    /// Starts in `span` that opening hours allow: each opening is divided into visits from its
    /// beginning on.
    pub(crate) fn grid(&self, length: Length, span: Span) -> impl Iterator<Item = Timestamp> {
        self.openings(span).flat_map(move |opening| {
            let mut start = opening.from;
            std::iter::from_fn(move || {
                let visit = length.visit_from(start);
                start = visit.to;
                (visit.to <= opening.to && visit.from < span.to).then_some(visit.from)
            })
            .filter(move |start| span.holds(*start))
        })
    }

    /// Opening hours that touch `span`, in order.
    fn openings(&self, span: Span) -> impl Iterator<Item = Span> {
        // A day of the clinic begins at most a day away from the same day in UTC, and an opening
        // never lasts beyond the end of its day.
        let first = self.zone.to_datetime(span.from).date();
        let last = self.zone.to_datetime(span.to).date();
        week::days(first, last)
            .flat_map(move |day| self.week.on(day, &self.zone))
            .filter(move |opening| opening.overlaps(&span))
    }

    fn is_free(&self, wanted: &Span) -> bool {
        let next = self.busy.partition_point(|taken| taken.to <= wanted.from);
        self.busy
            .get(next)
            .is_none_or(|taken| !taken.overlaps(wanted))
    }
}

fn reachable(start: Timestamp, now: Timestamp) -> Result<(), Refusal> {
    if start <= now {
        return Err(Refusal::InPast);
    }
    if start.duration_since(now) > HORIZON {
        return Err(Refusal::TooFar);
    }
    Ok(())
}

/// The part of `span` that may hold slots, so that a span of centuries is no work.
fn within_reach(span: Span, now: Timestamp) -> Span {
    let furthest = now + HORIZON + SignedDuration::from_secs(1);
    Span {
        from: span.from.clamp(now, furthest),
        to: span.to.clamp(now, furthest),
    }
}
