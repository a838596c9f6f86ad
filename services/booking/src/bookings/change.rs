//! Approving, confirming, cancelling and what else becomes of a booking where it is.

use voxanne_events::New;
use voxanne_ids::BookingId;
use voxanne_pg::OrgTx;
use voxanne_privacy::Private;
use voxanne_tenant::{Permission, Tenant};

use super::{
    Asker, Booking, Wish, announce,
    store::{self, Entry},
    target,
};
use crate::{
    Desk, Error,
    claims::{self, Owner},
    contention,
    error::What,
    rights,
};

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
    pub(crate) async fn change(
        &self,
        tenant: &Tenant,
        ask: &Ask,
    ) -> Result<(Booking, bool), Error> {
        rights::require(tenant, Permission::BookingsWrite)?;
        contention::settle(|| self.change_once(tenant, ask)).await
    }

    async fn change_once(&self, tenant: &Tenant, ask: &Ask) -> Result<(Booking, bool), Error> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let (booking, event) = self.change_in(&mut tx, tenant, ask).await?;
        let changed = event.is_some();
        self.log.commit(tx, event.into_iter().collect()).await?;
        Ok((booking, changed))
    }

    /// Does it within `tx`, with the event to announce when that changed the booking. A refusal
    /// leaves `tx` as it was.
    pub(crate) async fn change_in(
        &self,
        tx: &mut OrgTx,
        tenant: &Tenant,
        ask: &Ask,
    ) -> Result<(Booking, Option<New>), Error> {
        let unknown = Error::NotFound(What::Booking);
        let Some(standing) = store::lock(tx, ask.id).await? else {
            return Err(unknown);
        };
        let now = self.clock.now();
        let asker = Asker {
            seen: ask.seen,
            is_patient: target::is_patient(tenant),
            now,
        };
        let next = standing.decide(ask.wish, asker)?;
        if let Some(status) = next {
            let version = standing.version + 1;
            store::set_status(tx, ask.id, status, version).await?;
            if !status.blocks() {
                claims::store::release(tx, Owner::Booking(ask.id)).await?;
            }
            let entry = Entry {
                status,
                reason: ask.reason.clone(),
                at: now,
                moved_from: None,
            };
            store::add_change(tx, (ask.id, version), &entry, tenant).await?;
        }
        let Some(booking) = store::load(tx, ask.id).await? else {
            return Err(unknown);
        };
        // Nothing left to do is an answer too, and shows the booking.
        let action = next.map_or("booking.read", |_| ask.wish.action());
        tx.note(action, booking.records());
        let event = next.map(|_| announce::changed(&booking, ask.wish, now));
        Ok((booking, event))
    }
}

impl Wish {
    /// How the audit log calls it.
    const fn action(self) -> &'static str {
        match self {
            Self::Approve => "booking.approved",
            Self::Decline => "booking.declined",
            Self::Confirm => "booking.confirmed",
            Self::Cancel => "booking.cancelled",
            Self::Arrive => "booking.arrived",
            Self::Complete => "booking.completed",
            Self::NoShow => "booking.no_show",
        }
    }
}
