//! Replacing a week as a whole.

use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{Schedule, store};
use crate::{Desk, Error, rights};

impl Desk {
    pub(crate) async fn put_schedule(
        &self,
        tenant: &Tenant,
        schedule: Schedule,
    ) -> Result<Schedule, Error> {
        rights::require(tenant, Permission::ClinicWrite)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        store::replace(&mut tx, &schedule).await?;
        // Without a provider it is the clinic's own.
        tx.note("schedule.changed", schedule.provider.map(|id| id.as_uuid()));
        tx.commit().await?;
        Ok(schedule)
    }
}
