//! The state of every calendar.

use uuid::Uuid;
use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{
    Calendars,
    store::{self, Row},
};
use crate::{
    Error,
    page::{Listed, Page},
    rights,
};

impl Calendars {
    pub(crate) async fn list(
        &self,
        tenant: &Tenant,
        page: Page<Uuid>,
    ) -> Result<Listed<Row>, Error> {
        rights::require(tenant, Permission::CredentialsRead)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let rows = store::list(&mut tx, page).await?;
        tx.commit().await?;
        Ok(page.cut(rows, |row| row.provider_id.as_uuid()))
    }
}
