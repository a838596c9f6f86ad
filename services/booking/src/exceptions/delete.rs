//! A day goes back to the week.

use voxanne_ids::ExceptionId;
use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::store;
use crate::{Desk, Error, error::What, rights};

impl Desk {
    pub(crate) async fn delete_exception(
        &self,
        tenant: &Tenant,
        id: ExceptionId,
    ) -> Result<(), Error> {
        rights::require(tenant, Permission::ClinicWrite)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        if !store::delete(&mut tx, id).await? {
            return Err(Error::NotFound(What::Exception));
        }
        tx.note("exception.deleted", [id.as_uuid()]);
        tx.commit().await?;
        Ok(())
    }
}
