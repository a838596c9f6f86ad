//! Adding a location.

use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{Location, NewLocation, store};
use crate::{Desk, Error, rights};

impl Desk {
    pub(crate) async fn create_location(
        &self,
        tenant: &Tenant,
        new: NewLocation,
    ) -> Result<Location, Error> {
        rights::require(tenant, Permission::ClinicWrite)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let location = store::insert(&mut tx, &new).await?;
        tx.note("location.created", [location.id.as_uuid()]);
        tx.commit().await?;
        Ok(location)
    }
}
