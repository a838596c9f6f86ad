//! The answer to a request for a series, in the form that is kept under its idempotency key.

use prost::Message as _;
use serde_json::{Value, json};
use uuid::Uuid;
use voxanne_ids::SeriesId;
use voxanne_proto::booking::v1 as proto;

use super::occurrences::Occurrence;
use crate::{
    Error,
    availability::slot::local_text,
    bookings::{Booking, answer::forget_person},
};

const BOOKED: u8 = 1;
const NOT_BOOKED: u8 = 2;

/// A visit that could not be had, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Missing {
    pub(crate) occurrence: Occurrence,
    pub(crate) reason: String,
}

/// What came of a request. Every outcome is final: the same key gets the same again.
pub(crate) enum Answer {
    Booked {
        id: SeriesId,
        bookings: Vec<Booking>,
        missing: Vec<Missing>,
    },
    /// None of them.
    NotBooked {
        /// `{"notBooked": […]}`
        missing: String,
    },
}

impl Answer {
    pub(crate) fn none(missing: &[Missing]) -> Self {
        let missing: Vec<_> = missing.iter().map(Missing::to_json).collect();
        Self::NotBooked {
            missing: json!({ "notBooked": missing }).to_string(),
        }
    }

    /// What the audit log names.
    pub(crate) fn records(&self) -> Vec<Uuid> {
        match self {
            Self::Booked { bookings, .. } => bookings.iter().flat_map(Booking::records).collect(),
            Self::NotBooked { .. } => Vec::new(),
        }
    }

    /// The answer, and the form in which it is kept.
    pub(crate) fn give(self) -> (Vec<u8>, Result<proto::CreateSeriesResponse, Error>) {
        match self {
            Self::Booked {
                id,
                bookings,
                missing,
            } => {
                let message = proto::CreateSeriesResponse {
                    id: id.to_string(),
                    bookings: bookings.into_iter().map(Into::into).collect(),
                    not_booked: missing.into_iter().map(Into::into).collect(),
                    replayed: false,
                };
                let mut bytes = vec![BOOKED];
                bytes.extend(message.encode_to_vec());
                (bytes, Ok(message))
            }
            Self::NotBooked { missing } => {
                let bytes = [&[NOT_BOOKED], missing.as_bytes()].concat();
                (bytes, Err(Error::SeriesNotBooked { missing }))
            }
        }
    }
}

/// Gives a kept answer again.
pub(crate) fn replay(kept: &[u8]) -> Result<proto::CreateSeriesResponse, Error> {
    let unreadable = || Error::Unreadable("answer");
    match kept.split_first().ok_or_else(unreadable)? {
        (&BOOKED, bytes) => {
            let message = proto::CreateSeriesResponse::decode(bytes);
            let mut message = message.map_err(|_malformed| unreadable())?;
            message.replayed = true;
            Ok(message)
        }
        (&NOT_BOOKED, bytes) => {
            let missing = String::from_utf8(bytes.to_vec()).map_err(|_malformed| unreadable())?;
            Err(Error::SeriesNotBooked { missing })
        }
        _ => Err(unreadable()),
    }
}

/// A kept answer without who was booked for, whom `nobody` stands for.
pub(crate) fn without_person(kept: &[u8], nobody: &str) -> Result<Vec<u8>, Error> {
    let Some((&BOOKED, bytes)) = kept.split_first() else {
        return Ok(kept.to_vec());
    };
    let message = proto::CreateSeriesResponse::decode(bytes);
    let mut message = message.map_err(|_malformed| Error::Unreadable("answer"))?;
    for booking in &mut message.bookings {
        forget_person(booking, nobody);
    }
    Ok([&[BOOKED], message.encode_to_vec().as_slice()].concat())
}

impl Missing {
    fn to_json(&self) -> Value {
        json!({
            "localTime": local_text(self.occurrence.local_time),
            "startsAt": self.occurrence.starts_at,
            "reason": self.reason,
        })
    }
}
