//! Showing a booking with its history.

use voxanne_ids::BookingId;
use voxanne_pg::OrgTx;
use voxanne_tenant::Tenant;

use super::{Booking, store};
use crate::{Desk, Error, error::What};

impl Desk {
    pub(crate) async fn get_booking(
        &self,
        tenant: &Tenant,
        id: BookingId,
    ) -> Result<Booking, Error> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let booking = store::load(&mut tx, id).await?;
        let booking = booking.ok_or(Error::NotFound(What::Booking))?;
        tx.note("booking.read", booking.records());
        tx.commit().await?;
        Ok(booking)
    }
}
