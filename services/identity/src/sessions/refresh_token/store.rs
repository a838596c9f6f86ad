//! Every statement about refresh tokens.

use jiff::Timestamp;
use jiff_sqlx::{Timestamp as At, ToSqlx as _};
use voxanne_ids::SessionId;
use voxanne_pg::OrgTx;

use super::RefreshToken;
use crate::sessions::Presented;

/// More than a session is refreshed in a day.
const FORGOTTEN_AT_ONCE: i64 = 200;

pub(in crate::sessions) async fn insert(
    tx: &mut OrgTx,
    token: &RefreshToken,
    generation: i32,
    (now, expires_at): (Timestamp, Timestamp),
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO identity.refresh_token
           (org_id, session_id, hash, issued_at, expires_at, generation)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(token.org)
    .bind(token.session)
    .bind(token.hash().as_slice())
    .bind(now.to_sqlx())
    .bind(expires_at.to_sqlx())
    .bind(generation)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A row of [`load`].
#[derive(sqlx::FromRow)]
struct Token {
    expires_at: At,
    used_at: Option<At>,
    generation: i32,
    successors: i64,
    is_overtaken: bool,
}

pub(in crate::sessions) async fn load(
    tx: &mut OrgTx,
    token: &RefreshToken,
) -> Result<Option<Presented>, sqlx::Error> {
    let found: Option<Token> = sqlx::query_as(
        "SELECT t.expires_at, t.used_at, t.generation,
                count(later.hash) FILTER (WHERE later.generation = t.generation + 1) AS successors,
                coalesce(bool_or(later.used_at IS NOT NULL), false) AS is_overtaken
         FROM identity.refresh_token t
         LEFT JOIN identity.refresh_token later ON later.org_id = t.org_id
           AND later.session_id = t.session_id AND later.generation > t.generation
         WHERE t.org_id = $1 AND t.session_id = $2 AND t.hash = $3
         GROUP BY t.expires_at, t.used_at, t.generation",
    )
    .bind(token.org)
    .bind(token.session)
    .bind(token.hash().as_slice())
    .fetch_optional(&mut **tx)
    .await?;
    Ok(found.map(|token| Presented {
        expires_at: token.expires_at.to_jiff(),
        used_at: token.used_at.map(At::to_jiff),
        generation: token.generation,
        successors: token.successors,
        is_overtaken: token.is_overtaken,
    }))
}

/// Uses every token of the session that is still unused.
pub(in crate::sessions) async fn update_used(
    tx: &mut OrgTx,
    session: SessionId,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE identity.refresh_token SET used_at = $3
         WHERE org_id = $1 AND session_id = $2 AND used_at IS NULL",
    )
    .bind(tx.org())
    .bind(session)
    .bind(now.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Forgets tokens of the session that were used before `before`, a bounded number of them.
pub(in crate::sessions) async fn delete_used(
    tx: &mut OrgTx,
    session: SessionId,
    before: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "DELETE FROM identity.refresh_token
         WHERE org_id = $1 AND session_id = $2 AND hash IN (
           SELECT hash FROM identity.refresh_token
           WHERE org_id = $1 AND session_id = $2 AND used_at < $3 LIMIT $4
         )",
    )
    .bind(tx.org())
    .bind(session)
    .bind(before.to_sqlx())
    .bind(FORGOTTEN_AT_ONCE)
    .execute(&mut **tx)
    .await?;
    Ok(())
}
