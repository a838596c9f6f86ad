//! Changing a service.

use voxanne_ids::ServiceId;
use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{Changes, Service, store};
use crate::{Desk, Error, error::What, rights};

impl Desk {
    pub(crate) async fn update_service(
        &self,
        tenant: &Tenant,
        id: ServiceId,
        changes: Changes,
    ) -> Result<Service, Error> {
        rights::require(tenant, Permission::ClinicWrite)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let service = store::lock(&mut tx, id).await?;
        let mut service = service.ok_or(Error::NotFound(What::Service))?;
        changes.apply(&mut service);
        store::update(&mut tx, &service).await?;
        store::replace_providers(&mut tx, &service).await?;
        tx.note("service.changed", [id.as_uuid()]);
        tx.commit().await?;
        Ok(service)
    }
}
