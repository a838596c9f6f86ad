//! Secrets that stand outside the organisations, such as a user's second factor: each one is sealed
//! to its row and opens nowhere else.

use uuid::Uuid;
use voxanne_ids::OrgId;
use voxanne_vault::{Keyring, Place, Sealed};
use zeroize::Zeroizing;

use crate::Error;

/// The one row and column a secret belongs to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) id: Uuid,
    pub(crate) table: &'static str,
    pub(crate) column: &'static str,
}

/// Seals and opens them with the keys in `VAULT_KEYS`.
#[derive(Clone)]
pub(crate) struct Sealing(Keyring);

impl Sealing {
    pub(crate) const fn new(keys: Keyring) -> Self {
        Self(keys)
    }

    pub(crate) async fn seal(&self, row: Row, plain: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(self.0.seal(&row.place(), plain)?.to_bytes())
    }

    pub(crate) async fn open(&self, row: Row, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let sealed = Sealed::from_bytes(sealed)?;
        Ok(self.0.open(&row.place(), &sealed)?)
    }

    #[expect(dead_code, reason = "second factors move on to new keys")]
    /// Whether the newest key sealed it.
    pub(crate) fn is_current(&self, sealed: &[u8]) -> Result<bool, Error> {
        Ok(self.0.is_current(&Sealed::from_bytes(sealed)?))
    }
}

impl Row {
    /// No organisation has the id of such a row, and no provider the name of a table.
    const fn place(&self) -> Place<'static> {
        Place {
            org: OrgId::from_uuid(self.id),
            provider: self.table,
            field: self.column,
        }
    }
}
