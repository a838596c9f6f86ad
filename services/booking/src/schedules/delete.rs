//! A provider goes back to the clinic's week.

use voxanne_ids::ProviderId;
use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::store;
use crate::{
    Desk, Error,
    coming::{self, Need},
    error::What,
    providers, rights,
};

impl Desk {
    /// Visits that were booked by the provider's own week may lie outside of the clinic's.
    pub(crate) async fn delete_schedule(
        &self,
        tenant: &Tenant,
        provider: ProviderId,
    ) -> Result<(), Error> {
        rights::require(tenant, Permission::ClinicWrite)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        if !providers::store::lock(&mut tx, provider).await? {
            return Err(Error::NotFound(What::Provider));
        }
        if coming::store::any(&mut tx, Need::Provider(provider), self.clock.now()).await? {
            return Err(Error::InUse(What::Schedule, "SCHEDULE_IN_USE"));
        }
        if !store::delete(&mut tx, provider).await? {
            return Err(Error::NotFound(What::Schedule));
        }
        tx.note("schedule.deleted", [provider.as_uuid()]);
        tx.commit().await?;
        Ok(())
    }
}
