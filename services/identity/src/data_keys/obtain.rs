//! The key that seals an organisation's secrets now.

use voxanne_pg::OrgTx;
use voxanne_tenant::Tenant;
use voxanne_vault::DataKey;

use super::{DataKeys, Stored, store};
use crate::Error;

impl DataKeys {
    /// The newest data key; the first use makes one.
    pub(crate) async fn newest(&self, tenant: &Tenant) -> Result<DataKey, Error> {
        match self.stored(tenant).await? {
            Some(stored) => self.unwrap(&stored).await,
            None => self.make(tenant, 1).await,
        }
    }

    /// A new data key with this version, or the one that somebody else made meanwhile.
    pub(super) async fn make(&self, tenant: &Tenant, version: u32) -> Result<DataKey, Error> {
        // The holder of the keys may be far away: no transaction waits for it.
        let (key, wrapped) = self.vault.make(tenant.org(), version).await?;
        let fresh = Stored {
            org: tenant.org(),
            version,
            wrapped,
        };
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let is_ours = store::insert(&mut tx, &fresh, self.clock.now()).await?;
        if is_ours {
            tx.note("data_key.made", []);
        }
        tx.commit().await?;
        if is_ours {
            return Ok(key);
        }
        let stored = self.stored(tenant).await?;
        self.unwrap(&stored.ok_or(Error::Contended)?).await
    }

    pub(crate) async fn unwrap(&self, stored: &Stored) -> Result<DataKey, Error> {
        let Stored {
            org,
            version,
            wrapped,
        } = stored;
        Ok(self.vault.unwrap(*org, *version, wrapped).await?)
    }

    async fn stored(&self, tenant: &Tenant) -> Result<Option<Stored>, Error> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let stored = store::newest(&mut tx).await?;
        tx.commit().await?;
        Ok(stored)
    }
}
