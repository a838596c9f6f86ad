//! Declining what one is offered: the next in rank is offered the slot.

use voxanne_ids::WaitlistEntryId;
use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{
    End, Entry, State, Step,
    offer::{self, Freed},
    store, unknown,
};
use crate::{Desk, Error, contention, holds, rights};

impl Desk {
    #[tracing::instrument(name = "waitlist.decline", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn decline_offer(
        &self,
        tenant: &Tenant,
        (id, seen): (WaitlistEntryId, Option<i64>),
    ) -> Result<Entry, Error> {
        rights::require(tenant, Permission::BookingsWrite)?;
        contention::settle(|| self.decline_once(tenant, (id, seen))).await
    }

    async fn decline_once(
        &self,
        tenant: &Tenant,
        (id, seen): (WaitlistEntryId, Option<i64>),
    ) -> Result<Entry, Error> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        store::lock_offers(&mut tx).await?;
        let entry = store::lock(&mut tx, id).await?.ok_or(unknown())?;
        let offered = entry.live_offer(seen)?;
        store::end_offer(&mut tx, offered.hold, End::Declined).await?;
        holds::store::delete(&mut tx, offered.hold).await?;
        let step = Step {
            id,
            state: State::Declined,
            version: entry.version + 1,
        };
        store::set_state(&mut tx, step).await?;
        tx.note("waitlist.declined", entry.records());
        let terms = self.terms();
        let mut events = vec![step.told(terms.now)];
        events.extend(offer::offer(&mut tx, &[Freed::of(offered)], terms).await?);
        let entry = store::load(&mut tx, id).await?.ok_or(unknown())?;
        self.log.commit(tx, events).await?;
        Ok(entry)
    }
}
