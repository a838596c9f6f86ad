//! Blocking a time.

use voxanne_ids::BlockId;
use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{Block, Blocked, store};
use crate::{Desk, Error, rights};

impl Desk {
    /// What is booked already stays: nobody's visit ends because of an entry in a calendar.
    pub(crate) async fn create_block(
        &self,
        tenant: &Tenant,
        time: Blocked,
    ) -> Result<Block, Error> {
        rights::require(tenant, Permission::ClinicWrite)?;
        let block = Block {
            id: BlockId::new(),
            time,
        };
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        store::insert(&mut tx, &block).await?;
        tx.note("block.created", [block.id.as_uuid()]);
        tx.commit().await?;
        Ok(block)
    }
}
