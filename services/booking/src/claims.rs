//! What a booking or a hold takes: a resource for a stretch of time.
//!
//! Claims of one owner are taken all at once or not at all, in the order of the resources' ids, so
//! that two who want the same ones never wait for each other in a circle.

pub(crate) mod store;

use uuid::Uuid;
use voxanne_ids::{BookingId, HoldId, PatientId, ProviderId, RoomId};

use crate::availability::Span;

/// Something that can be in one place at a time only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resource {
    Provider(ProviderId),
    Room(RoomId),
    Patient(PatientId),
}

/// A resource and when it is not to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) resource: Resource,
    pub(crate) busy: Span,
}

/// For whom something is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    Booking(BookingId),
    Hold(HoldId),
}

/// How something is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Nobody else may have it.
    Exclusive,
    /// Over whatever is taken, by staff.
    Overbooked,
}

impl Resource {
    pub(crate) const fn as_uuid(&self) -> Uuid {
        match self {
            Self::Provider(id) => id.as_uuid(),
            Self::Room(id) => id.as_uuid(),
            Self::Patient(id) => id.as_uuid(),
        }
    }
}

impl Owner {
    const fn as_uuid(&self) -> Uuid {
        match self {
            Self::Booking(id) => id.as_uuid(),
            Self::Hold(id) => id.as_uuid(),
        }
    }
}
