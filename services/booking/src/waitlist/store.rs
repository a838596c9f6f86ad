//! Every statement about the waitlist.

mod row;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use voxanne_ids::{BookingId, HoldId, PatientId, WaitlistEntryId};
use voxanne_pg::OrgTx;

use self::row::Row;
use super::{End, Entry, State, Step, join::NewEntry, list::Filter};
use crate::{Error, holds::Hold};

/// More than a clinic could ever call back.
pub(super) const MOST_ACTIVE: i64 = 2000;
/// The columns of [`Row`]; what follows chooses and orders the rows.
macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT entry.id, entry.state, entry.provider_id, entry.from_date, entry.to_date,
                    entry.part_of_day, entry.priority, entry.note, entry.missed, entry.booking_id,
                    entry.version, entry.queued_at, entry.created_at,
                    service.id AS service_id, service.name AS service_name,
                    patient.id AS patient_id, patient.name AS patient_name,
                    patient.phone AS patient_phone, patient.email AS patient_email,
                    offer.id AS hold_id, offer.provider_id AS offer_provider_id,
                    offer.starts_at, offer.ends_at, offer.time_zone, offer.local_time,
                    offer.expires_at, offer.expires_at <= now() AS has_expired
             FROM booking.waitlist_entry entry
             JOIN booking.service
               ON service.org_id = entry.org_id AND service.id = entry.service_id
             JOIN booking.patient
               ON patient.org_id = entry.org_id AND patient.id = entry.patient_id
             LEFT JOIN booking.waitlist_offer offer
               ON offer.org_id = entry.org_id AND offer.entry_id = entry.id
              AND offer.state = 'live'
             WHERE entry.org_id = $1 ",
            $tail
        )
    };
}

pub(crate) mod of_patient;
pub(super) mod waiting;

/// An entry to be inserted.
pub(super) struct NewRow {
    pub(super) id: WaitlistEntryId,
    pub(super) patient: PatientId,
    pub(super) now: Timestamp,
}

/// Lets one transaction of the organisation make offers at a time. It comes before any other lock,
/// so that two never wait for each other in a circle.
pub(crate) async fn lock_offers(tx: &mut OrgTx) -> Result<(), sqlx::Error> {
    sqlx::query(
        "SELECT pg_advisory_xact_lock(hashtextextended('booking.waitlist:' || $1::text, 0))",
    )
    .bind(tx.org())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// How many wait or are offered something, counted as far as it matters.
pub(super) async fn count_active(tx: &mut OrgTx) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT count(*) FROM (
           SELECT FROM booking.waitlist_entry
           WHERE org_id = $1 AND state IN ('waiting', 'offered') LIMIT $2) active",
    )
    .bind(tx.org())
    .bind(MOST_ACTIVE)
    .fetch_one(&mut **tx)
    .await
}

