//! Every statement about API keys.

use jiff::Timestamp;
use jiff_sqlx::{Timestamp as At, ToSqlx as _};
use voxanne_ids::{KeyId, OrgId, UserId};
use voxanne_pg::{OrgTx, SystemTx};
use voxanne_privacy::Private;
use voxanne_tenant::{ApiKey, Permissions};

use super::{Life, Maker, NewKey, Shown, find::Found};
use crate::page::Page;

/// Keys that a clinic may have in use.
const MOST_KEYS: i64 = 100;

#[derive(sqlx::FromRow)]
struct Row {
    id: KeyId,
    name: String,
    last_four: String,
    scopes: Vec<String>,
    created_by: UserId,
    email: Option<Private<String>>,
    created_at: At,
    expires_at: Option<At>,
    last_used_at: Option<At>,
    revoked_at: Option<At>,
}

macro_rules! keys {
    ($which:literal) => {
        concat!(
            "SELECT k.id, k.name, k.last_four, k.scopes, k.created_by, u.email, k.created_at,
                    k.expires_at, k.last_used_at, k.revoked_at
             FROM identity.api_key k
             LEFT JOIN identity.member m ON m.org_id = k.org_id AND m.user_id = k.created_by
             LEFT JOIN identity.user_account u ON u.id = m.user_id
             WHERE k.org_id = $1 AND ",
            $which
        )
    };
}

impl From<Row> for Shown {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            name: row.name,
            last_four: row.last_four,
            scopes: permissions(&row.scopes),
            created_at: row.created_at.to_jiff(),
            created_by: Maker {
                user: row.created_by,
                email: row.email,
            },
            life: Life {
                expires_at: row.expires_at.map(At::to_jiff),
                revoked_at: row.revoked_at.map(At::to_jiff),
            },
            last_used_at: row.last_used_at.map(At::to_jiff),
        }
    }
}

/// A permission that the fleet no longer knows opens nothing.
fn permissions(names: &[String]) -> Permissions {
    names.iter().filter_map(|name| name.parse().ok()).collect()
}

/// Lets the clinic's keys be made one after the other: each finds those before it counted.
pub(super) async fn lock(tx: &mut OrgTx) -> Result<(), sqlx::Error> {
    sqlx::query(
        "SELECT pg_advisory_xact_lock(hashtextextended('identity.api_key:' || $1::text, 0))",
    )
    .bind(tx.org())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// None when the clinic has as many keys as it may.
pub(super) async fn insert(
    tx: &mut OrgTx,
    new: &NewKey,
    key: &ApiKey,
    (user, now): (UserId, Timestamp),
) -> Result<Option<KeyId>, sqlx::Error> {
    let scopes: Vec<&str> = new.scopes.iter().map(|scope| scope.as_str()).collect();
    sqlx::query_scalar(
        "INSERT INTO identity.api_key
           (org_id, id, name, hash, last_four, scopes, created_by, created_at, expires_at)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9
         WHERE $10 > (SELECT count(*) FROM identity.api_key
                      WHERE org_id = $1 AND revoked_at IS NULL
                        AND (expires_at IS NULL OR expires_at > $8))
         RETURNING id",
    )
    .bind(tx.org())
    .bind(KeyId::new())
    .bind(&new.name)
    .bind(key.hash().as_slice())
    .bind(key.last_four())
    .bind(scopes)
    .bind(user)
    .bind(now.to_sqlx())
    .bind(new.expires_at.map(|at| at.to_sqlx()))
    .bind(MOST_KEYS)
    .fetch_optional(&mut **tx)
    .await
}

pub(super) async fn load(tx: &mut OrgTx, id: KeyId) -> Result<Option<Shown>, sqlx::Error> {
    let org = tx.org();
    let row: Option<Row> = sqlx::query_as(keys!("k.id = $2"))
        .bind(org)
        .bind(id)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(row.map(Into::into))
}

/// The newest first.
pub(super) async fn list(tx: &mut OrgTx, page: &Page) -> Result<Vec<Shown>, sqlx::Error> {
    let org = tx.org();
    let rows: Vec<Row> = sqlx::query_as(keys!(
        "($2::uuid IS NULL OR k.id < $2) ORDER BY k.id DESC LIMIT $3"
    ))
    .bind(org)
    .bind(page.after)
    .bind(page.rows())
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Whether it was in use until now.
pub(super) async fn revoke(tx: &mut OrgTx, id: KeyId, now: Timestamp) -> Result<bool, sqlx::Error> {
    let revoked = sqlx::query(
        "UPDATE identity.api_key SET revoked_at = $3
         WHERE org_id = $1 AND id = $2 AND revoked_at IS NULL",
    )
    .bind(tx.org())
    .bind(id)
    .bind(now.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(revoked.rows_affected() > 0)
}

#[derive(sqlx::FromRow)]
struct FoundRow {
    org_id: OrgId,
    id: KeyId,
    scopes: Vec<String>,
    expires_at: Option<At>,
    revoked_at: Option<At>,
    last_used_at: Option<At>,
}

pub(super) async fn find(tx: &mut SystemTx, hash: &[u8]) -> Result<Option<Found>, sqlx::Error> {
    let row: Option<FoundRow> = sqlx::query_as(
        "SELECT org_id, id, scopes, expires_at, revoked_at, last_used_at
         FROM identity.api_key WHERE hash = $1 LIMIT 1",
    )
    .bind(hash)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| Found {
        org: row.org_id,
        id: row.id,
        scopes: permissions(&row.scopes),
        life: Life {
            expires_at: row.expires_at.map(At::to_jiff),
            revoked_at: row.revoked_at.map(At::to_jiff),
        },
        last_used_at: row.last_used_at.map(At::to_jiff),
    }))
}

/// Several gateways may see one key at once; only the first of them writes.
pub(super) async fn update_used(
    tx: &mut SystemTx,
    found: &Found,
    now: Timestamp,
    unless_after: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE identity.api_key SET last_used_at = $3
         WHERE org_id = $1 AND id = $2 AND (last_used_at IS NULL OR last_used_at <= $4)",
    )
    .bind(found.org)
    .bind(found.id)
    .bind(now.to_sqlx())
    .bind(unless_after.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(())
}
