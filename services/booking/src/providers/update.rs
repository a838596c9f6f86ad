//! Changing a provider.

use voxanne_ids::ProviderId;
use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{Changes, Provider, store};
use crate::{Desk, Error, error::What, rights};

impl Desk {
    pub(crate) async fn update_provider(
        &self,
        tenant: &Tenant,
        id: ProviderId,
        changes: Changes,
    ) -> Result<Provider, Error> {
        rights::require(tenant, Permission::ClinicWrite)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let provider = store::update(&mut tx, id, &changes).await?;
        let provider = provider.ok_or(Error::NotFound(What::Provider))?;
        tx.note("provider.changed", [id.as_uuid()]);
        tx.commit().await?;
        Ok(provider)
    }
}
