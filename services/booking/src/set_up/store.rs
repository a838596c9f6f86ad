//! The lock that keeps a set-up from being done twice at once.

use voxanne_pg::OrgTx;

/// Waits until no other transaction sets up this organisation.
pub(crate) async fn lock(tx: &mut OrgTx) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended('booking.set_up:' || $1::text, 0))")
        .bind(tx.org())
        .execute(&mut **tx)
        .await?;
    Ok(())
}
