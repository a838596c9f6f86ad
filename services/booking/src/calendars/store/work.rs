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

// What is due is chosen before the UPDATE, not in a subquery of it: Postgres may run that once for each
// row, and lease more than was asked for.

/// Leases up to `limit` calendars that are to be read, the longest due first.
pub(crate) async fn lease_calendars(
    tx: &mut OrgTx,
    (now, until): (Timestamp, Timestamp),
    limit: i64,
) -> Result<Vec<Connection>, sqlx::Error> {
    let org = tx.org();
    let rows: Vec<(ProviderId, Uuid)> = sqlx::query_as(
        "WITH due AS MATERIALIZED (
           SELECT provider_id FROM booking.calendar
           WHERE org_id = $1 AND state = 'connected' AND run_at <= $2
             AND (leased_until IS NULL OR leased_until <= $2)
           ORDER BY run_at LIMIT $4 FOR UPDATE SKIP LOCKED
         )
         UPDATE booking.calendar SET leased_until = $3, rung = false
         FROM due WHERE calendar.org_id = $1 AND calendar.provider_id = due.provider_id
         RETURNING calendar.provider_id, calendar.connection",
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
        "WITH due AS MATERIALIZED (
           SELECT event.provider_id, event.booking_id, calendar.connection
           FROM booking.calendar_event event
           JOIN booking.calendar ON calendar.org_id = event.org_id
             AND calendar.provider_id = event.provider_id
           WHERE event.org_id = $1 AND calendar.state = 'connected'
             AND event.is_due AND event.run_at <= $2
             AND (event.leased_until IS NULL OR event.leased_until <= $2)
           ORDER BY event.run_at LIMIT $4 FOR UPDATE OF event SKIP LOCKED
         )
         UPDATE booking.calendar_event event SET leased_until = $3, failures = event.failures + 1
         FROM due WHERE event.org_id = $1 AND event.provider_id = due.provider_id
           AND event.booking_id = due.booking_id
         RETURNING event.provider_id, event.booking_id, due.connection",
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
