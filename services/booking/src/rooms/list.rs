//! Listing rooms.

use uuid::Uuid;
use voxanne_pg::OrgTx;
use voxanne_tenant::Tenant;

use super::{Room, store};
use crate::{
    Desk, Error,
    page::{Listed, Page},
};

impl Desk {
    pub(crate) async fn list_rooms(
        &self,
        tenant: &Tenant,
        page: Page<Uuid>,
    ) -> Result<Listed<Room>, Error> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let rows = store::list(&mut tx, &page).await?;
        tx.commit().await?;
        Ok(page.cut(rows, |room| room.id.as_uuid()))
    }
}
