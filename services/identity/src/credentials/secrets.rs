//! The secrets of credentials, each sealed with its organisation's data key.

pub(crate) mod reseal;
pub(super) mod store;
mod unseal;

use jiff::Timestamp;
use voxanne_ids::OrgId;
use voxanne_vault::Place;

pub(crate) use self::unseal::Opener;
use crate::data_keys::Stored;

/// A secret as it is stored, with everything that is needed to open it.
pub(crate) struct StoredSecret {
    pub(crate) org: OrgId,
    pub(crate) provider: String,
    pub(crate) field: String,
    pub(crate) sealed: Vec<u8>,
    /// The version of the credential it is a part of.
    pub(crate) version: i64,
    /// Set for a replaced secret only.
    pub(crate) valid_until: Option<Timestamp>,
    /// None: it is older than data keys.
    pub(crate) data_key: Option<Stored>,
}

/// A secret that is ready to be stored.
pub(crate) struct Sealed {
    pub(crate) field: String,
    pub(crate) record: Vec<u8>,
    pub(crate) valid_until: Option<Timestamp>,
}

impl StoredSecret {
    pub(crate) fn place(&self) -> Place<'_> {
        Place {
            org: self.org,
            provider: &self.provider,
            field: &self.field,
            version: self.version,
        }
    }
}
