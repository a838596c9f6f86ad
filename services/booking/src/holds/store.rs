//! Every statement about holds.

use std::time::Duration;

use jiff::civil::DateTime;
use jiff_sqlx::ToSqlx as _;
use sqlx::postgres::types::PgInterval;
use voxanne_ids::{HoldId, ProviderId, ServiceId};
use voxanne_pg::OrgTx;

use super::{Hold, hold::MOST};
use crate::{
    Error,
    availability::Span,
    claims::{self, Owner},
    fields::CallRef,
};

/// A hold to be inserted.
pub(crate) struct NewRow<'a> {
    pub(crate) id: HoldId,
    pub(crate) holder: &'a str,
    pub(crate) call: &'a CallRef,
    pub(crate) provider: ProviderId,
    pub(crate) service: ServiceId,
    pub(crate) visit: Span,
    pub(crate) time_zone: &'a str,
    pub(crate) local_time: DateTime,
}

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: HoldId,
    provider_id: ProviderId,
    service_id: ServiceId,
    starts_at: jiff_sqlx::Timestamp,
    ends_at: jiff_sqlx::Timestamp,
    time_zone: String,
    local_time: jiff_sqlx::DateTime,
    expires_at: jiff_sqlx::Timestamp,
}

impl From<Row> for Hold {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            provider: row.provider_id,
            service: row.service_id,
            visit: Span {
                from: row.starts_at.to_jiff(),
                to: row.ends_at.to_jiff(),
            },
            time_zone: row.time_zone,
            local_time: row.local_time.to_jiff(),
            expires_at: row.expires_at.to_jiff(),
        }
    }
}

pub(crate) async fn insert(tx: &mut OrgTx, new: &NewRow<'_>, ttl: Duration) -> Result<Hold, Error> {
    let ttl =
        PgInterval::try_from(ttl).map_err(|_too_long| Error::Unreadable("length of holds"))?;
    let row: Row = sqlx::query_as(
        "INSERT INTO booking.hold
           (org_id, id, holder, call_id, provider_id, service_id, starts_at, ends_at, time_zone,
            local_time, expires_at)
         VALUES ($1, $2, $3, nullif($4, ''), $5, $6, $7, $8, $9, $10, now() + $11)
         RETURNING id, provider_id, service_id, starts_at, ends_at, time_zone, local_time,
                   expires_at",
    )
    .bind(tx.org())
    .bind(new.id)
    .bind(new.holder)
    .bind(new.call.as_str())
    .bind(new.provider)
    .bind(new.service)
    .bind(new.visit.from.to_sqlx())
    .bind(new.visit.to.to_sqlx())
    .bind(new.time_zone)
    .bind(new.local_time.to_sqlx())
    .bind(ttl)
    .fetch_one(&mut **tx)
    .await?;
    Ok(row.into())
}

/// Waits until no other transaction holds anything for this holder, so that two at once are counted.
pub(super) async fn lock_holder(tx: &mut OrgTx, holder: &str) -> Result<(), sqlx::Error> {
    sqlx::query(
        "SELECT pg_advisory_xact_lock(
           hashtextextended('booking.holder:' || $1::text || ':' || $2, 0))",
    )
    .bind(tx.org())
    .bind(holder)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What the holder holds, counted as far as it matters.
pub(super) async fn count(tx: &mut OrgTx, holder: &str) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT count(*) FROM (
           SELECT FROM booking.hold
           WHERE org_id = $1 AND holder = $2 AND expires_at > now() LIMIT $3) held",
    )
    .bind(tx.org())
    .bind(holder)
    .bind(MOST)
    .fetch_one(&mut **tx)
    .await
}

/// The hold, if it was made in `call` and has not ended; nobody else ends or books it meanwhile.
pub(crate) async fn lock(
    tx: &mut OrgTx,
    id: HoldId,
    call: &CallRef,
) -> Result<Option<Hold>, sqlx::Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT id, provider_id, service_id, starts_at, ends_at, time_zone, local_time, expires_at
         FROM booking.hold
         WHERE org_id = $1 AND id = $2 AND coalesce(call_id, '') = $3 AND expires_at > now()
         FOR UPDATE",
    )
    .bind(tx.org())
    .bind(id)
    .bind(call.as_str())
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(Into::into))
}

/// The holds of a call, which nobody else ends or books meanwhile.
pub(super) async fn of_call(tx: &mut OrgTx, call: &CallRef) -> Result<Vec<Hold>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, provider_id, service_id, starts_at, ends_at, time_zone, local_time, expires_at
         FROM booking.hold WHERE org_id = $1 AND call_id = $2 ORDER BY id FOR UPDATE",
    )
    .bind(tx.org())
    .bind(call.as_str())
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

pub(crate) async fn delete(tx: &mut OrgTx, id: HoldId) -> Result<(), sqlx::Error> {
    claims::store::release(tx, Owner::Hold(id)).await?;
    sqlx::query("DELETE FROM booking.hold WHERE org_id = $1 AND id = $2")
        .bind(tx.org())
        .bind(id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
