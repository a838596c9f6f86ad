//! Bookings in calendars.

mod plan;

use jiff::Timestamp;
use jiff_sqlx::{Timestamp as At, ToSqlx as _};
use uuid::Uuid;
use voxanne_ids::{BookingId, ProviderId};
use voxanne_pg::OrgTx;

pub(crate) use self::plan::{Plan, plan};
use super::super::{
    Connection,
    conflict::{Change, Ours},
};
use crate::availability::Span;

/// Has a booking written wherever it is to be, was, or is no more.
pub(crate) async fn ask(
    tx: &mut OrgTx,
    booking: BookingId,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO booking.calendar_event
           (org_id, provider_id, booking_id, written, is_due, run_at, asked)
         SELECT booking.org_id, booking.provider_id, booking.id, 'nothing', true, $3, 1
         FROM booking.booking
         JOIN booking.calendar
           ON calendar.org_id = booking.org_id AND calendar.provider_id = booking.provider_id
         WHERE booking.org_id = $1 AND booking.id = $2
         ON CONFLICT (org_id, provider_id, booking_id) DO NOTHING",
    )
    .bind(tx.org())
    .bind(booking)
    .bind(now.to_sqlx())
    .execute(&mut **tx)
    .await?;
    sqlx::query(
        "UPDATE booking.calendar_event SET asked = asked + 1, is_due = true, run_at = $3
         WHERE org_id = $1 AND booking_id = $2",
    )
    .bind(tx.org())
    .bind(booking)
    .bind(now.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Has every appointment that lies ahead written anew, also what is there already.
pub(crate) async fn ask_all(
    tx: &mut OrgTx,
    provider: ProviderId,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO booking.calendar_event AS old
           (org_id, provider_id, booking_id, written, is_due, run_at, asked)
         SELECT org_id, provider_id, id, 'nothing', true, $3, 1 FROM booking.booking
         WHERE org_id = $1 AND provider_id = $2 AND ends_at > $3
           AND status NOT IN ('requested', 'cancelled')
         ON CONFLICT (org_id, provider_id, booking_id) DO UPDATE SET
           asked = old.asked + 1, is_due = true, run_at = $3, etag = NULL, starts_at = NULL,
           leased_until = NULL",
    )
    .bind(tx.org())
    .bind(provider)
    .bind(now.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct OursRow {
    booking_id: BookingId,
    written: String,
    is_due: bool,
    etag: Option<String>,
    google_updated: Option<At>,
    starts_at: Option<At>,
    ends_at: Option<At>,
    conflict: Option<String>,
    conflict_etag: Option<String>,
}

impl OursRow {
    fn read(self) -> (BookingId, Ours) {
        let span = self.starts_at.zip(self.ends_at).map(|(from, to)| Span {
            from: from.to_jiff(),
            to: to.to_jiff(),
        });
        let ours = Ours {
            is_written: self.written == "event",
            is_due: self.is_due,
            etag: self.etag.unwrap_or_default(),
            updated: self.google_updated.map(At::to_jiff),
            span,
            told: self.conflict.as_deref().and_then(Change::from_word),
            told_etag: self.conflict_etag.unwrap_or_default(),
        };
        (self.booking_id, ours)
    }
}

/// What is known of these bookings in the calendar.
pub(crate) async fn list(
    tx: &mut OrgTx,
    connection: Connection,
    bookings: &[Uuid],
) -> Result<Vec<(BookingId, Ours)>, sqlx::Error> {
    let rows: Vec<OursRow> = sqlx::query_as(
        "SELECT booking_id, written, is_due, etag, google_updated, starts_at, ends_at, conflict,
                conflict_etag
         FROM booking.calendar_event
         WHERE org_id = $1 AND provider_id = $2 AND booking_id = ANY ($3)",
    )
    .bind(tx.org())
    .bind(connection.provider)
    .bind(bookings)
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(OursRow::read).collect())
}

/// What Google was found to have of a booking.
pub(crate) struct Wrote<'a> {
    /// "event" or "deleted"; none: nothing had to be written.
    pub(crate) what: Option<&'static str>,
    pub(crate) etag: Option<&'a str>,
    pub(crate) updated: Option<Timestamp>,
    pub(crate) span: Option<Span>,
}

