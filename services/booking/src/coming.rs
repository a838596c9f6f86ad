//! Visits that are to come, which keep what they need from being deleted.

pub(crate) mod store;

use voxanne_ids::{LocationId, ProviderId, RoomId, ServiceId};

/// What a visit may need.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Need {
    Location(LocationId),
    Provider(ProviderId),
    Service(ServiceId),
    Room(RoomId),
}
