//! What can go wrong, and what the caller is told.

use std::fmt;

use tonic::Status;
use voxanne_problem::{Kind, Problem};

use crate::bookings;

/// One variant for each thing a caller can act on; the rest is a fault of ours.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Unknown, another organisation's, or not offered any more: the caller cannot tell which.
    #[error("there is no such {0}")]
    NotFound(What),
    #[error("no {0} goes by this name")]
    NotNamed(What),
    #[error("this time is taken")]
    SlotTaken {
        /// `{"alternatives": […]}`
        alternatives: String,
    },
    #[error("the booking has changed, read it again")]
    StaleVersion,
    /// Cancelled, completed or a no-show.
    #[error("the booking is over")]
    NotActive,
    #[error("this cannot be done with a booking that is {}", .0.as_str())]
    StateConflict(bookings::Status),
    #[error("the visit has begun")]
    Started,
    #[error("it is too early for this")]
    TooEarly,
    #[error("it is too late to change this by phone, the front desk can help")]
    NoticeTooShort,
    #[error("the patient is seen elsewhere at this time")]
    PatientBusy,
    #[error("this service is not for this patient")]
    PatientNotEligible,
    #[error("too many slots are held already")]
    TooManyHolds,
    #[error("this offer is over")]
    OfferOver,
    /// Booked or declined.
    #[error("this entry of the waitlist is over")]
    EntryOver,
    #[error("the waitlist is full")]
    WaitlistFull,
    #[error("the series could not be booked as a whole")]
    SeriesNotBooked {
        /// `{"notBooked": […]}`
        missing: String,
    },
    #[error("another patient has this name and number")]
    PatientExists,
    /// What is to be deleted has visits ahead of it.
    #[error("visits that are to come need this {0}")]
    InUse(What, &'static str),
    #[error("there is an exception for this day already")]
    ExceptionExists,
    #[error("your role does not allow this")]
    RoleNotAllowed,
    #[error(transparent)]
    Refused(#[from] Problem),
    #[error("database")]
    Db(#[from] sqlx::Error),
    #[error("a stored `{0}` cannot be read")]
    Unreadable(&'static str),
}

/// What a clinic has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Location,
    Provider,
    Service,
    Patient,
    Booking,
    Hold,
    Schedule,
    Room,
    Exception,
    Block,
    Task,
    Series,
    WaitlistEntry,
}

impl What {
    const fn reason(self) -> &'static str {
        match self {
            Self::Location => "LOCATION_NOT_FOUND",
            Self::Provider => "PROVIDER_NOT_FOUND",
            Self::Service => "SERVICE_NOT_FOUND",
            Self::Patient => "PATIENT_NOT_FOUND",
            Self::Booking => "BOOKING_NOT_FOUND",
            Self::Hold => "HOLD_NOT_FOUND",
            Self::Schedule => "SCHEDULE_NOT_FOUND",
            Self::Room => "ROOM_NOT_FOUND",
            Self::Exception => "EXCEPTION_NOT_FOUND",
            Self::Block => "BLOCK_NOT_FOUND",
            Self::Task => "TASK_NOT_FOUND",
            Self::Series => "SERIES_NOT_FOUND",
            Self::WaitlistEntry => "WAITLIST_ENTRY_NOT_FOUND",
        }
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Location => "location",
            Self::Provider => "provider",
            Self::Service => "service",
            Self::Patient => "patient",
            Self::Booking => "booking",
            Self::Hold => "hold",
            Self::Schedule => "schedule",
            Self::Room => "room",
            Self::Exception => "exception",
            Self::Block => "block",
            Self::Task => "task",
            Self::Series => "series",
            Self::WaitlistEntry => "entry of the waitlist",
        })
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        match error {
            Error::NotFound(what) | Error::NotNamed(what) => {
                Self::not_found(what.reason(), message)
            }
            Error::SlotTaken { alternatives } => {
                Self::new(Kind::Conflict, "SLOT_TAKEN", message).with_extension(alternatives)
            }
            Error::StaleVersion => Self::new(Kind::Conflict, "STALE_VERSION", message),
            Error::NotActive => Self::new(Kind::Conflict, "BOOKING_NOT_ACTIVE", message),
            Error::StateConflict(_) => Self::new(Kind::Conflict, "STATE_CONFLICT", message),
            Error::Started => Self::new(Kind::Conflict, "BOOKING_STARTED", message),
            Error::TooEarly => Self::new(Kind::Conflict, "TOO_EARLY", message),
            Error::NoticeTooShort => Self::new(Kind::Conflict, "NOTICE_TOO_SHORT", message),
            Error::PatientBusy => Self::new(Kind::Conflict, "PATIENT_BUSY", message),
            Error::PatientNotEligible => Self::new(Kind::Conflict, "PATIENT_NOT_ELIGIBLE", message),
            Error::TooManyHolds => Self::new(Kind::Conflict, "TOO_MANY_HOLDS", message),
            Error::OfferOver => Self::new(Kind::Conflict, "OFFER_OVER", message),
            Error::EntryOver => Self::new(Kind::Conflict, "WAITLIST_ENTRY_OVER", message),
            Error::WaitlistFull => Self::new(Kind::Conflict, "WAITLIST_FULL", message),
            Error::SeriesNotBooked { missing } => {
                Self::new(Kind::Conflict, "SERIES_NOT_BOOKED", message).with_extension(missing)
            }
            Error::PatientExists => Self::new(Kind::Conflict, "PATIENT_EXISTS", message),
            Error::InUse(_, reason) => Self::new(Kind::Conflict, reason, message),
            Error::ExceptionExists => Self::new(Kind::Conflict, "EXCEPTION_EXISTS", message),
            Error::RoleNotAllowed => Self::new(Kind::Forbidden, "ROLE_INSUFFICIENT", message),
            Error::Refused(problem) => problem,
            Error::Db(source) => voxanne_pg::problem(source),
            Error::Unreadable(_) => Self::internal(error),
        }
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        Problem::from(error).into()
    }
}

/// Whether a statement failed on `constraint`.
pub(crate) fn violates(error: &sqlx::Error, constraint: &str) -> bool {
    error
        .as_database_error()
        .is_some_and(|db| db.constraint() == Some(constraint))
}
