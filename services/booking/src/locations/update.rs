//! Changing a location.

use voxanne_ids::LocationId;
use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{Changes, Location, store};
use crate::{Desk, Error, error::What, rights};

impl Desk {
    pub(crate) async fn update_location(
        &self,
        tenant: &Tenant,
        id: LocationId,
        changes: Changes,
    ) -> Result<Location, Error> {
        rights::require(tenant, Permission::ClinicWrite)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let location = store::update(&mut tx, id, &changes).await?;
        let location = location.ok_or(Error::NotFound(What::Location))?;
        tx.note("location.changed", [id.as_uuid()]);
        tx.commit().await?;
        Ok(location)
    }
}
