//! Listing the days that differ from the week.

use uuid::Uuid;
use voxanne_pg::OrgTx;
use voxanne_tenant::Tenant;

use super::{Exception, store};
use crate::{
    Desk, Error,
    page::{Listed, Page},
};

impl Desk {
    pub(crate) async fn list_exceptions(
        &self,
        tenant: &Tenant,
        page: Page<Uuid>,
    ) -> Result<Listed<Exception>, Error> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let rows = store::list(&mut tx, &page).await?;
        tx.commit().await?;
        Ok(page.cut(rows, |exception| exception.id.as_uuid()))
    }
}
