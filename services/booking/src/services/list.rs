//! Listing services.

use uuid::Uuid;
use voxanne_pg::OrgTx;
use voxanne_tenant::Tenant;

use super::{Service, store};
use crate::{
    Desk, Error,
    page::{Listed, Page},
};

impl Desk {
    pub(crate) async fn list_services(
        &self,
        tenant: &Tenant,
        page: Page<Uuid>,
    ) -> Result<Listed<Service>, Error> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let rows = store::list(&mut tx, &page).await?;
        tx.commit().await?;
        Ok(page.cut(rows, |service| service.id.as_uuid()))
    }
}
