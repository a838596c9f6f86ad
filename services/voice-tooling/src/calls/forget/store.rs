//! The SQL of forgetting calls.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;
use voxanne_pg::OrgTx;

/// Empties the calls that made one of these bookings, what the agent was told in them too; gives
/// their ids.
pub(super) async fn forget(
    tx: &mut OrgTx,
    bookings: &[Uuid],
    now: Timestamp,
) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar(
        "WITH erased AS (
           UPDATE voice_tooling.call
           SET caller_number = '', transcript = '', summary = '',
               erased_at = coalesce(erased_at, $3)
           WHERE org_id = $1 AND vapi_call_id IN (
             SELECT vapi_call_id FROM voice_tooling.tool_run
             WHERE org_id = $1 AND booking_id = ANY($2))
           RETURNING id, vapi_call_id
         ), silent AS (
           UPDATE voice_tooling.tool_run SET text = ''
           WHERE org_id = $1 AND vapi_call_id IN (SELECT vapi_call_id FROM erased)
         )
         SELECT id FROM erased",
    )
    .bind(tx.org())
    .bind(bookings)
    .bind(now.to_sqlx())
    .fetch_all(&mut **tx)
    .await
}
