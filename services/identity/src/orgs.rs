//! Organisations.

pub(crate) mod show;
pub(crate) mod store;

use voxanne_ids::OrgId;
use voxanne_proto::identity::v1 as proto;

/// A clinic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Org {
    pub(crate) id: OrgId,
    pub(crate) name: String,
    pub(crate) time_zone: String,
}

impl From<Org> for proto::Org {
    fn from(org: Org) -> Self {
        Self {
            id: org.id.to_string(),
            name: org.name,
            time_zone: org.time_zone,
        }
    }
}
