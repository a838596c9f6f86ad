//! Offers that run out: who let one run out goes to the end, the next in rank is offered the slot.
//!
//! What is due is found in Postgres, so nothing is forgotten when a process dies, and replicas may
//! do it at once.

mod store;

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use voxanne_ids::OrgId;
use voxanne_pg::OrgTx;
use voxanne_problem::Problem;
use voxanne_tenant::Tenant;

use super::{
    End, State, Step,
    offer::{self, Freed},
    store as entries,
};
use crate::{Desk, Error, holds};

/// How late the end of an offer is noticed at most.
const PAUSE: Duration = Duration::from_secs(1);
const JOB: &str = "booking.expire_offers";

impl Desk {
    /// Ends offers that have run out, until `shutdown`. A failed round is made up for by the next.
    pub(crate) async fn expire_offers(self, shutdown: CancellationToken) {
        while !shutdown.is_cancelled() {
            if let Err(error) = self.expire_round().await {
                let problem = Problem::from(error);
                problem.log();
                tracing::warn!(%problem, "offers wait to be ended");
            }
            shutdown
                .run_until_cancelled(tokio::time::sleep(PAUSE))
                .await;
        }
    }

    async fn expire_round(&self) -> Result<(), Error> {
        for org in store::find_expired_orgs(&self.pool).await? {
            // One organisation's trouble must not hold up the others.
            if let Err(error) = self.expire_in(org).await {
                let problem = Problem::from(error);
                problem.log();
                tracing::warn!(org.id = %org, %problem, "offers wait to be ended");
            }
        }
        Ok(())
    }

    #[tracing::instrument(name = "waitlist.expire", skip_all, fields(org.id = %org))]
    async fn expire_in(&self, org: OrgId) -> Result<(), Error> {
        let mut tx = OrgTx::begin(&self.pool, &Tenant::for_job(org, JOB)).await?;
        entries::lock_offers(&mut tx).await?;
        let terms = self.terms();
        let (mut events, mut freed) = (Vec::new(), Vec::new());
        for entry in store::lock_expired(&mut tx).await? {
            let Some(offered) = &entry.offer else {
                continue;
            };
            entries::end_offer(&mut tx, offered.hold, End::Expired).await?;
            holds::store::delete(&mut tx, offered.hold).await?;
            let step = Step {
                id: entry.id,
                state: State::Waiting,
                version: entry.version + 1,
            };
            entries::send_to_the_end(&mut tx, step, terms.now).await?;
            tx.note("waitlist.missed", entry.records());
            events.push(step.told(terms.now));
            freed.push(Freed::of(offered));
        }
        events.extend(offer::offer(&mut tx, &freed, terms).await?);
        self.log.commit(tx, events).await?;
        Ok(())
    }
}
