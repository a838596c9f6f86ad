//! What is due, and who works on it.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;
use voxanne_ids::{BookingId, OrgId, ProviderId};
use voxanne_pg::{OrgTx, Pool, SystemTx};

use super::super::Connection;

/// Organisations looked at in one round.
const ORGS: i64 = 200;

/// Organisations with a calendar to read or an event to write, in no particular order.
pub(crate) async fn find_orgs(pool: &Pool, now: Timestamp) -> Result<Vec<OrgId>, sqlx::Error> {
    let mut tx = SystemTx::begin(pool, "booking", "find organisations with due calendars").await?;
    let orgs = sqlx::query_scalar(
        "SELECT org_id FROM (
           SELECT org_id FROM booking.calendar
           WHERE state = 'connected' AND run_at <= $1
             AND (leased_until IS NULL OR leased_until <= $1)
           UNION
           SELECT event.org_id FROM booking.calendar_event event
           JOIN booking.calendar USING (org_id, provider_id)
           WHERE calendar.state = 'connected' AND event.is_due AND event.run_at <= $1
             AND (event.leased_until IS NULL OR event.leased_until <= $1)
         ) due ORDER BY random() LIMIT $2",
    )
    .bind(now.to_sqlx())
    .bind(ORGS)
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(orgs)
}

/// Leases up to `limit` calendars that are to be read, the longest due first.
pub(crate) async fn lease_calendars(
    tx: &mut OrgTx,
    (now, until): (Timestamp, Timestamp),
    limit: i64,
) -> Result<Vec<Connection>, sqlx::Error> {
    let org = tx.org();
    let rows: Vec<(ProviderId, Uuid)> = sqlx::query_as(
        "UPDATE booking.calendar SET leased_until = $3, rung = false
         WHERE org_id = $1 AND provider_id IN (
           SELECT provider_id FROM booking.calendar
           WHERE org_id = $1 AND state = 'connected' AND run_at <= $2
             AND (leased_until IS NULL OR leased_until <= $2)
           ORDER BY run_at LIMIT $4 FOR UPDATE SKIP LOCKED)
         RETURNING provider_id, connection",
    )
    .bind(org)
    .bind(now.to_sqlx())
    .bind(until.to_sqlx())
    .bind(limit)
    .fetch_all(&mut **tx)
    .await?;
    let read = |(provider, id)| Connection { org, provider, id };
    Ok(rows.into_iter().map(read).collect())
}

/// Leases up to `limit` events that are to be written, the longest due first. Each counts as failed
/// until it is recorded: whoever dies between leaves a trace of the attempt.
pub(crate) async fn lease_events(
    tx: &mut OrgTx,
    (now, until): (Timestamp, Timestamp),
    limit: i64,
) -> Result<Vec<(Connection, BookingId)>, sqlx::Error> {
    let org = tx.org();
    let rows: Vec<(ProviderId, BookingId, Uuid)> = sqlx::query_as(
        "UPDATE booking.calendar_event event SET leased_until = $3, failures = event.failures + 1
         FROM booking.calendar
         WHERE event.org_id = $1 AND calendar.org_id = event.org_id
           AND calendar.provider_id = event.provider_id
           AND (event.provider_id, event.booking_id) IN (
             SELECT due.provider_id, due.booking_id FROM booking.calendar_event due
             JOIN booking.calendar of ON of.org_id = due.org_id AND of.provider_id = due.provider_id
             WHERE due.org_id = $1 AND of.state = 'connected' AND due.is_due AND due.run_at <= $2
               AND (due.leased_until IS NULL OR due.leased_until <= $2)
             ORDER BY due.run_at LIMIT $4 FOR UPDATE OF due SKIP LOCKED)
         RETURNING event.provider_id, event.booking_id, calendar.connection",
    )
    .bind(org)
    .bind(now.to_sqlx())
    .bind(until.to_sqlx())
    .bind(limit)
    .fetch_all(&mut **tx)
    .await?;
    let read = |(provider, booking, id)| (Connection { org, provider, id }, booking);
    Ok(rows.into_iter().map(read).collect())
}
