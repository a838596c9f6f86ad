//! Weekly hours: the clinic's default week and the weeks of providers that have their own.

pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod put;
pub(crate) mod store;
pub(crate) mod wire;

use voxanne_ids::ProviderId;

use crate::availability::week::Week;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Schedule {
    /// `None` is the clinic's default week.
    pub(crate) provider: Option<ProviderId>,
    pub(crate) week: Week,
}
