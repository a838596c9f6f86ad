//! Showing a room.

use voxanne_ids::RoomId;
use voxanne_pg::OrgTx;
use voxanne_tenant::Tenant;

use super::{Room, store};
use crate::{Desk, Error, error::What};

impl Desk {
    pub(crate) async fn get_room(&self, tenant: &Tenant, id: RoomId) -> Result<Room, Error> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let room = store::load(&mut tx, id).await?;
        tx.commit().await?;
        room.ok_or(Error::NotFound(What::Room))
    }
}
