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

/// Entries whose offer has run out. One that is being accepted at this moment is left to that.
pub(super) async fn lock_expired(tx: &mut OrgTx) -> Result<Vec<Entry>, Error> {
    let ids: Vec<WaitlistEntryId> = sqlx::query_scalar(
        "SELECT entry.id FROM booking.waitlist_offer offer
         JOIN booking.waitlist_entry entry
           ON entry.org_id = offer.org_id AND entry.id = offer.entry_id
         WHERE offer.org_id = $1 AND offer.state = 'live' AND offer.expires_at <= now()
         ORDER BY offer.expires_at, offer.id LIMIT $2 FOR UPDATE OF entry SKIP LOCKED",
    )
    .bind(tx.org())
    .bind(OFFERS)
    .fetch_all(&mut **tx)
    .await?;
    let mut entries = Vec::with_capacity(ids.len());
    for id in ids {
        let entry = load(tx, id).await?;
        let expired = |entry: &Entry| entry.offer.as_ref().is_some_and(|one| one.has_expired);
        entries.extend(entry.filter(expired));
    }
    Ok(entries)
}
