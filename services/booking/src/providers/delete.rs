//! A provider leaves the clinic.

use voxanne_ids::ProviderId;
use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{Changes, store};
use crate::{
    Desk, Error,
    coming::{self, Need},
    error::What,
    rights,
};

impl Desk {
    /// Visits of the past keep the provider, so it is deactivated and not forgotten.
    pub(crate) async fn delete_provider(
        &self,
        tenant: &Tenant,
        id: ProviderId,
    ) -> Result<(), Error> {
        rights::require(tenant, Permission::ClinicWrite)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        if !store::lock(&mut tx, id).await? {
            return Err(Error::NotFound(What::Provider));
        }
        if coming::store::any(&mut tx, Need::Provider(id), self.clock.now()).await? {
            return Err(Error::InUse(What::Provider, "PROVIDER_IN_USE"));
        }
        let gone = Changes {
            name: None,
            location: None,
            active: Some(false),
        };
        store::update(&mut tx, id, &gone).await?;
        tx.note("provider.deleted", [id.as_uuid()]);
        tx.commit().await?;
        Ok(())
    }
}
