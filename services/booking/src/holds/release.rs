//! Giving a held slot back.

use voxanne_ids::HoldId;
use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{hold::released, store};
use crate::{Desk, Error, error::What, fields::CallRef, rights};

impl Desk {
    #[tracing::instrument(name = "hold.release", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn release(
        &self,
        tenant: &Tenant,
        id: HoldId,
        call: &CallRef,
    ) -> Result<(), Error> {
        rights::require(tenant, Permission::BookingsWrite)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let hold = store::lock(&mut tx, id, call).await?;
        let hold = hold.ok_or(Error::NotFound(What::Hold))?;
        store::delete(&mut tx, id).await?;
        tx.note("hold.released", [id.as_uuid()]);
        let event = released(&hold, self.clock.now());
        self.log.commit(tx, vec![event]).await?;
        Ok(())
    }
}
