//! Every statement about the feed. Its position is given under the counter's lock, which is held
//! until the commit: positions follow the order of commits, and a reader that follows them misses
//! none. The lock is everybody's, so these come last in a transaction.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use voxanne_ids::{KeyId, OrgId, SessionId, UserId};
use voxanne_pg::{OrgTx, SystemTx};

use super::{Ended, Revocation};
use crate::Error;

/// Revocations in one answer.
const FEED_PAGE: i64 = 1000;
/// Rows that one statement deletes; a longer transaction would hold up those behind it.
const PRUNED_AT_ONCE: i64 = 10_000;

/// Ends one session, ours or another issuer's, unless it has ended before; says whether it had not.
pub(crate) async fn end_session(
    tx: &mut OrgTx,
    session: SessionId,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let announced = sqlx::query(
        "WITH own AS (
           UPDATE identity.session SET revoked_at = $3
           WHERE org_id = $1 AND id = $2 AND revoked_at IS NULL
         ), next AS (
           UPDATE identity.revocation_counter SET position = position + 1
           WHERE NOT EXISTS (
             SELECT FROM identity.revocation WHERE org_id = $1 AND session_id = $2
           )
           RETURNING position
         )
         INSERT INTO identity.revocation (org_id, session_id, position, revoked_at)
         SELECT $1, $2, next.position, $3 FROM next
         ON CONFLICT DO NOTHING",
    )
    .bind(tx.org())
    .bind(session)
    .bind(now.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(announced.rows_affected() > 0)
}

/// Announces that an API key was revoked, unless that was announced before.
pub(crate) async fn end_key(tx: &mut OrgTx, key: KeyId, now: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query(
        "WITH next AS (
           UPDATE identity.revocation_counter SET position = position + 1
           WHERE NOT EXISTS (
             SELECT FROM identity.revocation WHERE org_id = $1 AND key_id = $2
           )
           RETURNING position
         )
         INSERT INTO identity.revocation (org_id, key_id, position, revoked_at)
         SELECT $1, $2, next.position, $3 FROM next
         ON CONFLICT DO NOTHING",
    )
    .bind(tx.org())
    .bind(key)
    .bind(now.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Ends every session that `user` has in the organisation, but for the one to `keep`; returns
/// which. They are locked in one order, so that two of these do not wait for each other.
pub(crate) async fn end_sessions_of(
    tx: &mut OrgTx,
    user: UserId,
    keep: Option<SessionId>,
    now: Timestamp,
) -> Result<Vec<SessionId>, sqlx::Error> {
    sqlx::query_scalar(
        "WITH ending AS (
           SELECT id FROM identity.session
           WHERE org_id = $1 AND user_id = $2 AND revoked_at IS NULL AND id IS DISTINCT FROM $3
           ORDER BY id
           FOR UPDATE
         ), ended AS (
           UPDATE identity.session SET revoked_at = $4
           FROM ending WHERE session.org_id = $1 AND session.id = ending.id
           RETURNING session.id
         ), next AS (
           UPDATE identity.revocation_counter
           SET position = position + (SELECT count(*) FROM ended)
           WHERE EXISTS (SELECT FROM ended)
           RETURNING position
         )
         INSERT INTO identity.revocation (org_id, session_id, position, revoked_at)
         SELECT $1, ended.id, next.position + 1 - row_number() OVER (), $4
         FROM ended, next
         ON CONFLICT DO NOTHING
         RETURNING session_id",
    )
    .bind(tx.org())
    .bind(user)
    .bind(keep)
    .bind(now.to_sqlx())
    .fetch_all(&mut **tx)
    .await
}

pub(super) async fn session_has_ended(
    tx: &mut OrgTx,
    session: SessionId,
) -> Result<bool, sqlx::Error> {
    let org = tx.org();
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM identity.revocation WHERE org_id = $1 AND session_id = $2)",
    )
    .bind(org)
    .bind(session)
    .fetch_one(&mut **tx)
    .await
}

#[derive(sqlx::FromRow)]
struct Row {
    org_id: OrgId,
    session_id: Option<SessionId>,
    key_id: Option<KeyId>,
    position: i64,
}

pub(super) async fn list(
    tx: &mut SystemTx,
    after: i64,
    since: Timestamp,
) -> Result<Vec<Revocation>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT org_id, session_id, key_id, position FROM identity.revocation
         WHERE position > $1 AND revoked_at > $2
         ORDER BY position
         LIMIT $3",
    )
    .bind(after)
    .bind(since.to_sqlx())
    .bind(FEED_PAGE)
    .fetch_all(&mut **tx)
    .await?;
    rows.into_iter().map(Row::into_revocation).collect()
}

impl Row {
    fn into_revocation(self) -> Result<Revocation, Error> {
        let session = self.session_id.map(Ended::Session);
        let what = session.or(self.key_id.map(Ended::Key));
        Ok(Revocation {
            org: self.org_id,
            what: what.ok_or(Error::Unreadable("revocation"))?,
            position: self.position,
        })
    }
}

pub(super) async fn delete_old(tx: &mut SystemTx, before: Timestamp) -> Result<u64, sqlx::Error> {
    let deleted = sqlx::query(
        "DELETE FROM identity.revocation
         WHERE (org_id, position) IN (
           SELECT org_id, position FROM identity.revocation WHERE revoked_at < $1 LIMIT $2
         )",
    )
    .bind(before.to_sqlx())
    .bind(PRUNED_AT_ONCE)
    .execute(&mut **tx)
    .await?;
    Ok(deleted.rows_affected())
}
