//! Showing a location.

use voxanne_ids::LocationId;
use voxanne_pg::OrgTx;
use voxanne_tenant::Tenant;

use super::{Location, store};
use crate::{Desk, Error, error::What};

impl Desk {
    pub(crate) async fn get_location(
        &self,
        tenant: &Tenant,
        id: LocationId,
    ) -> Result<Location, Error> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let location = store::load(&mut tx, id).await?;
        tx.commit().await?;
        location.ok_or(Error::NotFound(What::Location))
    }
}
