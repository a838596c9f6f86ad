//! Why something cannot be done to a patient.

use serde_json::json;
use voxanne_ids::{BookingId, PatientId};
use voxanne_problem::{Kind, Problem};

use crate::Error;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// More than one patient fits what was said.
    Ambiguous,
    /// The patient is another one now.
    Merged(PatientId),
    Erased,
    /// There are bookings to come.
    HasBookings(Vec<BookingId>),
    TooManyPhones,
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Ambiguous => Self::new(
                Kind::Conflict,
                "PATIENT_AMBIGUOUS",
                "more than one patient fits, say the date of birth too",
            ),
            Refusal::Merged(into) => Self::new(
                Kind::Conflict,
                "PATIENT_MERGED",
                "the patient was merged into another",
            )
            .with_extension(json!({ "intoId": into }).to_string()),
            Refusal::Erased => {
                Self::new(Kind::Conflict, "PATIENT_ERASED", "the patient was erased")
            }
            Refusal::HasBookings(bookings) => Self::new(
                Kind::Conflict,
                "PATIENT_HAS_BOOKINGS",
                "the patient has bookings to come, cancel them first",
            )
            .with_extension(json!({ "bookingIds": bookings }).to_string()),
            Refusal::TooManyPhones => Self::new(
                Kind::Conflict,
                "TOO_MANY_PHONES",
                "a patient has 20 numbers at most",
            ),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.into())
    }
}
