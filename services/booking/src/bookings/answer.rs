//! The answer to a request to book, in the form that is kept under its idempotency key.

use prost::Message as _;
use uuid::Uuid;
use voxanne_ids::{BookingId, PatientId};
use voxanne_proto::booking::v1 as proto;

use super::Booking;
use crate::Error;

const BOOKED: u8 = 1;
const SLOT_TAKEN: u8 = 2;
const PATIENT_BUSY: u8 = 3;

/// What came of a request. Every outcome is final: the same key gets the same again.
#[derive(Clone)]
pub(crate) enum Answer {
    Booked(Box<Booking>),
    /// The call had this booking already.
    Had(Box<Booking>),
    SlotTaken {
        /// `{"alternatives": […]}`
        alternatives: String,
    },
    /// The patient is seen elsewhere then.
    PatientBusy,
}

impl Answer {
    pub(crate) fn encode(&self) -> Vec<u8> {
        match self {
            Self::Booked(booking) | Self::Had(booking) => {
                let mut bytes = vec![BOOKED];
                bytes.extend(message(booking, false).encode_to_vec());
                bytes
            }
            Self::SlotTaken { alternatives } => [&[SLOT_TAKEN], alternatives.as_bytes()].concat(),
            Self::PatientBusy => vec![PATIENT_BUSY],
        }
    }

    pub(crate) fn give(self) -> Result<proto::CreateBookingResponse, Error> {
        match self {
            Self::Booked(booking) => Ok(message(&booking, false)),
            Self::Had(booking) => Ok(message(&booking, true)),
            Self::SlotTaken { alternatives } => Err(Error::SlotTaken { alternatives }),
            Self::PatientBusy => Err(Error::PatientBusy),
        }
    }
}

/// Gives a kept answer again.
pub(crate) fn replay(kept: &[u8]) -> Result<proto::CreateBookingResponse, Error> {
    let unreadable = || Error::Unreadable("answer");
    match kept.split_first().ok_or_else(unreadable)? {
        (&BOOKED, bytes) => {
            let message = proto::CreateBookingResponse::decode(bytes);
            let mut message = message.map_err(|_malformed| unreadable())?;
            message.replayed = true;
            Ok(message)
        }
        (&SLOT_TAKEN, bytes) => {
            let text = String::from_utf8(bytes.to_vec()).map_err(|_malformed| unreadable())?;
            Err(Error::SlotTaken { alternatives: text })
        }
        (&PATIENT_BUSY, []) => Err(Error::PatientBusy),
        _ => Err(unreadable()),
    }
}

/// A kept answer without who was booked for, whom `nobody` stands for.
pub(crate) fn without_person(kept: &[u8], nobody: &str) -> Result<Vec<u8>, Error> {
    let unreadable = |_malformed| Error::Unreadable("answer");
    let Some((&BOOKED, bytes)) = kept.split_first() else {
        return Ok(kept.to_vec());
    };
    let mut message = proto::CreateBookingResponse::decode(bytes).map_err(unreadable)?;
    if let Some(booking) = &mut message.booking {
        forget_person(booking, nobody);
    }
    Ok([&[BOOKED], message.encode_to_vec().as_slice()].concat())
}

/// Puts `nobody` in the place of who was booked for.
pub(crate) fn forget_person(booking: &mut proto::Booking, nobody: &str) {
    booking.notes.clear();
    for change in &mut booking.history {
        change.reason.clear();
    }
    let id = booking.patient.take().unwrap_or_default().id;
    booking.patient = Some(proto::Patient {
        id,
        name: nobody.to_owned(),
        ..proto::Patient::default()
    });
}

/// What the audit log names when an answer is given again.
pub(crate) fn records(shown: &proto::CreateBookingResponse) -> Vec<Uuid> {
    let Some(booking) = &shown.booking else {
        return Vec::new();
    };
    let patient = booking.patient.as_ref();
    let ids = [
        booking.id.parse().map(|id: BookingId| id.as_uuid()).ok(),
        patient.and_then(|one| Some(one.id.parse::<PatientId>().ok()?.as_uuid())),
    ];
    ids.into_iter().flatten().collect()
}

fn message(booking: &Booking, replayed: bool) -> proto::CreateBookingResponse {
    proto::CreateBookingResponse {
        booking: Some(booking.clone().into()),
        replayed,
    }
}