/// Records what was written for a plan; when the booking changed meanwhile, it stays due. `false`
/// when the calendar is connected anew or not at all.
pub(crate) async fn record(
    tx: &mut OrgTx,
    (connection, booking, asked): (Connection, BookingId, i64),
    wrote: &Wrote<'_>,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let recorded = sqlx::query(
        "UPDATE booking.calendar_event event SET
           written = coalesce($6, event.written),
           etag = CASE WHEN $6 IS NULL THEN event.etag ELSE $7 END,
           google_updated = CASE WHEN $6 IS NULL THEN event.google_updated ELSE $8 END,
           starts_at = CASE WHEN $6 IS NULL THEN event.starts_at ELSE $9 END,
           ends_at = CASE WHEN $6 IS NULL THEN event.ends_at ELSE $10 END,
           conflict = CASE WHEN $6 IS NULL THEN event.conflict END,
           conflict_etag = CASE WHEN $6 IS NULL THEN event.conflict_etag END,
           sweep = calendar.sweep, is_due = event.asked <> $5, run_at = $11, leased_until = NULL,
           failures = 0
         FROM booking.calendar
         WHERE event.org_id = $1 AND event.provider_id = $2 AND event.booking_id = $3
           AND calendar.org_id = event.org_id AND calendar.provider_id = event.provider_id
           AND calendar.connection = $4",
    )
    .bind(tx.org())
    .bind(connection.provider)
    .bind(booking)
    .bind(connection.id)
    .bind(asked)
    .bind(wrote.what)
    .bind(wrote.etag)
    .bind(wrote.updated.map(|at| at.to_sqlx()))
    .bind(wrote.span.map(|span| span.from.to_sqlx()))
    .bind(wrote.span.map(|span| span.to.to_sqlx()))
    .bind(now.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(recorded.rows_affected() == 1)
}

pub(crate) async fn put_off(
    tx: &mut OrgTx,
    (connection, booking): (Connection, BookingId),
    (failures, next): (i32, Timestamp),
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE booking.calendar_event SET failures = $4, run_at = $5, leased_until = NULL
         WHERE org_id = $1 AND provider_id = $2 AND booking_id = $3",
    )
    .bind(tx.org())
    .bind(connection.provider)
    .bind(booking)
    .bind(failures)
    .bind(next.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Notes that a reading met these events of ours.
pub(crate) async fn meet(
    tx: &mut OrgTx,
    connection: Connection,
    bookings: &[Uuid],
    sweep: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE booking.calendar_event SET sweep = $4
         WHERE org_id = $1 AND provider_id = $2 AND booking_id = ANY ($3)",
    )
    .bind(tx.org())
    .bind(connection.provider)
    .bind(bookings)
    .bind(sweep)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Somebody touched our event, and it stands for the booking (again).
pub(crate) async fn touch(
    tx: &mut OrgTx,
    (connection, booking): (Connection, BookingId),
    etag: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE booking.calendar_event SET etag = $4, conflict = NULL, conflict_etag = NULL
         WHERE org_id = $1 AND provider_id = $2 AND booking_id = $3",
    )
    .bind(tx.org())
    .bind(connection.provider)
    .bind(booking)
    .bind(etag)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Notes what somebody did to our event.
pub(crate) async fn contradict(
    tx: &mut OrgTx,
    (connection, booking): (Connection, BookingId),
    (change, etag): (Change, &str),
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE booking.calendar_event SET conflict = $4, conflict_etag = $5
         WHERE org_id = $1 AND provider_id = $2 AND booking_id = $3",
    )
    .bind(tx.org())
    .bind(connection.provider)
    .bind(booking)
    .bind(change.as_str())
    .bind(etag)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Appointments ahead that were written and that a reading of everything did not meet.
pub(crate) async fn list_unmet(
    tx: &mut OrgTx,
    connection: Connection,
    sweep: i64,
    now: Timestamp,
) -> Result<Vec<BookingId>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT booking_id FROM booking.calendar_event
         WHERE org_id = $1 AND provider_id = $2 AND written = 'event' AND NOT is_due
           AND conflict IS DISTINCT FROM 'deleted' AND sweep < $3 AND ends_at > $4
         ORDER BY booking_id",
    )
    .bind(tx.org())
    .bind(connection.provider)
    .bind(sweep)
    .bind(now.to_sqlx())
    .fetch_all(&mut **tx)
    .await
}
