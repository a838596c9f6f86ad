//! Secrets that stand outside the organisations, such as a user's second factor: each one is sealed
//! to its row and opens nowhere else.

mod rewrap;
pub(crate) mod store;

use uuid::Uuid;
use voxanne_vault::Vault;
use zeroize::Zeroizing;

use crate::Error;

/// The one row and column a secret belongs to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) id: Uuid,
    pub(crate) table: &'static str,
    pub(crate) column: &'static str,
}

/// Seals and opens them with keys that `VAULT_KEYS` wraps.
#[derive(Clone)]
pub(crate) struct Sealing(Vault);

impl Sealing {
    pub(crate) const fn new(vault: Vault) -> Self {
        Self(vault)
    }

    pub(crate) async fn seal(&self, row: Row, plain: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(self.0.seal_alone(&row.bound(), plain).await?)
    }

    pub(crate) async fn open(&self, row: Row, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        Ok(self.0.open_alone(&row.bound(), sealed).await?)
    }

    /// The same under the newest key; nothing when it is there already.
    async fn rewrap(&self, row: Row, sealed: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.0.rewrap_alone(&row.bound(), sealed).await?)
    }
}

impl Row {
    /// The names are ours and hold no blank.
    fn bound(&self) -> Vec<u8> {
        let mut bound = format!("{} {} ", self.table, self.column).into_bytes();
        bound.extend_from_slice(self.id.as_bytes());
        bound
    }
}
