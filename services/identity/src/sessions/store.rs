//! Every statement about sessions and refresh tokens; what ends them is in the feed's.

use jiff::Timestamp;
use jiff_sqlx::{Timestamp as At, ToSqlx as _};
use voxanne_ids::{OrgId, SessionId, UserId};
use voxanne_pg::{OrgTx, SystemTx};
use voxanne_privacy::Private;
use voxanne_tenant::Role;

use super::{Device, Life, Member, Presented, Shown, refresh_token::RefreshToken};
use crate::{Error, orgs::Org};

/// Rows that one statement deletes; a longer transaction would hold up the sign-ins behind it.
const PRUNED_AT_ONCE: i64 = 1000;
/// Sessions of one user in one answer; nobody looks through more.
const SHOWN: i64 = 200;

/// The member's role, which cannot change before the transaction ends; none once they have left.
pub(crate) async fn hold_member(tx: &mut OrgTx, user: UserId) -> Result<Option<Role>, Error> {
    let org = tx.org();
    let role: Option<String> = sqlx::query_scalar(
        "SELECT role FROM identity.member WHERE org_id = $1 AND user_id = $2 FOR SHARE",
    )
    .bind(org)
    .bind(user)
    .fetch_optional(&mut **tx)
    .await?;
    role.as_deref().map(read_role).transpose()
}

/// A role as a row holds it.
pub(crate) fn read_role(text: &str) -> Result<Role, Error> {
    text.parse().map_err(|_unknown| Error::Unreadable("role"))
}

pub(super) async fn insert_session(
    tx: &mut OrgTx,
    session: SessionId,
    (user, device): (UserId, &Device),
    (started_at, ends_at): (Timestamp, Timestamp),
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO identity.session
           (org_id, id, user_id, started_at, ends_at, address, user_agent)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(tx.org())
    .bind(session)
    .bind(user)
    .bind(started_at.to_sqlx())
    .bind(ends_at.to_sqlx())
    .bind(&device.address)
    .bind(&device.user_agent)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn insert_token(
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

/// A session with its user and organisation.
#[derive(sqlx::FromRow)]
struct Row {
    ends_at: At,
    is_revoked: bool,
    user_id: UserId,
    email: Private<String>,
    email_verified: bool,
    second_factor: bool,
    role: String,
    org_id: OrgId,
    name: String,
    time_zone: String,
}

macro_rules! session {
    ($lock:literal) => {
        concat!(
            "SELECT s.ends_at, s.revoked_at IS NOT NULL AS is_revoked,
                    u.id AS user_id, u.email,
                    u.email_verified_at IS NOT NULL AS email_verified,
                    u.second_factor_at IS NOT NULL AS second_factor, m.role, o.org_id, o.name, o.time_zone
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
        let role = read_role(&self.role)?;
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
                email_verified: self.email_verified,
                second_factor: self.second_factor,
                role,
                org,
            },
        ))
    }
}

/// A row of [`load_token`].
#[derive(sqlx::FromRow)]
struct Token {
    expires_at: At,
    used_at: Option<At>,
    generation: i32,
    successors: i64,
    is_overtaken: bool,
}

pub(super) async fn load_token(
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
pub(super) async fn update_tokens_used(
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

pub(super) async fn update_last_used(
    tx: &mut OrgTx,
    session: SessionId,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE identity.session SET last_used_at = $3 WHERE org_id = $1 AND id = $2")
        .bind(tx.org())
        .bind(session)
        .bind(now.to_sqlx())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// A row of [`list_sessions`].
#[derive(sqlx::FromRow)]
struct Going {
    id: SessionId,
    org_id: OrgId,
    name: String,
    time_zone: String,
    started_at: At,
    last_used_at: At,
    address: Option<Private<String>>,
    user_agent: Option<Private<String>>,
}

/// The user's sessions that can still be refreshed at `now`, which need one since `since`.
pub(super) async fn list_sessions(
    tx: &mut SystemTx,
    user: UserId,
    (since, now): (Timestamp, Timestamp),
) -> Result<Vec<Shown>, sqlx::Error> {
    let rows: Vec<Going> = sqlx::query_as(
        "SELECT s.id, o.org_id, o.name, o.time_zone, s.started_at,
                coalesce(s.last_used_at, s.started_at) AS last_used_at, s.address, s.user_agent
         FROM identity.session s
         JOIN identity.organization o ON o.org_id = s.org_id
         WHERE s.user_id = $1 AND s.revoked_at IS NULL AND s.ends_at > $3
           AND coalesce(s.last_used_at, s.started_at) > $2
         ORDER BY coalesce(s.last_used_at, s.started_at) DESC, s.id
         LIMIT $4",
    )
    .bind(user)
    .bind(since.to_sqlx())
    .bind(now.to_sqlx())
    .bind(SHOWN)
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(Going::into_shown).collect())
}

impl Going {
    fn into_shown(self) -> Shown {
        Shown {
            session: self.id,
            org: Org {
                id: self.org_id,
                name: self.name,
                time_zone: self.time_zone,
            },
            started_at: self.started_at.to_jiff(),
            last_used_at: self.last_used_at.to_jiff(),
            device: Device {
                address: self.address,
                user_agent: self.user_agent,
            },
        }
    }
}

/// Where the user has this session.
pub(super) async fn load_session_org(
    tx: &mut SystemTx,
    session: SessionId,
    user: UserId,
) -> Result<Option<OrgId>, sqlx::Error> {
    sqlx::query_scalar("SELECT org_id FROM identity.session WHERE id = $1 AND user_id = $2")
        .bind(session)
        .bind(user)
        .fetch_optional(&mut **tx)
        .await
}

/// Where the user has sessions that were not ended.
pub(super) async fn list_session_orgs(
    tx: &mut SystemTx,
    user: UserId,
) -> Result<Vec<OrgId>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT DISTINCT org_id FROM identity.session
         WHERE user_id = $1 AND revoked_at IS NULL",
    )
    .bind(user)
    .fetch_all(&mut **tx)
    .await
}

/// A row of [`load_member`].
#[derive(sqlx::FromRow)]
struct Membership {
    email: Private<String>,
    email_verified: bool,
    second_factor: bool,
    role: String,
    name: String,
    time_zone: String,
}

/// The user in the organisation, if they belong to it.
pub(super) async fn load_member(
    tx: &mut SystemTx,
    user: UserId,
    org: OrgId,
) -> Result<Option<Member>, Error> {
    let found: Option<Membership> = sqlx::query_as(
        "SELECT u.email, u.email_verified_at IS NOT NULL AS email_verified,
                u.second_factor_at IS NOT NULL AS second_factor, m.role, o.name, o.time_zone
         FROM identity.member m
         JOIN identity.user_account u ON u.id = m.user_id
         JOIN identity.organization o ON o.org_id = m.org_id
         WHERE m.org_id = $1 AND m.user_id = $2",
    )
    .bind(org)
    .bind(user)
    .fetch_optional(&mut **tx)
    .await?;
    let Some(found) = found else { return Ok(None) };
    Ok(Some(Member {
        user,
        email: found.email,
        email_verified: found.email_verified,
        second_factor: found.second_factor,
        role: read_role(&found.role)?,
        org: Org {
            id: org,
            name: found.name,
            time_zone: found.time_zone,
        },
    }))
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
