//! Stretches of time in which visits may begin.

use jiff::{SignedDuration, Timestamp};

use super::Span;

/// What is open of one civil day, without a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Opening {
    /// When a visit may begin.
    pub(super) begin: Span,
    /// Starts are counted from here: the beginning of the opening, or of the evening before when an
    /// overnight shift reaches into this day.
    pub(super) anchor: Timestamp,
    /// Up to when a visit may last: into the next day when that opens where this one closes.
    pub(super) until: Timestamp,
}

impl Opening {
    /// Starts within `span`, each `step` after the one before, of visits that fit.
    pub(super) fn starts(
        self,
        (step, visit): (SignedDuration, SignedDuration),
        span: Span,
    ) -> impl Iterator<Item = Timestamp> {
        let to = self.begin.to.min(span.to);
        let mut next = self.first_from(self.begin.from.max(span.from), step);
        std::iter::from_fn(move || {
            let start = next.filter(|start| *start < to)?;
            if start.checked_add(visit).ok()? > self.until {
                return None;
            }
            next = start.checked_add(step).ok();
            Some(start)
        })
    }

    /// The first start that is not before `from`.
    fn first_from(&self, from: Timestamp, step: SignedDuration) -> Option<Timestamp> {
        let step = step.as_nanos();
        let behind = from.as_nanosecond() - self.anchor.as_nanosecond();
        if behind <= 0 {
            return Some(self.anchor);
        }
        let steps = (behind + step - 1) / step;
        Timestamp::from_nanosecond(self.anchor.as_nanosecond() + steps * step).ok()
    }
}
