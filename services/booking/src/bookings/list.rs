//! Listing bookings in order of start.

use std::collections::BTreeSet;

use jiff::Timestamp;
use uuid::Uuid;
use voxanne_ids::{BookingId, PatientId, ProviderId};
use voxanne_pg::OrgTx;
use voxanne_tenant::Tenant;

use super::{Booking, Status, store};
use crate::{
    Desk, Error,
    fields::CallRef,
    page::{Key, Listed, Page},
};

/// Which bookings are asked for.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    pub(crate) from: Option<Timestamp>,
    pub(crate) to: Option<Timestamp>,
    pub(crate) status: Option<Status>,
    /// Any of these; none: any.
    pub(crate) statuses: Vec<Status>,
    pub(crate) provider: Option<ProviderId>,
    pub(crate) patient: Option<PatientId>,
    pub(crate) call: CallRef,
    pub(crate) page: Page<Place>,
}

/// Where a booking stands in the list. Starts are stored to the microsecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) starts_at: Timestamp,
    pub(crate) id: BookingId,
}

impl Key for Place {
    fn to_bytes(self) -> Vec<u8> {
        let mut bytes = self.starts_at.as_microsecond().to_be_bytes().to_vec();
        bytes.extend(self.id.as_uuid().as_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (starts_at, id) = bytes.split_first_chunk()?;
        let starts_at = Timestamp::from_microsecond(i64::from_be_bytes(*starts_at)).ok()?;
        // A cursor can be made up, and Postgres does not know every year that we do.
        (starts_at >= Timestamp::UNIX_EPOCH).then_some(())?;
        Some(Self {
            starts_at,
            id: BookingId::from_uuid(Uuid::from_slice(id).ok()?),
        })
    }
}

impl Desk {
    pub(crate) async fn list_bookings(
        &self,
        tenant: &Tenant,
        filter: Filter,
    ) -> Result<Listed<Booking>, Error> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let rows = store::list(&mut tx, &filter).await?;
        let listed = filter.page.cut(rows, |booking| Place {
            starts_at: booking.visit.from,
            id: booking.id,
        });
        let shown: BTreeSet<_> = listed.items.iter().flat_map(Booking::records).collect();
        tx.note("booking.listed", shown);
        tx.commit().await?;
        Ok(listed)
    }
}
