//! Every statement about invitations.

use jiff::Timestamp;
use jiff_sqlx::{Timestamp as At, ToSqlx as _};
use voxanne_ids::{InvitationId, OrgId, UserId};
use voxanne_pg::{OrgTx, SystemTx};
use voxanne_privacy::Private;
use voxanne_tenant::Role;

use super::{GOOD_FOR, NewInvitation, Shown};
use crate::{Error, accounts::Email, page::Page, sessions::store::read_role};

#[derive(sqlx::FromRow)]
struct Row {
    id: InvitationId,
    email: Private<String>,
    role: String,
    invited_at: At,
    expires_at: At,
}

impl Row {
    fn into_shown(self) -> Result<Shown, Error> {
        Ok(Shown {
            id: self.id,
            email: self.email,
            role: read_role(&self.role)?,
            invited_at: self.invited_at.to_jiff(),
            expires_at: self.expires_at.to_jiff(),
        })
    }
}

/// Lets the clinic's invitations be made one after the other: each finds those before it counted.
pub(super) async fn lock(tx: &mut OrgTx) -> Result<(), sqlx::Error> {
    sqlx::query(
        "SELECT pg_advisory_xact_lock(hashtextextended('identity.invitation:' || $1::text, 0))",
    )
    .bind(tx.org())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Whether the address is a member's of this organisation.
pub(super) async fn is_member(tx: &mut OrgTx, email: &Email) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT EXISTS (
           SELECT FROM identity.member m JOIN identity.user_account u ON u.id = m.user_id
           WHERE m.org_id = $1 AND u.email = $2
         )",
    )
    .bind(tx.org())
    .bind(email.expose())
    .fetch_one(&mut **tx)
    .await
}

/// Removes the address's invitation; gives its role if it was open still.
pub(super) async fn delete_of(
    tx: &mut OrgTx,
    email: &Email,
    now: Timestamp,
) -> Result<Option<Role>, Error> {
    let deleted: Option<(String, bool)> = sqlx::query_as(
        "DELETE FROM identity.invitation WHERE org_id = $1 AND email = $2
         RETURNING role, expires_at > $3",
    )
    .bind(tx.org())
    .bind(email.expose())
    .bind(now.to_sqlx())
    .fetch_optional(&mut **tx)
    .await?;
    let open = deleted.filter(|(_, is_open)| *is_open);
    open.map(|(role, _)| read_role(&role)).transpose()
}

pub(super) async fn count_open(tx: &mut OrgTx, now: Timestamp) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT count(*) FROM identity.invitation WHERE org_id = $1 AND expires_at > $2",
    )
    .bind(tx.org())
    .bind(now.to_sqlx())
    .fetch_one(&mut **tx)
    .await
}

/// None when the address has one.
pub(super) async fn insert(
    tx: &mut OrgTx,
    new: &NewInvitation,
    hash: &[u8; 32],
    (actor, now): (UserId, Timestamp),
) -> Result<Option<Shown>, Error> {
    let row: Option<Row> = sqlx::query_as(
        "INSERT INTO identity.invitation
           (org_id, id, email, role, hash, invited_by, invited_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT DO NOTHING
         RETURNING id, email, role, invited_at, expires_at",
    )
    .bind(tx.org())
    .bind(InvitationId::new())
    .bind(new.email.expose())
    .bind(new.role.as_str())
    .bind(hash.as_slice())
    .bind(actor)
    .bind(now.to_sqlx())
    .bind((now + GOOD_FOR).to_sqlx())
    .fetch_optional(&mut **tx)
    .await?;
    row.map(Row::into_shown).transpose()
}

/// The newest first.
pub(super) async fn list(tx: &mut OrgTx, page: &Page, now: Timestamp) -> Result<Vec<Shown>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, email, role, invited_at, expires_at FROM identity.invitation
         WHERE org_id = $1 AND expires_at > $2 AND ($3::uuid IS NULL OR id < $3)
         ORDER BY id DESC LIMIT $4",
    )
    .bind(tx.org())
    .bind(now.to_sqlx())
    .bind(page.after)
    .bind(page.rows())
    .fetch_all(&mut **tx)
    .await?;
    rows.into_iter().map(Row::into_shown).collect()
}

/// Removes an invitation that is open still; gives its role.
pub(super) async fn delete(
    tx: &mut OrgTx,
    id: InvitationId,
    now: Timestamp,
) -> Result<Option<Role>, Error> {
    let role: Option<String> = sqlx::query_scalar(
        "DELETE FROM identity.invitation WHERE org_id = $1 AND id = $2 AND expires_at > $3
         RETURNING role",
    )
    .bind(tx.org())
    .bind(id)
    .bind(now.to_sqlx())
    .fetch_optional(&mut **tx)
    .await?;
    role.as_deref().map(read_role).transpose()
}

pub(super) async fn delete_by(
    tx: &mut OrgTx,
    user: UserId,
) -> Result<Vec<InvitationId>, sqlx::Error> {
    sqlx::query_scalar(
        "DELETE FROM identity.invitation WHERE org_id = $1 AND invited_by = $2 RETURNING id",
    )
    .bind(tx.org())
    .bind(user)
    .fetch_all(&mut **tx)
    .await
}

/// An invitation that is open, and the account with its address, if there is one.
#[derive(sqlx::FromRow)]
pub(super) struct Open {
    pub(super) org_id: OrgId,
    pub(super) id: InvitationId,
    pub(super) email: Private<String>,
    user_id: Option<UserId>,
    password_hash: Option<String>,
}

impl Open {
    pub(super) fn account(&self) -> Option<(UserId, String)> {
        self.user_id.zip(self.password_hash.clone())
    }
}

pub(super) async fn find(
    tx: &mut SystemTx,
    hash: &[u8; 32],
    now: Timestamp,
) -> Result<Option<Open>, sqlx::Error> {
    sqlx::query_as(
        "SELECT i.org_id, i.id, i.email, u.id AS user_id, u.password_hash
         FROM identity.invitation i LEFT JOIN identity.user_account u ON u.email = i.email
         WHERE i.hash = $1 AND i.expires_at > $2 LIMIT 1",
    )
    .bind(hash.as_slice())
    .bind(now.to_sqlx())
    .fetch_optional(&mut **tx)
    .await
}

pub(crate) async fn delete_expired(tx: &mut SystemTx, now: Timestamp) -> Result<u64, sqlx::Error> {
    let deleted = sqlx::query(
        "DELETE FROM identity.invitation WHERE (org_id, id) IN (
           SELECT org_id, id FROM identity.invitation WHERE expires_at <= $1 LIMIT 1000
         )",
    )
    .bind(now.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(deleted.rows_affected())
}
