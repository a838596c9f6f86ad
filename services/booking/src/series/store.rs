//! Every statement about series.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use voxanne_ids::{BookingId, SeriesId};
use voxanne_pg::OrgTx;

/// A series has 26 visits at most; those that were moved are still of it.
const MOST: i64 = 26;

pub(super) async fn join(
    tx: &mut OrgTx,
    booking: BookingId,
    series: SeriesId,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE booking.booking SET series_id = $3 WHERE org_id = $1 AND id = $2")
        .bind(tx.org())
        .bind(booking)
        .bind(series)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn exists(tx: &mut OrgTx, series: SeriesId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM booking.booking WHERE org_id = $1 AND series_id = $2)",
    )
    .bind(tx.org())
    .bind(series)
    .fetch_one(&mut **tx)
    .await
}

/// Visits that may still be cancelled, in the order in which everybody takes them.
pub(super) async fn list_ahead(
    tx: &mut OrgTx,
    series: SeriesId,
    from: Timestamp,
) -> Result<Vec<(BookingId, Timestamp)>, sqlx::Error> {
    let rows: Vec<(BookingId, jiff_sqlx::Timestamp)> = sqlx::query_as(
        "SELECT id, starts_at FROM booking.booking
         WHERE org_id = $1 AND series_id = $2 AND starts_at >= $3
           AND status IN ('requested', 'booked', 'confirmed', 'arrived')
         ORDER BY id LIMIT $4",
    )
    .bind(tx.org())
    .bind(series)
    .bind(from.to_sqlx())
    .bind(MOST)
    .fetch_all(&mut **tx)
    .await?;
    let read = |(id, at): (BookingId, jiff_sqlx::Timestamp)| (id, at.to_jiff());
    Ok(rows.into_iter().map(read).collect())
}
