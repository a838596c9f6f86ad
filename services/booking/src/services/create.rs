//! Adding a service.

use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{NewService, Service, store};
use crate::{Desk, Error, rights};

impl Desk {
    pub(crate) async fn create_service(
        &self,
        tenant: &Tenant,
        new: NewService,
    ) -> Result<Service, Error> {
        rights::require(tenant, Permission::ClinicWrite)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let service = store::insert(&mut tx, &new).await?;
        tx.note("service.created", [service.id.as_uuid()]);
        tx.commit().await?;
        Ok(service)
    }
}
