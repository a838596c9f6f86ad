//! Changing a room.

use voxanne_ids::RoomId;
use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{Changes, Room, store};
use crate::{Desk, Error, error::What, rights};

impl Desk {
    pub(crate) async fn update_room(
        &self,
        tenant: &Tenant,
        id: RoomId,
        changes: Changes,
    ) -> Result<Room, Error> {
        rights::require(tenant, Permission::ClinicWrite)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let room = store::update(&mut tx, id, &changes).await?;
        let room = room.ok_or(Error::NotFound(What::Room))?;
        tx.note("room.changed", [id.as_uuid()]);
        tx.commit().await?;
        Ok(room)
    }
}
