//! Consents that were asked for.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;
use voxanne_ids::{OrgId, ProviderId, SessionId, UserId};
use voxanne_pg::{OrgTx, Pool, SystemTx};

/// Questions of one member that may be open; the oldest are forgotten.
const MOST_OPEN: i64 = 10;

/// A question to Google that waits for its answer.
#[derive(sqlx::FromRow)]
pub(crate) struct Asked {
    pub(crate) state_hash: Vec<u8>,
    pub(crate) browser_hash: Vec<u8>,
    pub(crate) verifier: String,
    pub(crate) provider_id: ProviderId,
    pub(crate) user_id: UserId,
    pub(crate) session_id: SessionId,
}

pub(crate) async fn insert(
    tx: &mut OrgTx,
    asked: &Asked,
    (now, expires_at): (Timestamp, Timestamp),
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "DELETE FROM booking.calendar_consent WHERE org_id = $1 AND (expires_at <= $2 OR id IN (
           SELECT id FROM booking.calendar_consent WHERE org_id = $1 AND user_id = $3
           ORDER BY expires_at DESC OFFSET $4))",
    )
    .bind(tx.org())
    .bind(now.to_sqlx())
    .bind(asked.user_id)
    .bind(MOST_OPEN - 1)
    .execute(&mut **tx)
    .await?;
    sqlx::query(
        "INSERT INTO booking.calendar_consent
           (org_id, id, state_hash, browser_hash, verifier, provider_id, user_id, session_id,
            expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(tx.org())
    .bind(Uuid::new_v4())
    .bind(&asked.state_hash)
    .bind(&asked.browser_hash)
    .bind(&asked.verifier)
    .bind(asked.provider_id)
    .bind(asked.user_id)
    .bind(asked.session_id)
    .bind(expires_at.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Whose question a state belongs to.
pub(crate) async fn find(
    pool: &Pool,
    state_hash: &[u8],
    now: Timestamp,
) -> Result<Option<(OrgId, Uuid)>, sqlx::Error> {
    let mut tx = SystemTx::begin(pool, "booking", "a state names no organisation").await?;
    let found = sqlx::query_as(
        "SELECT org_id, id FROM booking.calendar_consent
         WHERE state_hash = $1 AND expires_at > $2",
    )
    .bind(state_hash)
    .bind(now.to_sqlx())
    .fetch_optional(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(found)
}

/// Takes the question away; the second of two answers finds none.
pub(crate) async fn take(tx: &mut OrgTx, id: Uuid) -> Result<Option<Asked>, sqlx::Error> {
    sqlx::query_as(
        "DELETE FROM booking.calendar_consent WHERE org_id = $1 AND id = $2
         RETURNING state_hash, browser_hash, verifier, provider_id, user_id, session_id",
    )
    .bind(tx.org())
    .bind(id)
    .fetch_optional(&mut **tx)
    .await
}
