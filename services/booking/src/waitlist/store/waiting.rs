//! Who may be offered what became free.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use jiff_sqlx::ToSqlx as _;
use voxanne_ids::{PatientId, ServiceId, WaitlistEntryId};
use voxanne_pg::OrgTx;

use super::{
    super::{Wish, offer::Freed},
    row::WaitingRow,
};
use crate::Error;

/// Entries looked at for one stretch of free time.
const MOST_TRIED: i64 = 100;
/// No clinic's day is further from the same day in UTC.
const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// Somebody who may be offered something.
#[derive(Clone, Debug)]
pub(in crate::waitlist) struct Waiting {
    pub(in crate::waitlist) id: WaitlistEntryId,
    pub(in crate::waitlist) patient: PatientId,
    pub(in crate::waitlist) service: ServiceId,
    pub(in crate::waitlist) wish: Wish,
    pub(in crate::waitlist) version: i64,
    /// Starts of the same provider that it was offered before.
    pub(in crate::waitlist) asked: Vec<Timestamp>,
}

/// Who might want some of what was freed, by rank.
pub(in crate::waitlist) async fn list(
    tx: &mut OrgTx,
    freed: &Freed,
) -> Result<Vec<Waiting>, Error> {
    let day = |at: Timestamp| TimeZone::UTC.to_datetime(at).date().to_sqlx();
    let first = freed
        .span
        .from
        .saturating_sub(A_DAY)
        .unwrap_or(freed.span.from);
    let last = freed.span.to.saturating_add(A_DAY).unwrap_or(freed.span.to);
    let rows: Vec<WaitingRow> = sqlx::query_as(
        "SELECT entry.id, entry.patient_id, entry.service_id, entry.provider_id, entry.from_date,
                entry.to_date, entry.part_of_day, entry.version,
                ARRAY (SELECT offer.starts_at FROM booking.waitlist_offer offer
                       WHERE offer.org_id = entry.org_id AND offer.entry_id = entry.id
                         AND offer.provider_id = $2) AS asked
         FROM booking.waitlist_entry entry
         WHERE entry.org_id = $1 AND entry.state = 'waiting'
           AND (entry.provider_id IS NULL OR entry.provider_id = $2)
           AND entry.from_date <= $4 AND entry.to_date >= $3
         ORDER BY entry.missed, -entry.priority, entry.queued_at, entry.id LIMIT $5",
    )
    .bind(tx.org())
    .bind(freed.provider)
    .bind(day(first))
    .bind(day(last))
    .bind(MOST_TRIED)
    .fetch_all(&mut **tx)
    .await?;
    rows.into_iter().map(WaitingRow::read).collect()
}
