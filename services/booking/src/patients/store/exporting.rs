//! Statements that gather what is kept of a patient.

use uuid::Uuid;
use voxanne_ids::{BookingId, PatientId};
use voxanne_pg::OrgTx;

use crate::page::Page;

/// A page of the patient's bookings, in the order in which they were made.
pub(crate) async fn bookings(
    tx: &mut OrgTx,
    patient: PatientId,
    page: &Page<Uuid>,
) -> Result<Vec<BookingId>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT id FROM booking.booking
         WHERE org_id = $1 AND patient_id = $2 AND ($3::uuid IS NULL OR id > $3)
         ORDER BY id LIMIT $4",
    )
    .bind(tx.org())
    .bind(patient)
    .bind(page.after)
    .bind(page.rows())
    .fetch_all(&mut **tx)
    .await
}
