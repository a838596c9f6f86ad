//! Every statement about sessions, refresh tokens and revocations.

use jiff::Timestamp;
use jiff_sqlx::{Timestamp as At, ToSqlx as _};
use voxanne_ids::{OrgId, SessionId, UserId};
use voxanne_pg::{OrgTx, SystemTx};
use voxanne_privacy::Private;

use super::{Life, Member, Presented, refresh_token::RefreshToken};
use crate::{Error, orgs::Org};

/// Rows that one statement deletes; a longer transaction would hold up the sign-ins behind it.
const PRUNED_AT_ONCE: i64 = 1000;
/// Revocations in one answer.
const FEED_PAGE: i64 = 1000;

pub(super) async fn insert_session(
    tx: &mut OrgTx,
    session: SessionId,
    user: UserId,
    (started_at, ends_at): (Timestamp, Timestamp),
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO identity.session (org_id, id, user_id, started_at, ends_at)
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(tx.org())
    .bind(session)
    .bind(user)
    .bind(started_at.to_sqlx())
    .bind(ends_at.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn insert_token(
    tx: &mut OrgTx,
    token: &RefreshToken,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO identity.refresh_token (org_id, session_id, hash, issued_at, expires_at)
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(token.org)
    .bind(token.session)
    .bind(token.hash().as_slice())
    .bind(now.to_sqlx())
    .bind(expires_at.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A session with its user and organisation.
#[derive(sqlx::FromRow)]
struct Row {
    ends_at: At,
    is_revoked: bool,
    user_id: UserId,
    email: Private<String>,
    role: String,
    org_id: OrgId,
    name: String,
    time_zone: String,
}

macro_rules! session {
    ($lock:literal) => {
        concat!(
            "SELECT s.ends_at, s.revoked_at IS NOT NULL AS is_revoked,
                    u.id AS user_id, u.email, m.role, o.org_id, o.name, o.time_zone
             FROM identity.session s
             JOIN identity.member m ON m.org_id = s.org_id AND m.user_id = s.user_id
             JOIN identity.user_account u ON u.id = s.user_id
             JOIN identity.organization o ON o.org_id = s.org_id
             WHERE s.org_id = $1 AND s.id = $2 ",
            $lock
        )
    };
}

pub(super) async fn load_session(
    tx: &mut OrgTx,
    session: SessionId,
) -> Result<Option<(Life, Member)>, Error> {
    let org = tx.org();
    let found: Option<Row> = sqlx::query_as(session!(""))
        .bind(org)
        .bind(session)
        .fetch_optional(&mut **tx)
        .await?;
    found.map(Row::into_member).transpose()
}

pub(super) async fn lock_session(
    tx: &mut OrgTx,
    session: SessionId,
) -> Result<Option<(Life, Member)>, Error> {
    let org = tx.org();
    let found: Option<Row> = sqlx::query_as(session!("FOR UPDATE OF s"))
        .bind(org)
        .bind(session)
        .fetch_optional(&mut **tx)
        .await?;
    found.map(Row::into_member).transpose()
}

impl Row {
    fn into_member(self) -> Result<(Life, Member), Error> {
        let life = Life {
            ends_at: self.ends_at.to_jiff(),
            is_revoked: self.is_revoked,
        };
        let role = self
            .role
            .parse()
            .map_err(|_unknown| Error::Unreadable("role"))?;
        let org = Org {
            id: self.org_id,
            name: self.name,
            time_zone: self.time_zone,
        };
        Ok((
            life,
            Member {
                user: self.user_id,
                email: self.email,
                role,
                org,
            },
        ))
    }
}

pub(super) async fn load_token(
    tx: &mut OrgTx,
    token: &RefreshToken,
) -> Result<Option<Presented>, sqlx::Error> {
    let found: Option<(At, bool)> = sqlx::query_as(
        "SELECT expires_at, used_at IS NOT NULL FROM identity.refresh_token
         WHERE org_id = $1 AND session_id = $2 AND hash = $3",
    )
    .bind(token.org)
    .bind(token.session)
    .bind(token.hash().as_slice())
    .fetch_optional(&mut **tx)
    .await?;
    Ok(found.map(|(expires_at, is_used)| Presented {
        expires_at: expires_at.to_jiff(),
        is_used,
    }))
}

pub(super) async fn update_token_used(
    tx: &mut OrgTx,
    token: &RefreshToken,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE identity.refresh_token SET used_at = $4
         WHERE org_id = $1 AND session_id = $2 AND hash = $3",
    )
    .bind(token.org)
    .bind(token.session)
    .bind(token.hash().as_slice())
    .bind(now.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Ends the session and announces it in the feed, unless it has ended before. It has to be the
/// transaction's last statement: the counter's lock makes positions follow the order of commits.
pub(super) async fn revoke(
    tx: &mut OrgTx,
    session: SessionId,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "WITH ended AS (
           UPDATE identity.session SET revoked_at = $3
           WHERE org_id = $1 AND id = $2 AND revoked_at IS NULL
           RETURNING org_id, id
         ), next AS (
           UPDATE identity.revocation_counter SET position = position + 1
           WHERE EXISTS (SELECT FROM ended)
           RETURNING position
         )
         INSERT INTO identity.revocation (org_id, session_id, position, revoked_at)
         SELECT ended.org_id, ended.id, next.position, $3 FROM ended, next",
    )
    .bind(tx.org())
    .bind(session)
    .bind(now.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn list_revocations(
    tx: &mut SystemTx,
    after: i64,
    since: Timestamp,
) -> Result<Vec<(SessionId, i64)>, sqlx::Error> {
    sqlx::query_as(
        "SELECT session_id, position FROM identity.revocation
         WHERE position > $1 AND revoked_at > $2
         ORDER BY position
         LIMIT $3",
    )
    .bind(after)
    .bind(since.to_sqlx())
    .bind(FEED_PAGE)
    .fetch_all(&mut **tx)
    .await
}

pub(super) async fn delete_ended(tx: &mut SystemTx, before: Timestamp) -> Result<u64, sqlx::Error> {
    let deleted = sqlx::query(
        "DELETE FROM identity.session
         WHERE (org_id, id) IN (
           SELECT org_id, id FROM identity.session WHERE ends_at < $1 LIMIT $2
         )",
    )
    .bind(before.to_sqlx())
    .bind(PRUNED_AT_ONCE)
    .execute(&mut **tx)
    .await?;
    Ok(deleted.rows_affected())
}
