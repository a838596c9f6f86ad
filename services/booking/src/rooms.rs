//! Rooms and devices that visits may need.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod store;
pub(crate) mod update;
pub(crate) mod wire;

use voxanne_ids::{LocationId, RoomId};

use crate::fields::{Kind, Name};

#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Room {
    pub(crate) id: RoomId,
    pub(crate) name: String,
    pub(crate) location_id: LocationId,
    /// What a service asks for.
    pub(crate) kind: String,
    /// An inactive room is not given away.
    pub(crate) active: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct NewRoom {
    pub(crate) name: Name,
    /// `None` is the clinic's first location.
    pub(crate) location: Option<LocationId>,
    pub(crate) kind: Kind,
}

/// What changes; `None` stays as it is.
#[derive(Clone, Debug)]
pub(crate) struct Changes {
    pub(crate) name: Option<Name>,
    pub(crate) kind: Option<Kind>,
    pub(crate) active: Option<bool>,
}
