//! Listing blocked times.

use uuid::Uuid;
use voxanne_pg::OrgTx;
use voxanne_tenant::Tenant;

use super::{Block, store};
use crate::{
    Desk, Error,
    page::{Listed, Page},
};

impl Desk {
    pub(crate) async fn list_blocks(
        &self,
        tenant: &Tenant,
        page: Page<Uuid>,
    ) -> Result<Listed<Block>, Error> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let rows = store::list(&mut tx, &page).await?;
        tx.commit().await?;
        Ok(page.cut(rows, |block| block.id.as_uuid()))
    }
}
