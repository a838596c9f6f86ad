//! Why a start cannot be booked.

/// Why a start cannot be booked; the later of two is nearer to a time that can.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Refusal {
    OutsideHours,
    InBreak,
    OffGrid,
    InPast,
    TooFar,
    NoticeTooShort,
    /// The provider is not there.
    Blocked,
    Taken,
    NoRoom,
    DailyLimit,
}

impl Refusal {
    /// The start was as good as any and somebody else has it, so that another time may do.
    pub(crate) const fn is_taken(self) -> bool {
        match self {
            Self::Blocked | Self::Taken | Self::NoRoom | Self::DailyLimit => true,
            Self::OutsideHours
            | Self::InBreak
            | Self::OffGrid
            | Self::InPast
            | Self::TooFar
            | Self::NoticeTooShort => false,
        }
    }

    /// Staff may book all the same, for a reason: it is their hours, their rooms and their word. Only
    /// time itself says no.
    pub(crate) const fn is_for_staff_to_ignore(self) -> bool {
        !matches!(self, Self::InPast | Self::TooFar)
    }

    /// What a caller is told: a code, and what the time must be.
    pub(crate) const fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::OutsideHours => ("OUTSIDE_HOURS", "must lie within the opening hours"),
            Self::InBreak => ("IN_BREAK", "must not lie within a break"),
            Self::OffGrid => ("OFF_GRID", "must be one of the times that are offered"),
            Self::InPast => ("IN_PAST", "must lie in the future"),
            Self::TooFar => (
                "TOO_FAR",
                "must not be further ahead than the service is booked",
            ),
            Self::NoticeTooShort => (
                "TOO_SOON",
                "must leave the notice that the service asks for",
            ),
            Self::Blocked | Self::Taken => ("TAKEN", "must be free"),
            Self::NoRoom => ("NO_ROOM", "must be when a room is free"),
            Self::DailyLimit => (
                "DAILY_LIMIT",
                "must be on a day that can take another visit",
            ),
        }
    }
}
