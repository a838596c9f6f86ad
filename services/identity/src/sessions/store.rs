//! Every statement about single sessions and their members; what ends them is in the feed's.

use jiff::Timestamp;
use jiff_sqlx::{Timestamp as At, ToSqlx as _};
use voxanne_ids::{OrgId, SessionId, UserId};
use voxanne_pg::{OrgTx, SystemTx};
use voxanne_privacy::Private;
use voxanne_tenant::Role;

use super::{Device, Life, Member};
use crate::{Error, orgs::Org};

/// Rows that one statement deletes; a longer transaction would hold up the sign-ins behind it.
const PRUNED_AT_ONCE: i64 = 1000;

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

/// Whether the session is the user's in this organisation and goes on at `now`.
pub(super) async fn goes_on(
    tx: &mut SystemTx,
    (org, session): (OrgId, SessionId),
    user: UserId,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM identity.session
           WHERE org_id = $1 AND id = $2 AND user_id = $3 AND revoked_at IS NULL AND ends_at > $4)",
    )
    .bind(org)
    .bind(session)
    .bind(user)
    .bind(now.to_sqlx())
    .fetch_one(&mut **tx)
    .await
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
