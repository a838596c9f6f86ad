//! Keys of feeds, and what a feed shows.

use jiff::Timestamp;
use jiff_sqlx::{Timestamp as At, ToSqlx as _};
use voxanne_ids::{BookingId, OrgId, ProviderId};
use voxanne_pg::{OrgTx, Pool, SystemTx};
use voxanne_privacy::Private;

use super::super::event::Appointment;
use crate::availability::Span;

/// Appointments in one feed.
const MOST: i64 = 5_000;

/// Makes this the one key of the provider's feed.
pub(crate) async fn put(
    tx: &mut OrgTx,
    provider: ProviderId,
    key_hash: &[u8],
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO booking.calendar_feed (org_id, provider_id, key_hash, made_at)
         VALUES ($1, $2, $3, $4)
         ON CONFLICT (org_id, provider_id) DO UPDATE SET
           key_hash = excluded.key_hash, made_at = excluded.made_at",
    )
    .bind(tx.org())
    .bind(provider)
    .bind(key_hash)
    .bind(now.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Whose feed a key opens.
pub(crate) async fn find(
    pool: &Pool,
    key_hash: &[u8],
) -> Result<Option<(OrgId, ProviderId)>, sqlx::Error> {
    let mut tx = SystemTx::begin(pool, "booking", "a feed's key names no organisation").await?;
    let found =
        sqlx::query_as("SELECT org_id, provider_id FROM booking.calendar_feed WHERE key_hash = $1")
            .bind(key_hash)
            .fetch_optional(&mut *tx)
            .await?;
    tx.commit().await?;
    Ok(found)
}

#[derive(sqlx::FromRow)]
struct Row {
    id: BookingId,
    starts_at: At,
    ends_at: At,
    time_zone: String,
    version: i64,
    created_at: At,
    patient: Option<Private<String>>,
}

/// An appointment in a feed.
pub(crate) struct Listed {
    pub(crate) appointment: Appointment,
    pub(crate) version: i64,
    pub(crate) created_at: Timestamp,
}

/// The provider's appointments within `span`, in order. Patients are named only where the clinic
/// has them written into calendars.
pub(crate) async fn list(
    tx: &mut OrgTx,
    provider: ProviderId,
    span: Span,
) -> Result<Vec<Listed>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT booking.id, booking.starts_at, booking.ends_at, booking.time_zone,
                booking.version, booking.created_at,
                CASE WHEN calendar.shows_patients THEN patient.name END AS patient
         FROM booking.booking
         JOIN booking.patient
           ON patient.org_id = booking.org_id AND patient.id = booking.patient_id
         LEFT JOIN booking.calendar
           ON calendar.org_id = booking.org_id AND calendar.provider_id = booking.provider_id
         WHERE booking.org_id = $1 AND booking.provider_id = $2
           AND booking.status NOT IN ('requested', 'cancelled')
           AND booking.starts_at >= $3 AND booking.starts_at < $4
         ORDER BY booking.starts_at, booking.id LIMIT $5",
    )
    .bind(tx.org())
    .bind(provider)
    .bind(span.from.to_sqlx())
    .bind(span.to.to_sqlx())
    .bind(MOST)
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(Row::read).collect())
}

impl Row {
    fn read(self) -> Listed {
        Listed {
            appointment: Appointment {
                booking: self.id,
                span: Span {
                    from: self.starts_at.to_jiff(),
                    to: self.ends_at.to_jiff(),
                },
                time_zone: self.time_zone,
                patient: self.patient,
            },
            version: self.version,
            created_at: self.created_at.to_jiff(),
        }
    }
}
