//! Adding a service.

use voxanne_ids::ServiceId;
use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{NewService, Service, store, terms::Terms};
use crate::{Desk, Error, rights};

impl Desk {
    pub(crate) async fn create_service(
        &self,
        tenant: &Tenant,
        new: NewService,
    ) -> Result<Service, Error> {
        rights::require(tenant, Permission::ClinicWrite)?;
        let mut service = Service {
            id: ServiceId::new(),
            name: new.name.as_str().to_owned(),
            duration_minutes: new.duration_minutes,
            buffer_before_minutes: new.buffer_before_minutes,
            buffer_after_minutes: new.buffer_after_minutes,
            active: true,
            terms: Terms::default(),
        };
        new.terms.apply(&mut service.terms);
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        store::insert(&mut tx, &service).await?;
        store::replace_providers(&mut tx, &service).await?;
        tx.note("service.created", [service.id.as_uuid()]);
        tx.commit().await?;
        Ok(service)
    }
}
