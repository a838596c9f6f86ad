//! When people are busy by their own calendars.

use jiff::Timestamp;
use jiff_sqlx::{Timestamp as At, ToSqlx as _};
use uuid::Uuid;
use voxanne_ids::ProviderId;
use voxanne_pg::OrgTx;

use super::super::{Connection, Knowledge, WhenUnknown};
use crate::{Error, availability::Span};

/// More spans in one question come from a calendar that nobody keeps by hand.
const MOST: i64 = 50_000;

#[derive(sqlx::FromRow)]
struct BusyRow {
    provider_id: ProviderId,
    busy_from: At,
    busy_to: At,
}

#[derive(sqlx::FromRow)]
struct StateRow {
    provider_id: ProviderId,
    state: String,
    when_unknown: String,
    synced_at: Option<At>,
}

/// What `providers` do within `span` by their own calendars, in order. Where that is unknown, and
/// the clinic wants no risk, all of the span is taken: unknown is never read as free.
pub(crate) async fn list(
    tx: &mut OrgTx,
    providers: &[Uuid],
    span: Span,
    now: Timestamp,
) -> Result<Vec<(ProviderId, Span)>, Error> {
    let states: Vec<StateRow> = sqlx::query_as(
        "SELECT provider_id, state, when_unknown, synced_at FROM booking.calendar
         WHERE org_id = $1 AND provider_id = ANY ($2)",
    )
    .bind(tx.org())
    .bind(providers)
    .fetch_all(&mut **tx)
    .await?;
    if states.is_empty() {
        return Ok(Vec::new());
    }
    let mut taken = Vec::new();
    for state in &states {
        if state.blocks(now)? {
            taken.push((state.provider_id, span));
        }
    }
    let rows: Vec<BusyRow> = sqlx::query_as(
        "SELECT provider_id, lower(busy) AS busy_from, upper(busy) AS busy_to
         FROM booking.calendar_busy
         WHERE org_id = $1 AND provider_id = ANY ($2) AND busy && tstzrange($3, $4, '[)')
         ORDER BY provider_id, lower(busy) LIMIT $5",
    )
    .bind(tx.org())
    .bind(providers)
    .bind(span.from.to_sqlx())
    .bind(span.to.to_sqlx())
    .bind(MOST)
    .fetch_all(&mut **tx)
    .await?;
    taken.extend(rows.into_iter().map(BusyRow::read));
    Ok(taken)
}

impl StateRow {
    fn blocks(&self, now: Timestamp) -> Result<bool, Error> {
        let when_unknown = WhenUnknown::from_word(&self.when_unknown);
        let when_unknown = when_unknown.ok_or(Error::Unreadable("when_unknown"))?;
        let synced_at = self.synced_at.map(At::to_jiff);
        let knowledge = Knowledge::of(self.state == "connected", synced_at, now);
        Ok(knowledge == Knowledge::Unknown && when_unknown == WhenUnknown::Block)
    }
}

impl BusyRow {
    fn read(self) -> (ProviderId, Span) {
        let span = Span {
            from: self.busy_from.to_jiff(),
            to: self.busy_to.to_jiff(),
        };
        (self.provider_id, span)
    }
}

/// Stores what was read on one page, in one statement for all of it.
pub(crate) async fn keep(
    tx: &mut OrgTx,
    connection: Connection,
    spans: &[(String, Span)],
    sweep: i64,
) -> Result<(), sqlx::Error> {
    let ids: Vec<&str> = spans.iter().map(|(id, _)| id.as_str()).collect();
    let from: Vec<_> = spans.iter().map(|(_, span)| span.from.to_sqlx()).collect();
    let to: Vec<_> = spans.iter().map(|(_, span)| span.to.to_sqlx()).collect();
    sqlx::query(
        "INSERT INTO booking.calendar_busy (org_id, provider_id, event_id, busy, sweep)
         SELECT $1, $2, event_id, tstzrange(busy_from, busy_to, '[)'), $6
         FROM unnest($3::text[], $4::timestamptz[], $5::timestamptz[])
           AS told (event_id, busy_from, busy_to)
         ON CONFLICT (org_id, provider_id, event_id) DO UPDATE SET
           busy = excluded.busy, sweep = excluded.sweep",
    )
    .bind(tx.org())
    .bind(connection.provider)
    .bind(ids)
    .bind(from)
    .bind(to)
    .bind(sweep)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Forgets events that take nobody's time any more.
pub(crate) async fn forget(
    tx: &mut OrgTx,
    connection: Connection,
    ids: &[String],
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "DELETE FROM booking.calendar_busy
         WHERE org_id = $1 AND provider_id = $2 AND event_id = ANY ($3)",
    )
    .bind(tx.org())
    .bind(connection.provider)
    .bind(ids)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Forgets what a reading of everything did not meet: it was deleted while nobody told us.
pub(crate) async fn forget_unmet(
    tx: &mut OrgTx,
    connection: Connection,
    sweep: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "DELETE FROM booking.calendar_busy
         WHERE org_id = $1 AND provider_id = $2 AND sweep < $3",
    )
    .bind(tx.org())
    .bind(connection.provider)
    .bind(sweep)
    .execute(&mut **tx)
    .await?;
    Ok(())
}
