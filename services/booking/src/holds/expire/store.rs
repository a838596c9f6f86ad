//! The SQL of holds that have run out.

use voxanne_ids::OrgId;
use voxanne_pg::{OrgTx, Pool, SystemTx};

use super::super::{Hold, store::Row};
use crate::Error;

/// Organisations, and holds of each, ended in one round.
const ORGS: i64 = 200;
const HOLDS: i64 = 100;

/// Organisations with a hold that has run out, in no particular order.
pub(super) async fn find_expired_orgs(pool: &Pool) -> Result<Vec<OrgId>, Error> {
    let mut tx = SystemTx::begin(pool, "booking", "find organisations with expired holds").await?;
    let orgs = sqlx::query_scalar(
        "SELECT org_id FROM booking.hold WHERE expires_at <= now()
         GROUP BY org_id ORDER BY random() LIMIT $1",
    )
    .bind(ORGS)
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(orgs)
}

/// Takes holds away that have run out. Those of live offers end with their offers, and one that
/// somebody works on at this moment is left to them.
pub(super) async fn delete_expired(tx: &mut OrgTx) -> Result<Vec<Hold>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "WITH expired AS (
           SELECT id FROM booking.hold
           WHERE org_id = $1 AND expires_at <= now() AND NOT EXISTS (
             SELECT FROM booking.waitlist_offer offer
             WHERE offer.org_id = $1 AND offer.id = hold.id AND offer.state = 'live')
           ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED
         ), freed AS (
           DELETE FROM booking.claim
           WHERE org_id = $1 AND hold_id IN (SELECT id FROM expired)
         )
         DELETE FROM booking.hold WHERE org_id = $1 AND id IN (SELECT id FROM expired)
         RETURNING id, provider_id, service_id, starts_at, ends_at, time_zone, local_time,
                   expires_at",
    )
    .bind(tx.org())
    .bind(HOLDS)
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}
