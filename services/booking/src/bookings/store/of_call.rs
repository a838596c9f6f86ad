//! What a phone call has booked.

use jiff_sqlx::ToSqlx as _;
use voxanne_ids::{BookingId, ServiceId};
use voxanne_pg::OrgTx;

use super::load;
use crate::{
    Error,
    availability::store::Which,
    bookings::{
        Booking,
        book::{NewBooking, Who},
        target::Target,
    },
    fields::CallRef,
    patients::name_key,
};

/// Waits until no other transaction books for this call.
pub(crate) async fn lock_call(tx: &mut OrgTx, call: &CallRef) -> Result<(), sqlx::Error> {
    sqlx::query(
        "SELECT pg_advisory_xact_lock(
           hashtextextended('booking.call:' || $1::text || ':' || $2, 0))",
    )
    .bind(tx.org())
    .bind(call.as_str())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The active booking a call has for the wanted patient and start. A number is often heard wrongly
/// the first time, so it may differ; another name is another patient.
pub(crate) async fn find_of_call(
    tx: &mut OrgTx,
    new: &NewBooking,
    (wanted, service): (&Target, ServiceId),
) -> Result<Option<Booking>, Error> {
    let provider = match &wanted.providers {
        Which::One(id) => Some(*id),
        Which::Any | Which::Named(_) => None,
    };
    let (patient, name) = match &new.who {
        Who::Known(id) => (Some(*id), None),
        Who::Named(new) => (None, Some(name_key::of(new.name.expose().as_str()))),
    };
    let id: Option<BookingId> = sqlx::query_scalar(
        "SELECT booking.id FROM booking.booking
         JOIN booking.patient
           ON patient.org_id = booking.org_id AND patient.id = booking.patient_id
         WHERE booking.org_id = $1 AND booking.call_id = $2 AND booking.service_id = $3
           AND booking.starts_at = $4 AND ($5::uuid IS NULL OR booking.provider_id = $5)
           AND (patient.id = $6 OR patient.name_key = $7)
           AND booking.status IN ('requested', 'booked', 'confirmed', 'arrived')
         ORDER BY booking.id LIMIT 1",
    )
    .bind(tx.org())
    .bind(new.call.as_str())
    .bind(service)
    .bind(wanted.starts_at.to_sqlx())
    .bind(provider)
    .bind(patient)
    .bind(name)
    .fetch_optional(&mut **tx)
    .await?;
    match id {
        Some(id) => load(tx, id).await,
        None => Ok(None),
    }
}
