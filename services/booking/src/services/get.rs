//! Showing a service.

use voxanne_ids::ServiceId;
use voxanne_pg::OrgTx;
use voxanne_tenant::Tenant;

use super::{Service, store};
use crate::{Desk, Error, error::What};

impl Desk {
    pub(crate) async fn get_service(
        &self,
        tenant: &Tenant,
        id: ServiceId,
    ) -> Result<Service, Error> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let service = store::load(&mut tx, id).await?;
        tx.commit().await?;
        service.ok_or(Error::NotFound(What::Service))
    }
}
