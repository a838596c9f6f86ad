//! The SQL of forgetting texts.

use uuid::Uuid;
use voxanne_pg::OrgTx;
use voxanne_problem::Problem;

/// Whether Twilio is being asked to send one of the texts, or may have taken it.
pub(super) async fn is_in_flight(tx: &mut OrgTx, bookings: &[Uuid]) -> Result<bool, Problem> {
    sqlx::query_scalar(
        "SELECT EXISTS (
           SELECT FROM notification.message
           WHERE org_id = $1 AND booking_id = ANY($2) AND state IN ('sending', 'unknown'))",
    )
    .bind(tx.org())
    .bind(bookings)
    .fetch_one(&mut **tx)
    .await
    .map_err(voxanne_pg::problem)
}

/// Empties number and text; gives the messages that had one.
pub(super) async fn forget(tx: &mut OrgTx, bookings: &[Uuid]) -> Result<Vec<Uuid>, Problem> {
    sqlx::query_scalar(
        "UPDATE notification.message SET to_number = '', body = ''
         WHERE org_id = $1 AND booking_id = ANY($2) AND (to_number <> '' OR body <> '')
         RETURNING id",
    )
    .bind(tx.org())
    .bind(bookings)
    .fetch_all(&mut **tx)
    .await
    .map_err(voxanne_pg::problem)
}
