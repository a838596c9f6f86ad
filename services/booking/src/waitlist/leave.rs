//! Taking somebody off the waitlist.

use voxanne_events::New;
use voxanne_ids::{PatientId, WaitlistEntryId};
use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{
    End, Entry, State, Step,
    offer::{self, Freed, Terms},
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
        let events = take_off(&mut tx, &[entry], self.terms()).await?;
        self.log.commit(tx, events).await?;
        Ok(())
    }
}

/// Takes a patient who is erased off the list, and blanks what was noted with it. Whoever calls has
/// taken [`store::lock_offers`] before any other lock.
pub(crate) async fn end_of_patient(
    tx: &mut OrgTx,
    patient: PatientId,
    terms: Terms,
) -> Result<Vec<New>, Error> {
    let waiting = store::of_patient::lock_active(tx, patient).await?;
    let events = take_off(tx, &waiting, terms).await?;
    store::of_patient::blank(tx, patient).await?;
    Ok(events)
}

/// Takes `entries` off the list and offers the others what was offered to these.
async fn take_off(tx: &mut OrgTx, entries: &[Entry], terms: Terms) -> Result<Vec<New>, Error> {
    let (mut events, mut freed) = (Vec::new(), Vec::new());
    for entry in entries {
        if let Some(offered) = &entry.offer {
            store::end_offer(tx, offered.hold, End::Withdrawn).await?;
            holds::store::delete(tx, offered.hold).await?;
            freed.push(Freed::of(offered));
        }
        let step = Step {
            id: entry.id,
            state: State::Removed,
            version: entry.version + 1,
        };
        store::set_state(tx, step).await?;
        tx.note("waitlist.left", entry.records());
        events.push(step.told(terms.now));
    }
    events.extend(offer::offer(tx, &freed, terms).await?);
    Ok(events)
}
