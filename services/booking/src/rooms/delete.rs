//! Taking a room away.

use voxanne_ids::RoomId;
use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{Changes, store};
use crate::{
    Desk, Error,
    coming::{self, Need},
    error::What,
    rights,
};

impl Desk {
    /// A room that something refers to is deactivated, so that what was stays told.
    pub(crate) async fn delete_room(&self, tenant: &Tenant, id: RoomId) -> Result<(), Error> {
        rights::require(tenant, Permission::ClinicWrite)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        if !store::lock(&mut tx, id).await? {
            return Err(Error::NotFound(What::Room));
        }
        if coming::store::any(&mut tx, Need::Room(id), self.clock.now()).await? {
            return Err(Error::InUse(What::Room, "ROOM_IN_USE"));
        }
        if !store::delete_unused(&mut tx, id).await? {
            let gone = Changes {
                name: None,
                kind: None,
                active: Some(false),
            };
            store::update(&mut tx, id, &gone).await?;
        }
        tx.note("room.deleted", [id.as_uuid()]);
        tx.commit().await?;
        Ok(())
    }
}
