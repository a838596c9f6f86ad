//! Confirming and cancelling.

use voxanne_ids::BookingId;
use voxanne_pg::OrgTx;
use voxanne_privacy::Private;
use voxanne_tenant::{Permission, Tenant};

use super::{Booking, Status, Wish, announce, store};
use crate::{Desk, Error, error::What, rights};

/// A request to change a booking.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) id: BookingId,
    pub(crate) wish: Wish,
    /// The version its caller has seen.
    pub(crate) seen: Option<i64>,
    pub(crate) reason: Private<String>,
}

impl Desk {
    /// Does what is asked and gives the booking as it then is; `true` when that changed it.
    #[tracing::instrument(name = "booking.change", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn change(&self, tenant: &Tenant, ask: Ask) -> Result<(Booking, bool), Error> {
        rights::require(tenant, Permission::BookingsWrite)?;
        let unknown = Error::NotFound(What::Booking);
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let Some(standing) = store::lock(&mut tx, ask.id).await? else {
            return Err(unknown);
        };
        let next = standing.decide(ask.wish, ask.seen)?;
        let now = self.clock.now();
        if let Some(status) = next {
            let version = standing.version + 1;
            store::set_status(&mut tx, ask.id, status, version).await?;
            let entry = (status, &ask.reason, now);
            store::add_change(&mut tx, (ask.id, version), entry, tenant).await?;
        }
        let Some(booking) = store::load(&mut tx, ask.id).await? else {
            return Err(unknown);
        };
        // Nothing left to do is an answer too, and shows the booking.
        let action = match next {
            Some(Status::Booked) => "booking.reopened",
            Some(Status::Confirmed) => "booking.confirmed",
            Some(Status::Cancelled) => "booking.cancelled",
            None => "booking.read",
        };
        tx.note(action, booking.records());
        let events = next.map(|_| announce::changed(&booking, now));
        self.log.commit(tx, events.into_iter().collect()).await?;
        Ok((booking, next.is_some()))
    }
}
