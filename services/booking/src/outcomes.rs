//! How requests about bookings end, counted.

use voxanne_telemetry::names::BOOKINGS;

use crate::Error;

/// Counts a success as `good`, and a failure by what it means to the caller.
pub(crate) fn count<T>(ended: &Result<T, Error>, good: impl FnOnce(&T) -> &'static str) {
    let outcome = match ended {
        Ok(value) => good(value),
        Err(Error::SlotTaken { .. }) => "slot_taken",
        Err(
            Error::StaleVersion
            | Error::NotActive
            | Error::StateConflict(_)
            | Error::Started
            | Error::TooEarly
            | Error::NoticeTooShort
            | Error::PatientBusy
            | Error::PatientNotEligible
            | Error::TooManyHolds
            | Error::OfferOver
            | Error::EntryOver
            | Error::WaitlistFull
            | Error::SeriesNotBooked { .. },
        ) => "conflict",
        Err(
            Error::NotFound(_)
            | Error::NotNamed(_)
            | Error::PatientExists
            | Error::InUse(..)
            | Error::ExceptionExists
            | Error::RoleNotAllowed
            | Error::Refused(_),
        ) => "refused",
        Err(Error::Db(_) | Error::Unreadable(_)) => "failed",
    };
    metrics::counter!(BOOKINGS, "outcome" => outcome).increment(1);
}
