//! Taking a service off the list of what is offered.

use voxanne_ids::ServiceId;
use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::store;
use crate::{
    Desk, Error,
    coming::{self, Need},
    error::What,
    rights,
};

impl Desk {
    /// Bookings of the past keep the service, so it is deactivated and not forgotten.
    pub(crate) async fn delete_service(&self, tenant: &Tenant, id: ServiceId) -> Result<(), Error> {
        rights::require(tenant, Permission::ClinicWrite)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let service = store::lock(&mut tx, id).await?;
        let mut service = service.ok_or(Error::NotFound(What::Service))?;
        if coming::store::any(&mut tx, Need::Service(id), self.clock.now()).await? {
            return Err(Error::InUse(What::Service, "SERVICE_IN_USE"));
        }
        service.active = false;
        store::update(&mut tx, &service).await?;
        tx.note("service.deleted", [id.as_uuid()]);
        tx.commit().await?;
        Ok(())
    }
}
