//! Erasing a patient: what says who it was is replaced, and what was done stays without the person.

use jiff::Timestamp;
use serde_json::json;
use voxanne_events::New;
use voxanne_ids::{BookingId, PatientId};
use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{refusal::Refusal, store};
use crate::{Desk, Error, contention, error::What, rights, tasks, waitlist};

/// Ids in one event; more of them take several.
const IDS: usize = 200;

impl Desk {
    #[tracing::instrument(name = "patient.erase", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn erase_patient(&self, tenant: &Tenant, id: PatientId) -> Result<(), Error> {
        rights::require_desk(tenant, Permission::PatientsWrite)?;
        contention::settle(|| self.erase_once(tenant, id)).await
    }

    async fn erase_once(&self, tenant: &Tenant, id: PatientId) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        waitlist::store::lock_offers(&mut tx).await?;
        let standing = store::lock(&mut tx, id).await?;
        let standing = standing.ok_or(Error::NotFound(What::Patient))?;
        if let Err(refusal) = standing.check() {
            // Who is erased already is erased; a tombstone is erased with the patient it points to.
            return match refusal {
                Refusal::Erased => Ok(tx.rollback().await?),
                refusal => Err(refusal.into()),
            };
        }
        let ahead = store::erasing::bookings_to_come(&mut tx, id, now).await?;
        if !ahead.is_empty() {
            return Err(Refusal::HasBookings(ahead).into());
        }
        let mut events = tasks::by_rule::end_of_patient(&mut tx, id, now).await?;
        events.extend(waitlist::leave::end_of_patient(&mut tx, id, self.terms()).await?);
        let bookings = forget(&mut tx, id, now).await?;
        events.extend(announce(id, &bookings, now));
        tx.note("patient.erased", [id.as_uuid()]);
        Ok(self.log.commit(tx, events).await?)
    }
}

/// Replaces everything that says who the patient was, in the tombstones too; gives the bookings
/// that stay.
async fn forget(tx: &mut OrgTx, id: PatientId, now: Timestamp) -> Result<Vec<BookingId>, Error> {
    let ids = store::erasing::tombstones(tx, id).await?;
    store::erasing::persons(tx, &ids, now).await?;
    store::erasing::phones(tx, &ids).await?;
    let bookings = store::erasing::notes(tx, id).await?;
    store::erasing::answers(tx, &ids).await?;
    Ok(bookings)
}

/// Tells the other services whose part is to go. An event says who, and which bookings were theirs.
fn announce(id: PatientId, bookings: &[BookingId], at: Timestamp) -> Vec<New> {
    let told = |bookings: &[BookingId]| New {
        kind: "patient.erased",
        at,
        data: json!({ "patientId": id, "bookingIds": bookings }),
    };
    if bookings.is_empty() {
        return vec![told(bookings)];
    }
    bookings.chunks(IDS).map(told).collect()
}
