//! Every statement about bookings.

mod locks;
mod of_call;
mod row;

use jiff::{Timestamp, civil::DateTime};
use jiff_sqlx::ToSqlx as _;
use voxanne_ids::{BookingId, PatientId, ProviderId, RoomId, ServiceId};
use voxanne_pg::OrgTx;
use voxanne_privacy::Private;
use voxanne_tenant::Tenant;

use self::row::{ChangeRow, Row, StandingRow};
pub(crate) use self::{
    locks::{lock_daily_limit, lock_moves, rollback_to, savepoint},
    of_call::{find_of_call, lock_call},
};
use super::{Booking, Source, Standing, Status, list::Filter, target::Overbook};
use crate::{Error, availability::Span, fields::CallRef};

/// The columns of [`Row`]; what follows chooses and orders the rows.
macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT booking.id, booking.status, booking.starts_at, booking.ends_at,
                    booking.time_zone, booking.local_time, booking.source, booking.call_id,
                    booking.notes, booking.version, booking.created_at, booking.overbooked,
                    booking.room_id, booking.series_id,
                    provider.id AS provider_id, provider.name AS provider_name,
                    service.id AS service_id, service.name AS service_name,
                    patient.id AS patient_id, patient.name AS patient_name,
                    patient.phone AS patient_phone, patient.email AS patient_email
             FROM booking.booking
             JOIN booking.provider
               ON provider.org_id = booking.org_id AND provider.id = booking.provider_id
             JOIN booking.service
               ON service.org_id = booking.org_id AND service.id = booking.service_id
             JOIN booking.patient
               ON patient.org_id = booking.org_id AND patient.id = booking.patient_id
             WHERE booking.org_id = $1 ",
            $tail
        )
    };
}

/// A booking to be inserted.
pub(crate) struct NewRow<'a> {
    pub(crate) id: BookingId,
    pub(crate) status: Status,
    pub(crate) provider: ProviderId,
    pub(crate) room: Option<RoomId>,
    pub(crate) service: ServiceId,
    pub(crate) patient: PatientId,
    pub(crate) visit: Span,
    pub(crate) time_zone: &'a str,
    pub(crate) local_time: DateTime,
    pub(crate) source: Source,
    pub(crate) call: &'a CallRef,
    pub(crate) notes: &'a Private<String>,
    pub(crate) overbook: &'a Overbook,
    pub(crate) created_at: Timestamp,
}

/// Where a booking goes.
pub(crate) struct NewPlace<'a> {
    pub(crate) provider: ProviderId,
    pub(crate) room: Option<RoomId>,
    pub(crate) service: ServiceId,
    pub(crate) visit: Span,
    pub(crate) time_zone: &'a str,
    pub(crate) local_time: DateTime,
    pub(crate) is_overbooked: bool,
    pub(crate) version: i64,
}

/// An entry of a booking's history.
pub(crate) struct Entry {
    pub(crate) status: Status,
    pub(crate) reason: Private<String>,
    pub(crate) at: Timestamp,
    pub(crate) moved_from: Option<Timestamp>,
}

pub(crate) async fn insert(tx: &mut OrgTx, new: &NewRow<'_>) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO booking.booking
           (org_id, id, status, provider_id, service_id, patient_id, starts_at, ends_at,
            time_zone, local_time, source, call_id, notes, overbooked, version, created_at, room_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, nullif($12, ''), $13, $14, 1, $15,
                 $16)",
    )
    .bind(tx.org())
    .bind(new.id)
    .bind(new.status.as_str())
    .bind(new.provider)
    .bind(new.service)
    .bind(new.patient)
    .bind(new.visit.from.to_sqlx())
    .bind(new.visit.to.to_sqlx())
    .bind(new.time_zone)
    .bind(new.local_time.to_sqlx())
    .bind(new.source.as_str())
    .bind(new.call.as_str())
    .bind(new.notes)
    .bind(new.overbook.0.is_some())
    .bind(new.created_at.to_sqlx())
    .bind(new.room)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Moves the booking in one update.
pub(crate) async fn set_place(
    tx: &mut OrgTx,
    id: BookingId,
    place: &NewPlace<'_>,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE booking.booking
         SET provider_id = $3, service_id = $4, starts_at = $5, ends_at = $6, time_zone = $7,
             local_time = $8, overbooked = $9, version = $10, room_id = $11
         WHERE org_id = $1 AND id = $2",
    )
    .bind(tx.org())
    .bind(id)
    .bind(place.provider)
    .bind(place.service)
    .bind(place.visit.from.to_sqlx())
    .bind(place.visit.to.to_sqlx())
    .bind(place.time_zone)
    .bind(place.local_time.to_sqlx())
    .bind(place.is_overbooked)
    .bind(place.version)
    .bind(place.room)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Whether the patient has had a visit here.
