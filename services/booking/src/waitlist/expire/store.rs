//! The SQL of finding offers that have run out.

use voxanne_ids::{OrgId, WaitlistEntryId};
use voxanne_pg::{OrgTx, Pool, SystemTx};

use super::super::{Entry, store::load};
use crate::Error;

/// Organisations, and offers of each, worked through in one round.
const ORGS: i64 = 200;
const OFFERS: i64 = 20;

/// Organisations with an offer that has run out, in no particular order.
pub(super) async fn find_expired_orgs(pool: &Pool) -> Result<Vec<OrgId>, Error> {
    let mut tx = SystemTx::begin(pool, "booking", "find organisations with expired offers").await?;
    let orgs = sqlx::query_scalar(
        "SELECT org_id FROM booking.waitlist_offer WHERE state = 'live' AND expires_at <= now()
         GROUP BY org_id ORDER BY random() LIMIT $1",
    )
    .bind(ORGS)
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(orgs)
}

/// Entries whose offer has run out, in no particular order, so that none that cannot be worked on is
/// always the first.
pub(super) async fn find_expired(tx: &mut OrgTx) -> Result<Vec<WaitlistEntryId>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT entry_id FROM booking.waitlist_offer
         WHERE org_id = $1 AND state = 'live' AND expires_at <= now()
         ORDER BY random() LIMIT $2",
    )
    .bind(tx.org())
    .bind(OFFERS)
    .fetch_all(&mut **tx)
    .await
}

/// The entry, if its offer has run out. One that is being accepted at this moment is left to that.
pub(super) async fn lock_expired(
    tx: &mut OrgTx,
    id: WaitlistEntryId,
) -> Result<Option<Entry>, Error> {
    let locked: Option<WaitlistEntryId> = sqlx::query_scalar(
        "SELECT id FROM booking.waitlist_entry WHERE org_id = $1 AND id = $2
         FOR UPDATE SKIP LOCKED",
    )
    .bind(tx.org())
    .bind(id)
    .fetch_optional(&mut **tx)
    .await?;
    if locked.is_none() {
        return Ok(None);
    }
    let expired = |entry: &Entry| entry.offer.as_ref().is_some_and(|one| one.has_expired);
    Ok(load(tx, id).await?.filter(expired))
}
