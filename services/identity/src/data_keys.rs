//! Each organisation's own keys, with which its secrets are sealed.

pub(crate) mod check;
pub(crate) mod obtain;
pub(crate) mod renew;
pub(crate) mod rewrap;
pub(crate) mod store;

use voxanne_clock::Clock;
use voxanne_ids::OrgId;
use voxanne_pg::Pool;
use voxanne_vault::{Vault, Wrapped};

/// Where data keys are found and made.
#[derive(Clone, Debug)]
pub(crate) struct DataKeys {
    pub(crate) pool: Pool,
    pub(crate) vault: Vault,
    pub(crate) clock: Clock,
}

/// One data key as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) org: OrgId,
    pub(crate) version: u32,
    pub(crate) wrapped: Wrapped,
}
