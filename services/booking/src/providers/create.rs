//! Adding a provider.

use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{NewProvider, Provider, store};
use crate::{Desk, Error, error::What, locations, rights};

impl Desk {
    pub(crate) async fn create_provider(
        &self,
        tenant: &Tenant,
        new: NewProvider,
    ) -> Result<Provider, Error> {
        rights::require(tenant, Permission::ClinicWrite)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let location = match new.location {
            Some(id) => id,
            None => {
                let first = locations::store::first(&mut tx).await?;
                first.ok_or(Error::NotFound(What::Location))?.id
            }
        };
        let provider = store::insert(&mut tx, &new.name, location).await?;
        tx.note("provider.created", [provider.id.as_uuid()]);
        tx.commit().await?;
        Ok(provider)
    }
}
