//! Taking somebody off the waitlist.

use voxanne_ids::WaitlistEntryId;
use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{
    End, State, Step,
    offer::{self, Freed},
    store, unknown,
};
use crate::{Desk, Error, contention, holds, rights};

impl Desk {
    #[tracing::instrument(name = "waitlist.leave", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn leave_waitlist(
        &self,
        tenant: &Tenant,
        id: WaitlistEntryId,
    ) -> Result<(), Error> {
        rights::require(tenant, Permission::BookingsWrite)?;
        contention::settle(|| self.leave_once(tenant, id)).await
    }

    async fn leave_once(&self, tenant: &Tenant, id: WaitlistEntryId) -> Result<(), Error> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        store::lock_offers(&mut tx).await?;
        let entry = store::lock(&mut tx, id).await?.ok_or(unknown())?;
        match entry.state {
            State::Removed => return Ok(()),
            State::Booked | State::Declined => return Err(Error::EntryOver),
            State::Waiting | State::Offered => {}
        }
        let mut freed = Vec::new();
        if let Some(offered) = &entry.offer {
            store::end_offer(&mut tx, offered.hold, End::Withdrawn).await?;
            holds::store::delete(&mut tx, offered.hold).await?;
            freed.push(Freed::of(offered));
        }
        let step = Step {
            id,
            state: State::Removed,
            version: entry.version + 1,
        };
        store::set_state(&mut tx, step).await?;
        tx.note("waitlist.left", entry.records());
        let terms = self.terms();
        let mut events = vec![step.told(terms.now)];
        events.extend(offer::offer(&mut tx, &freed, terms).await?);
        self.log.commit(tx, events).await?;
        Ok(())
    }
}
