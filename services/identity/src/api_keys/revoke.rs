//! The end of an API key.

use voxanne_ids::KeyId;
use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::store;
use crate::{Error, Identity, callers, revocations};

impl Identity {
    /// Revokes a key for good, on every gateway, unless it was before.
    #[tracing::instrument(name = "api_key.revoke", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn revoke_api_key(&self, tenant: &Tenant, id: KeyId) -> Result<(), Error> {
        callers::require(tenant, Permission::ApiKeysWrite)?;
        let now = self.clock.now();
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        if store::revoke(&mut tx, id, now).await? {
            tx.note("api_key.revoked", [id.as_uuid()]);
            revocations::store::end_key(&mut tx, id, now).await?;
        } else if store::load(&mut tx, id).await?.is_none() {
            return Err(Error::NoApiKey);
        }
        tx.commit().await?;
        self.bell.ring();
        Ok(())
    }
}
