//! What transactions wait for, and where they go back to.

use sqlx::AssertSqlSafe;
use voxanne_pg::OrgTx;

use crate::services::Service;

/// Lets one booking of the organisation move at a time: two that want each other's place would wait
/// in a circle.
pub(crate) async fn lock_moves(tx: &mut OrgTx) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended('booking.moves:' || $1::text, 0))")
        .bind(tx.org())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Waits until no other transaction books this service, when a day takes only so many of it: two at
/// once would both be counted as the last.
pub(crate) async fn lock_daily_limit(tx: &mut OrgTx, service: &Service) -> Result<(), sqlx::Error> {
    if service.terms.daily_limit.is_none() {
        return Ok(());
    }
    sqlx::query(
        "SELECT pg_advisory_xact_lock(
           hashtextextended('booking.daily:' || $1::text || ':' || $2::text, 0))",
    )
    .bind(tx.org())
    .bind(service.id)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Marks a point that a refused request goes back to.
pub(crate) async fn savepoint(tx: &mut OrgTx, name: &'static str) -> Result<(), sqlx::Error> {
    let statement = AssertSqlSafe(format!("SAVEPOINT {name}"));
    sqlx::query(statement).execute(&mut **tx).await?;
    Ok(())
}

pub(crate) async fn rollback_to(tx: &mut OrgTx, name: &'static str) -> Result<(), sqlx::Error> {
    let statement = AssertSqlSafe(format!("ROLLBACK TO SAVEPOINT {name}"));
    sqlx::query(statement).execute(&mut **tx).await?;
    Ok(())
}
