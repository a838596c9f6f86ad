//! Accepting what one is offered: what the hold keeps is booked.

use voxanne_events::New;
use voxanne_ids::WaitlistEntryId;
use voxanne_pg::OrgTx;
use voxanne_tenant::{Caller, Permission, Tenant};

use super::{End, Entry, State, Step, store, unknown};
use crate::{
    Desk, Error,
    bookings::{
        Booking, Source,
        answer::Answer,
        book::{NewBooking, Who},
        target::Overbook,
    },
    contention,
    error::What,
    fields::CallRef,
    rights,
};

impl Desk {
    /// Books what the entry is offered. Of two who accept at once the second waits for the first and
    /// is told that the offer is over.
    #[tracing::instrument(name = "waitlist.accept", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn accept_offer(
        &self,
        tenant: &Tenant,
        (id, seen): (WaitlistEntryId, Option<i64>),
    ) -> Result<(Entry, Booking), Error> {
        rights::require(tenant, Permission::BookingsWrite)?;
        contention::settle(|| self.accept_once(tenant, (id, seen))).await
    }

    async fn accept_once(
        &self,
        tenant: &Tenant,
        (id, seen): (WaitlistEntryId, Option<i64>),
    ) -> Result<(Entry, Booking), Error> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let entry = store::lock(&mut tx, id).await?.ok_or(unknown())?;
        let offer = entry.live_offer(seen)?;
        let new = NewBooking {
            target: None,
            hold: Some(offer.hold),
            who: Who::Known(entry.patient.id),
            notes: entry.note.clone(),
            source: source(tenant),
            call: CallRef::default(),
            overbook: Overbook::default(),
        };
        let (booking, mut events) = self.book_in(&mut tx, tenant, &new).await?;
        store::end_offer(&mut tx, offer.hold, End::Accepted).await?;
        let step = Step {
            id,
            state: State::Booked,
            version: entry.version + 1,
        };
        store::set_booked(&mut tx, step, booking.id).await?;
        let entry = store::load(&mut tx, id).await?.ok_or(unknown())?;
        tx.note("waitlist.accepted", [id.as_uuid()]);
        tx.note("booking.created", booking.records());
        events.push(step.told(self.clock.now()));
        self.log.commit(tx, events).await?;
        Ok((entry, booking))
    }

    /// A hold that is gone before its time, given back or booked by staff, is an offer that is over.
    async fn book_in(
        &self,
        tx: &mut OrgTx,
        tenant: &Tenant,
        new: &NewBooking,
    ) -> Result<(Booking, Vec<New>), Error> {
        match self.attempt(tx, tenant, new).await {
            Ok((Answer::Booked(booking) | Answer::Had(booking), events)) => Ok((*booking, events)),
            Ok((Answer::PatientBusy, _)) => Err(Error::PatientBusy),
            Ok((Answer::SlotTaken { .. }, _)) | Err(Error::NotFound(What::Hold)) => {
                Err(Error::OfferOver)
            }
            Err(error) => Err(error),
        }
    }
}

const fn source(tenant: &Tenant) -> Source {
    match tenant.caller() {
        Caller::User { .. } => Source::Dashboard,
        Caller::Call(_) => Source::Voice,
        _ => Source::Api,
    }
}
