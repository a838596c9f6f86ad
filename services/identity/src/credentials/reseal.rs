//! Moving stored secrets on to the newest vault key, so that an old key can be dropped.

use voxanne_ids::OrgId;
use voxanne_pg::{OrgTx, SystemTx};
use voxanne_tenant::Tenant;
use voxanne_vault::{Place, Sealed};

use super::store;
use crate::{Error, Identity};

/// Where a secret is stored.
pub(super) type Key = (OrgId, String, String);

impl Identity {
    /// Seals every secret again that an older key has sealed; returns how many. A secret that
    /// changes meanwhile is sealed with the newest key already and left alone.
    #[tracing::instrument(name = "credential.reseal", skip_all)]
    pub(crate) async fn reseal_secrets(&self) -> Result<u64, Error> {
        let mut resealed = 0;
        let mut after: Option<Key> = None;
        loop {
            let why = "every organisation's secrets move on to the new key";
            let mut tx = SystemTx::begin(&self.pool, "identity", why).await?;
            let page = store::list_after(&mut tx, after.as_ref()).await?;
            tx.commit().await?;
            let Some((last, _)) = page.last() else {
                return Ok(resealed);
            };
            after = Some(last.clone());
            for (key, bytes) in &page {
                resealed += self.reseal(key, bytes).await?;
            }
        }
    }

    async fn reseal(&self, (org, provider, field): &Key, bytes: &[u8]) -> Result<u64, Error> {
        let sealed = Sealed::from_bytes(bytes)?;
        if self.vault.is_current(&sealed) {
            return Ok(0);
        }
        let place = Place {
            org: *org,
            provider,
            field,
        };
        let plain = match self.vault.open(&place, &sealed) {
            Ok(plain) => plain,
            // The others must not wait for one record that cannot be helped from here.
            Err(error) => {
                tracing::error!(org.id = %org, %error, "a stored secret does not open");
                return Ok(0);
            }
        };
        let fresh = self.vault.seal(&place, &plain)?.to_bytes();
        let mut tx = OrgTx::begin(&self.pool, &Tenant::for_job(*org, "reseal")).await?;
        let changed = store::update_sealed(&mut tx, provider, field, (bytes, &fresh)).await?;
        tx.commit().await?;
        Ok(changed)
    }
}
