//! Offers that run out: who let one run out goes to the end, the next in rank is offered the slot.
//!
//! What is due is found in Postgres, so nothing is forgotten when a process dies, and replicas may
//! do it at once.

mod store;

use voxanne_ids::{OrgId, WaitlistEntryId};
use voxanne_pg::OrgTx;
use voxanne_problem::Problem;
use voxanne_tenant::Tenant;

use super::{
    End, State, Step,
    offer::{self, Freed},
    store as entries,
};
use crate::{Desk, Error, holds};

const JOB: &str = "booking.expire_offers";

impl Desk {
    /// Ends offers that have run out.
    pub(crate) async fn expire_offers(&self) -> Result<(), Error> {
        for org in store::find_expired_orgs(&self.pool).await? {
            // One organisation's trouble must not hold up the others.
            if let Err(error) = self.expire_offers_in(org).await {
                let problem = Problem::from(error);
                problem.log();
                tracing::warn!(org.id = %org, %problem, "offers wait to be ended");
            }
        }
        Ok(())
    }

    /// Each offer ends in a transaction of its own, so that one that cannot end holds up no other.
    async fn expire_offers_in(&self, org: OrgId) -> Result<(), Error> {
        let mut tx = OrgTx::begin(&self.pool, &Tenant::for_job(org, JOB)).await?;
        let expired = store::find_expired(&mut tx).await?;
        tx.rollback().await?;
        for id in expired {
            if let Err(error) = self.expire_offer(org, id).await {
                let problem = Problem::from(error);
                problem.log();
                tracing::warn!(org.id = %org, entry.id = %id, %problem, "an offer waits to be ended");
            }
        }
        Ok(())
    }

    #[tracing::instrument(name = "waitlist.expire", skip_all, fields(org.id = %org, entry.id = %id))]
    async fn expire_offer(&self, org: OrgId, id: WaitlistEntryId) -> Result<(), Error> {
        let mut tx = OrgTx::begin(&self.pool, &Tenant::for_job(org, JOB)).await?;
        entries::lock_offers(&mut tx).await?;
        let Some(entry) = store::lock_expired(&mut tx, id).await? else {
            return Ok(());
        };
        let Some(offered) = &entry.offer else {
            return Ok(());
        };
        entries::end_offer(&mut tx, offered.hold, End::Expired).await?;
        holds::store::delete(&mut tx, offered.hold).await?;
        let step = Step {
            id,
            state: State::Waiting,
            version: entry.version + 1,
        };
        let terms = self.terms();
        entries::send_to_the_end(&mut tx, step, terms.now).await?;
        tx.note("waitlist.missed", entry.records());
        let mut events = vec![step.told(terms.now)];
        events.extend(offer::offer(&mut tx, &[Freed::of(offered)], terms).await?);
        self.log.commit(tx, events).await?;
        Ok(())
    }
}