pub(crate) async fn was_seen(
    tx: &mut OrgTx,
    patient: PatientId,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT EXISTS (
           SELECT FROM booking.booking
           WHERE org_id = $1 AND patient_id = $2
             AND (status IN ('arrived', 'completed')
                  OR status IN ('booked', 'confirmed') AND ends_at <= $3))",
    )
    .bind(tx.org())
    .bind(patient)
    .bind(now.to_sqlx())
    .fetch_one(&mut **tx)
    .await
}

/// The booking with its history.
pub(crate) async fn load(tx: &mut OrgTx, id: BookingId) -> Result<Option<Booking>, Error> {
    let row: Option<Row> = sqlx::query_as(select!("AND booking.id = $2"))
        .bind(tx.org())
        .bind(id)
        .fetch_optional(&mut **tx)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let history: Vec<ChangeRow> = sqlx::query_as(
        "SELECT status, actor, reason, at, moved_from FROM booking.booking_change
         WHERE org_id = $1 AND booking_id = $2 ORDER BY version",
    )
    .bind(tx.org())
    .bind(id)
    .fetch_all(&mut **tx)
    .await?;
    let mut booking = row.read()?;
    booking.history = history
        .into_iter()
        .map(ChangeRow::read)
        .collect::<Result<_, _>>()?;
    Ok(Some(booking))
}

pub(crate) async fn list(tx: &mut OrgTx, filter: &Filter) -> Result<Vec<Booking>, Error> {
    let after = filter.page.after;
    let statuses: Vec<_> = filter.statuses.iter().map(|one| one.as_str()).collect();
    let rows: Vec<Row> = sqlx::query_as(select!(
        "AND ($2::timestamptz IS NULL OR booking.starts_at >= $2)
         AND ($3::timestamptz IS NULL OR booking.starts_at < $3)
         AND ($4::text IS NULL OR booking.status = $4)
         AND ($5::uuid IS NULL OR booking.provider_id = $5)
         AND ($6 = '' OR booking.call_id = $6)
         AND ($7::timestamptz IS NULL OR (booking.starts_at, booking.id) > ($7, $8))
         AND ($10::uuid IS NULL OR booking.patient_id = $10)
         AND (cardinality($11::text[]) = 0 OR booking.status = ANY ($11))
         ORDER BY booking.starts_at, booking.id LIMIT $9"
    ))
    .bind(tx.org())
    .bind(filter.from.map(|at| at.to_sqlx()))
    .bind(filter.to.map(|at| at.to_sqlx()))
    .bind(filter.status.map(Status::as_str))
    .bind(filter.provider)
    .bind(filter.call.as_str())
    .bind(after.map(|place| place.starts_at.to_sqlx()))
    .bind(after.map(|place| place.id))
    .bind(filter.page.rows())
    .bind(filter.patient)
    .bind(statuses)
    .fetch_all(&mut **tx)
    .await?;
    rows.into_iter().map(Row::read).collect()
}

/// Where the booking stands; nobody else changes it until the end of this transaction.
pub(crate) async fn lock(tx: &mut OrgTx, id: BookingId) -> Result<Option<Standing>, Error> {
    let found: Option<StandingRow> = sqlx::query_as(
        "SELECT booking.status, booking.version, booking.starts_at, booking.ends_at,
                service.change_notice_minutes
         FROM booking.booking
         JOIN booking.service
           ON service.org_id = booking.org_id AND service.id = booking.service_id
         WHERE booking.org_id = $1 AND booking.id = $2 FOR UPDATE OF booking",
    )
    .bind(tx.org())
    .bind(id)
    .fetch_optional(&mut **tx)
    .await?;
    found.map(StandingRow::read).transpose()
}

pub(crate) async fn set_status(
    tx: &mut OrgTx,
    id: BookingId,
    status: Status,
    version: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE booking.booking SET status = $3, version = $4 WHERE org_id = $1 AND id = $2",
    )
    .bind(tx.org())
    .bind(id)
    .bind(status.as_str())
    .bind(version)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Adds what `tenant` did to the history of the booking, which then has this version.
pub(crate) async fn add_change(
    tx: &mut OrgTx,
    (id, version): (BookingId, i64),
    entry: &Entry,
    tenant: &Tenant,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO booking.booking_change
           (org_id, booking_id, version, status, actor, reason, at, moved_from)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(tx.org())
    .bind(id)
    .bind(version)
    .bind(entry.status.as_str())
    .bind(tenant.caller().to_string())
    .bind(&entry.reason)
    .bind(entry.at.to_sqlx())
    .bind(entry.moved_from.map(|at| at.to_sqlx()))
    .execute(&mut **tx)
    .await?;
    Ok(())
}
