//! Closing a location.

use voxanne_ids::LocationId;
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
    /// Visits of the past keep the location, so it is deactivated and not forgotten. The last one
    /// stays: a clinic without a location has no time zone.
    pub(crate) async fn delete_location(
        &self,
        tenant: &Tenant,
        id: LocationId,
    ) -> Result<(), Error> {
        rights::require(tenant, Permission::ClinicWrite)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let open = store::lock_open(&mut tx).await?;
        let in_use = open == [id]
            || coming::store::any(&mut tx, Need::Location(id), self.clock.now()).await?;
        let closed = Changes {
            name: None,
            time_zone: None,
            active: Some(false),
        };
        if in_use {
            return Err(Error::InUse(What::Location, "LOCATION_IN_USE"));
        }
        let location = store::update(&mut tx, id, &closed).await?;
        location.ok_or(Error::NotFound(What::Location))?;
        tx.note("location.deleted", [id.as_uuid()]);
        tx.commit().await?;
        Ok(())
    }
}
