//! The SQL of forgetting calls.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;
use voxanne_pg::OrgTx;

use super::super::{Call, store::Row};

/// Empties the calls that made one of these bookings, what the agent was told in them too; gives
/// them.
pub(super) async fn forget(
    tx: &mut OrgTx,
    bookings: &[Uuid],
    now: Timestamp,
) -> Result<Vec<Call>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "WITH erased AS (
           UPDATE voice_tooling.call
           SET caller_number = '', transcript = '', summary = '',
               erased_at = coalesce(erased_at, $3)
           WHERE org_id = $1 AND vapi_call_id IN (
             SELECT vapi_call_id FROM voice_tooling.tool_run
             WHERE org_id = $1 AND booking_id = ANY($2))
           RETURNING id, vapi_call_id, caller_number, ended_reason, started_at, ended_at,
             transcript, summary, true AS erased
         ), silent AS (
           UPDATE voice_tooling.tool_run SET text = ''
           WHERE org_id = $1 AND vapi_call_id IN (SELECT vapi_call_id FROM erased)
         )
         SELECT * FROM erased",
    )
    .bind(tx.org())
    .bind(bookings)
    .bind(now.to_sqlx())
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}
