//! What may be shown of a credential.

use voxanne_pg::OrgTx;
use voxanne_tenant::Tenant;

use super::{Credential, Provider, store};
use crate::{Error, Identity, callers};

impl Identity {
    #[tracing::instrument(name = "credential.show", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn show_credential(
        &self,
        tenant: &Tenant,
        provider: Provider,
    ) -> Result<Option<Credential>, Error> {
        callers::sees_credentials(tenant)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let credential = store::load(&mut tx, provider).await?;
        tx.commit().await?;
        Ok(credential)
    }
}
