//! Cancelling what is left of a series.

use jiff::Timestamp;
use voxanne_ids::{BookingId, SeriesId};
use voxanne_pg::OrgTx;
use voxanne_privacy::Private;
use voxanne_problem::Problem;
use voxanne_tenant::{Permission, Tenant};

use super::store;
use crate::{
    Desk, Error,
    bookings::{Booking, Wish, change::Ask},
    contention,
    error::What,
    rights,
};

/// A request to cancel the rest of a series.
#[derive(Clone, Debug)]
pub(crate) struct Rest {
    pub(crate) id: SeriesId,
    /// `None`: from now on.
    pub(crate) from: Option<Timestamp>,
    pub(crate) reason: Private<String>,
}

/// A visit that stays, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) booking: BookingId,
    pub(crate) starts_at: Timestamp,
    pub(crate) reason: String,
}

impl Desk {
    #[tracing::instrument(name = "series.cancel", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn cancel_series(
        &self,
        tenant: &Tenant,
        rest: &Rest,
    ) -> Result<(Vec<Booking>, Vec<Kept>), Error> {
        rights::require(tenant, Permission::BookingsWrite)?;
        contention::settle(|| self.cancel_series_once(tenant, rest)).await
    }

    async fn cancel_series_once(
        &self,
        tenant: &Tenant,
        rest: &Rest,
    ) -> Result<(Vec<Booking>, Vec<Kept>), Error> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        if !store::exists(&mut tx, rest.id).await? {
            return Err(Error::NotFound(What::Series));
        }
        let from = rest.from.unwrap_or_else(|| self.clock.now());
        let (mut cancelled, mut kept, mut events) = (Vec::new(), Vec::new(), Vec::new());
        for (booking, starts_at) in store::list_ahead(&mut tx, rest.id, from).await? {
            let ask = Ask {
                id: booking,
                wish: Wish::Cancel,
                seen: None,
                reason: rest.reason.clone(),
            };
            match self.change_in(&mut tx, tenant, &ask).await {
                Ok((booking, event)) => {
                    cancelled.push(booking);
                    events.extend(event);
                }
                Err(Error::Db(error)) => return Err(error.into()),
                Err(refused) => kept.push(Kept {
                    booking,
                    starts_at,
                    reason: Problem::from(refused).reason.into_owned(),
                }),
            }
        }
        self.log.commit(tx, events).await?;
        Ok((cancelled, kept))
    }
}
