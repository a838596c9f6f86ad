//! Holds that run out: their end is told, for dashboards and for those who wait.

mod store;

use voxanne_ids::OrgId;
use voxanne_pg::OrgTx;
use voxanne_problem::Problem;
use voxanne_tenant::Tenant;

use super::hold::released;
use crate::{Desk, Error};

const JOB: &str = "booking.expire_holds";

impl Desk {
    /// Ends holds that have run out.
    pub(crate) async fn expire_holds(&self) -> Result<(), Error> {
        for org in store::find_expired_orgs(&self.pool).await? {
            // One organisation's trouble must not hold up the others.
            if let Err(error) = self.expire_holds_in(org).await {
                let problem = Problem::from(error);
                problem.log();
                tracing::warn!(org.id = %org, %problem, "holds wait to be ended");
            }
        }
        Ok(())
    }

    #[tracing::instrument(name = "holds.expire", skip_all, fields(org.id = %org))]
    async fn expire_holds_in(&self, org: OrgId) -> Result<(), Error> {
        let mut tx = OrgTx::begin(&self.pool, &Tenant::for_job(org, JOB)).await?;
        let expired = store::delete_expired(&mut tx).await?;
        if expired.is_empty() {
            // Another replica was faster, or the holds are those of offers.
            return Ok(());
        }
        tx.note("hold.expired", expired.iter().map(|hold| hold.id.as_uuid()));
        let now = self.clock.now();
        let events = expired.iter().map(|hold| released(hold, now)).collect();
        self.log.commit(tx, events).await?;
        Ok(())
    }
}
