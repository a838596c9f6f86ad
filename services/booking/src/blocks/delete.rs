//! Giving a blocked time back.

use voxanne_ids::BlockId;
use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::store;
use crate::{Desk, Error, error::What, rights};

impl Desk {
    pub(crate) async fn delete_block(&self, tenant: &Tenant, id: BlockId) -> Result<(), Error> {
        rights::require(tenant, Permission::ClinicWrite)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        if !store::delete(&mut tx, id).await? {
            return Err(Error::NotFound(What::Block));
        }
        tx.note("block.deleted", [id.as_uuid()]);
        tx.commit().await?;
        Ok(())
    }
}
