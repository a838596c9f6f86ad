//! Taking a provider's credentials back.

use voxanne_pg::OrgTx;
use voxanne_tenant::Tenant;

use super::{Provider, store};
use crate::{Error, Identity};

impl Identity {
    /// Deletes the credentials with their secrets; without any this changes nothing.
    #[tracing::instrument(name = "credential.delete", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn delete_credential(
        &self,
        tenant: &Tenant,
        provider: Provider,
    ) -> Result<(), Error> {
        provider.require_keeper(tenant)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        store::delete(&mut tx, provider).await?;
        tx.note("credential.deleted", []);
        tx.commit().await?;
        Ok(())
    }
}
