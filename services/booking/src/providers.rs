//! People whose time is booked.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod store;
pub(crate) mod update;
pub(crate) mod wire;

use voxanne_ids::{LocationId, ProviderId};

use crate::fields::Name;

#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Provider {
    pub(crate) id: ProviderId,
    pub(crate) name: String,
    pub(crate) location_id: LocationId,
    /// An inactive provider is not offered.
    pub(crate) active: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct NewProvider {
    pub(crate) name: Name,
    /// `None` is the clinic's first location.
    pub(crate) location: Option<LocationId>,
}

/// What changes; `None` stays as it is.
#[derive(Clone, Debug)]
pub(crate) struct Changes {
    pub(crate) name: Option<Name>,
    pub(crate) location: Option<LocationId>,
    pub(crate) active: Option<bool>,
}
