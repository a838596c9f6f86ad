//! Where a booking stands, and what may become of it.

use jiff::{SignedDuration, Timestamp};

use crate::{Error, availability::Span};

/// A patient may come early, but not on another day.
const EARLY: SignedDuration = SignedDuration::from_hours(12);

/// Where a booking stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Waits for the clinic's approval; its time is taken all the same.
    Requested,
    Booked,
    Confirmed,
    Arrived,
    Completed,
    NoShow,
    Cancelled,
}

/// What somebody wants of a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    Approve,
    Decline,
    Confirm,
    Cancel,
    Arrive,
    Complete,
    NoShow,
}

/// What a wish comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    To(Status),
    /// It is so already.
    Done,
    Never,
}

impl Status {
    /// Whether a booking of this status keeps others away.
    pub(crate) const fn blocks(self) -> bool {
        !matches!(self, Self::NoShow | Self::Cancelled)
    }

    /// Whether the visit is still ahead, so that it can be moved.
    const fn is_ahead(self) -> bool {
        matches!(self, Self::Requested | Self::Booked | Self::Confirmed)
    }

    const fn after(self, wish: Wish) -> Next {
        use Next::{Done, Never, To};
        match (wish, self) {
            (Wish::Approve, Self::Requested) => To(Self::Booked),
            (Wish::Approve, Self::Booked | Self::Confirmed | Self::Arrived | Self::Completed)
            | (Wish::Decline | Wish::Cancel, Self::Cancelled)
            | (Wish::Confirm, Self::Confirmed | Self::Arrived | Self::Completed)
            | (Wish::Arrive, Self::Arrived | Self::Completed)
            | (Wish::Complete, Self::Completed)
            | (Wish::NoShow, Self::NoShow) => Done,
            (Wish::Decline, Self::Requested)
            | (Wish::Cancel, Self::Requested | Self::Booked | Self::Confirmed | Self::Arrived) => {
                To(Self::Cancelled)
            }
            (Wish::Confirm, Self::Booked) => To(Self::Confirmed),
            (Wish::Arrive, Self::Booked | Self::Confirmed) => To(Self::Arrived),
            (Wish::Complete, Self::Booked | Self::Confirmed | Self::Arrived) => To(Self::Completed),
            (Wish::NoShow, Self::Booked | Self::Confirmed) => To(Self::NoShow),
            _ => Never,
        }
    }
}

/// What decides about a booking: as it is now, and nobody changes it meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) status: Status,
    /// Grows by one with every change.
    pub(crate) version: i64,
    pub(crate) visit: Span,
    /// How long before the visit a patient may still cancel or move it alone.
    pub(crate) notice: SignedDuration,
}

/// Who wants something, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asker {
    /// The version its caller has seen, when the wish is only good for that.
    pub(crate) seen: Option<i64>,
    /// A patient, by phone; staff are not bound by notice.
    pub(crate) is_patient: bool,
    pub(crate) now: Timestamp,
}

impl Standing {
    /// The status that follows, or `None` when nothing is left to do.
    pub(crate) fn decide(self, wish: Wish, asker: Asker) -> Result<Option<Status>, Error> {
        self.check_version(asker)?;
        match self.status.after(wish) {
            Next::Done => Ok(None),
            Next::Never => Err(self.impossible()),
            Next::To(status) => {
                self.check_time(wish, asker)?;
                Ok(Some(status))
            }
        }
    }

    /// Whether the visit may be moved to another time.
    pub(crate) fn check_move(self, asker: Asker) -> Result<(), Error> {
        self.check_version(asker)?;
        if !self.status.is_ahead() {
            return Err(self.impossible());
        }
        self.check_time(Wish::Cancel, asker)
    }

    fn check_version(self, asker: Asker) -> Result<(), Error> {
        match asker.seen {
            Some(version) if version != self.version => Err(Error::StaleVersion),
            _ => Ok(()),
        }
    }

    /// Over is over; what is still going on may yet become possible.
    const fn impossible(self) -> Error {
        match self.status {
            Status::Cancelled | Status::Completed | Status::NoShow => Error::NotActive,
            _ => Error::StateConflict(self.status),
        }
    }

    fn check_time(self, wish: Wish, asker: Asker) -> Result<(), Error> {
        let Asker {
            is_patient, now, ..
        } = asker;
        let begun = self.visit.from <= now;
        let ahead = self.visit.from.duration_since(now);
        match wish {
            // Who has come and leaves again has cancelled late, but has cancelled.
            Wish::Cancel if self.status == Status::Arrived => Ok(()),
            Wish::Approve | Wish::Cancel if begun => Err(Error::Started),
            Wish::Cancel if is_patient && ahead < self.notice => Err(Error::NoticeTooShort),
            Wish::Arrive if ahead > EARLY => Err(Error::TooEarly),
            Wish::Complete | Wish::NoShow if !begun => Err(Error::TooEarly),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
