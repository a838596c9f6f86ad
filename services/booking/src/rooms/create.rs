//! Adding a room.

use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{NewRoom, Room, store};
use crate::{Desk, Error, error::What, locations, rights};

impl Desk {
    pub(crate) async fn create_room(&self, tenant: &Tenant, new: NewRoom) -> Result<Room, Error> {
        rights::require(tenant, Permission::ClinicWrite)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let location = match new.location {
            Some(id) => id,
            None => {
                let first = locations::store::first(&mut tx).await?;
                first.ok_or(Error::NotFound(What::Location))?.id
            }
        };
        let room = store::insert(&mut tx, &new, location).await?;
        tx.note("room.created", [room.id.as_uuid()]);
        tx.commit().await?;
        Ok(room)
    }
}
