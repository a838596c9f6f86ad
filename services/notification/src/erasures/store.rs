//! The SQL of forgetting texts.

use uuid::Uuid;
use voxanne_pg::OrgTx;
use voxanne_problem::Problem;

/// Empties number and text; gives the messages.
///
/// A text in flight is matched with what Twilio lists by its number, and is emptied when it leaves
/// that state. A worker that has read the number already, and not begun to send, is fenced off.
pub(super) async fn forget(tx: &mut OrgTx, bookings: &[Uuid]) -> Result<Vec<Uuid>, Problem> {
    sqlx::query_scalar(
        "UPDATE notification.message SET erased = true,
           to_number = CASE WHEN state IN ('sending', 'unknown') THEN to_number ELSE '' END,
           body = CASE WHEN state IN ('sending', 'unknown') THEN body ELSE '' END,
           attempt = attempt + (state = 'queued')::integer
         WHERE org_id = $1 AND booking_id = ANY($2) AND NOT erased
         RETURNING id",
    )
    .bind(tx.org())
    .bind(bookings)
    .fetch_all(&mut **tx)
    .await
    .map_err(voxanne_pg::problem)
}
