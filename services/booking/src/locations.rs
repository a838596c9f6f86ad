//! Places where patients are seen.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod store;
pub(crate) mod update;
pub(crate) mod wire;

use voxanne_ids::LocationId;

use crate::fields::{Name, ZoneName};

#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Location {
    pub(crate) id: LocationId,
    pub(crate) name: String,
    /// IANA name.
    pub(crate) time_zone: String,
    /// Nobody is booked at an inactive location.
    pub(crate) active: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct NewLocation {
    pub(crate) name: Name,
    pub(crate) time_zone: ZoneName,
}

/// What changes; `None` stays as it is.
#[derive(Clone, Debug)]
pub(crate) struct Changes {
    pub(crate) name: Option<Name>,
    pub(crate) time_zone: Option<ZoneName>,
    pub(crate) active: Option<bool>,
}