pub(super) async fn insert(
    tx: &mut OrgTx,
    row: &NewRow,
    new: &NewEntry,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO booking.waitlist_entry
           (org_id, id, patient_id, service_id, provider_id, from_date, to_date, part_of_day,
            priority, note, state, missed, version, queued_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'waiting', 0, 1, $11, $11)",
    )
    .bind(tx.org())
    .bind(row.id)
    .bind(row.patient)
    .bind(new.service)
    .bind(new.wish.provider)
    .bind(new.wish.from.to_sqlx())
    .bind(new.wish.to.to_sqlx())
    .bind(new.wish.part.as_str())
    .bind(new.priority)
    .bind(&new.note)
    .bind(row.now.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn load(tx: &mut OrgTx, id: WaitlistEntryId) -> Result<Option<Entry>, Error> {
    let row: Option<Row> = sqlx::query_as(select!("AND entry.id = $2"))
        .bind(tx.org())
        .bind(id)
        .fetch_optional(&mut **tx)
        .await?;
    row.map(Row::read).transpose()
}

/// The entry, which nobody else changes until the end of this transaction.
///
/// It is read after it was locked: a statement that waits for the lock would join the new entry
/// with the offer that was there before.
pub(super) async fn lock(tx: &mut OrgTx, id: WaitlistEntryId) -> Result<Option<Entry>, Error> {
    sqlx::query("SELECT FROM booking.waitlist_entry WHERE org_id = $1 AND id = $2 FOR UPDATE")
        .bind(tx.org())
        .bind(id)
        .execute(&mut **tx)
        .await?;
    load(tx, id).await
}

/// The entry that `hold` is the live offer of.
pub(super) async fn lock_by_hold(tx: &mut OrgTx, hold: HoldId) -> Result<Option<Entry>, Error> {
    let id: Option<WaitlistEntryId> = sqlx::query_scalar(
        "SELECT entry_id FROM booking.waitlist_offer
         WHERE org_id = $1 AND id = $2 AND state = 'live'",
    )
    .bind(tx.org())
    .bind(hold)
    .fetch_optional(&mut **tx)
    .await?;
    let Some(id) = id else { return Ok(None) };
    let entry = lock(tx, id).await?;
    let is_it = |entry: &Entry| entry.offer.as_ref().is_some_and(|offer| offer.hold == hold);
    Ok(entry.filter(is_it))
}

pub(super) async fn list(tx: &mut OrgTx, filter: &Filter) -> Result<Vec<Entry>, Error> {
    let after = filter.page.after;
    let rows: Vec<Row> = sqlx::query_as(select!(
        "AND ($2::text IS NULL OR entry.state = $2)
         AND ($3::uuid IS NULL OR entry.service_id = $3)
         AND ($4::integer IS NULL OR
              (entry.missed, -entry.priority, entry.queued_at, entry.id) > ($4, -$5, $6, $7))
         ORDER BY entry.missed, -entry.priority, entry.queued_at, entry.id LIMIT $8"
    ))
    .bind(tx.org())
    .bind(filter.state.map(State::as_str))
    .bind(filter.service)
    .bind(after.map(|rank| rank.missed))
    .bind(after.map(|rank| rank.priority))
    .bind(after.map(|rank| rank.queued_at.to_sqlx()))
    .bind(after.map(|rank| rank.id))
    .bind(filter.page.rows())
    .fetch_all(&mut **tx)
    .await?;
    rows.into_iter().map(Row::read).collect()
}

pub(super) async fn insert_offer(
    tx: &mut OrgTx,
    entry: WaitlistEntryId,
    hold: &Hold,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO booking.waitlist_offer
           (org_id, id, entry_id, provider_id, starts_at, ends_at, time_zone, local_time,
            expires_at, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'live')",
    )
    .bind(tx.org())
    .bind(hold.id)
    .bind(entry)
    .bind(hold.provider)
    .bind(hold.visit.from.to_sqlx())
    .bind(hold.visit.to.to_sqlx())
    .bind(&hold.time_zone)
    .bind(hold.local_time.to_sqlx())
    .bind(hold.expires_at.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn end_offer(tx: &mut OrgTx, hold: HoldId, end: End) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE booking.waitlist_offer SET state = $3
         WHERE org_id = $1 AND id = $2 AND state = 'live'",
    )
    .bind(tx.org())
    .bind(hold)
    .bind(end.as_str())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn set_state(tx: &mut OrgTx, step: Step) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE booking.waitlist_entry SET state = $3, version = $4
         WHERE org_id = $1 AND id = $2",
    )
    .bind(tx.org())
    .bind(step.id)
    .bind(step.state.as_str())
    .bind(step.version)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn set_booked(
    tx: &mut OrgTx,
    step: Step,
    booking: BookingId,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE booking.waitlist_entry SET state = $3, version = $4, booking_id = $5
         WHERE org_id = $1 AND id = $2",
    )
    .bind(tx.org())
    .bind(step.id)
    .bind(step.state.as_str())
    .bind(step.version)
    .bind(booking)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Behind everybody who missed fewer offers.
pub(super) async fn send_to_the_end(
    tx: &mut OrgTx,
    step: Step,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE booking.waitlist_entry
         SET state = $3, version = $4, missed = missed + 1, queued_at = $5
         WHERE org_id = $1 AND id = $2",
    )
    .bind(tx.org())
    .bind(step.id)
    .bind(step.state.as_str())
    .bind(step.version)
    .bind(now.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(())
}
