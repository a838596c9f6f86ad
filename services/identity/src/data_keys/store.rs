//! Every statement about data keys.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use voxanne_ids::OrgId;
use voxanne_pg::{OrgTx, SystemTx};
use voxanne_vault::Wrapped;

use super::{Stored, check::InUse, rewrap::Position};

/// A data key's row; the version is positive by a constraint.
#[derive(sqlx::FromRow)]
struct Row {
    org_id: OrgId,
    version: i32,
    wrapped: Vec<u8>,
    key_id: String,
}

impl From<Row> for Stored {
    fn from(row: Row) -> Self {
        Self {
            org: row.org_id,
            version: row.version.unsigned_abs(),
            wrapped: Wrapped {
                key_id: row.key_id,
                bytes: row.wrapped,
            },
        }
    }
}

/// A version as Postgres counts.
pub(crate) fn column(version: u32) -> i32 {
    i32::try_from(version).unwrap_or(i32::MAX)
}

pub(super) async fn newest(tx: &mut OrgTx) -> Result<Option<Stored>, sqlx::Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT org_id, version, wrapped, key_id FROM identity.organization_data_key
         WHERE org_id = $1 ORDER BY version DESC LIMIT 1",
    )
    .bind(tx.org())
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(Into::into))
}

/// Stores a new key; `false` when one of this version is there already.
pub(super) async fn insert(
    tx: &mut OrgTx,
    key: &Stored,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let inserted = sqlx::query(
        "INSERT INTO identity.organization_data_key (org_id, version, wrapped, key_id, created_at)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (org_id, version) DO NOTHING",
    )
    .bind(tx.org())
    .bind(column(key.version))
    .bind(&key.wrapped.bytes)
    .bind(&key.wrapped.key_id)
    .bind(now.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Deletes the keys older than the newest that seal nothing any more.
pub(super) async fn delete_unused(tx: &mut OrgTx) -> Result<(), sqlx::Error> {
    sqlx::query(
        "DELETE FROM identity.organization_data_key old
         WHERE org_id = $1
           AND version < (SELECT max(version) FROM identity.organization_data_key WHERE org_id = $1)
           AND NOT EXISTS (SELECT FROM identity.organization_api_secret secret
                           WHERE secret.org_id = $1 AND secret.data_key_version = old.version)",
    )
    .bind(tx.org())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Keys that another one than `current` wraps, in the order of their own keys.
pub(super) async fn wrapped_otherwise(
    tx: &mut SystemTx,
    current: &str,
    after: Option<Position>,
    size: u32,
) -> Result<Vec<Stored>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT org_id, version, wrapped, key_id FROM identity.organization_data_key
         WHERE key_id <> $1 AND ($2::uuid IS NULL OR (org_id, version) > ($2, $3))
         ORDER BY org_id, version LIMIT $4",
    )
    .bind(current)
    .bind(after.map(|(org, _)| org))
    .bind(after.map(|(_, version)| column(version)))
    .bind(i64::from(size))
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Stores each fresh form where the stale one still is; returns how many rows that were.
pub(super) async fn replace_wrapped(
    tx: &mut SystemTx,
    pairs: &[(&Stored, Wrapped)],
    now: Timestamp,
) -> Result<u64, sqlx::Error> {
    let (mut orgs, mut versions, mut stale) = (Vec::new(), Vec::new(), Vec::new());
    let (mut fresh, mut key_ids) = (Vec::new(), Vec::new());
    for (stored, anew) in pairs {
        orgs.push(stored.org.as_uuid());
        versions.push(column(stored.version));
        stale.push(&*stored.wrapped.bytes);
        fresh.push(&*anew.bytes);
        key_ids.push(&*anew.key_id);
    }
    let updated = sqlx::query(
        "UPDATE identity.organization_data_key key
         SET wrapped = pair.fresh, key_id = pair.key_id, rewrapped_at = $6
         FROM unnest($1::uuid[], $2::integer[], $3::bytea[], $4::bytea[], $5::text[])
           AS pair (org_id, version, stale, fresh, key_id)
         WHERE key.org_id = pair.org_id AND key.version = pair.version
           AND key.wrapped = pair.stale",
    )
    .bind(&orgs)
    .bind(&versions)
    .bind(&stale)
    .bind(&fresh)
    .bind(&key_ids)
    .bind(now.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(updated.rows_affected())
}

/// Organisations whose newest key was made before `moment`, with its version.
pub(super) async fn newest_before(
    tx: &mut SystemTx,
    moment: Timestamp,
    after: Option<OrgId>,
    size: u32,
) -> Result<Vec<(OrgId, u32)>, sqlx::Error> {
    let rows: Vec<(OrgId, i32)> = sqlx::query_as(
        "SELECT org_id, max(version) FROM identity.organization_data_key
         WHERE $2::uuid IS NULL OR org_id > $2
         GROUP BY org_id HAVING max(created_at) < $1
         ORDER BY org_id LIMIT $3",
    )
    .bind(moment.to_sqlx())
    .bind(after)
    .bind(i64::from(size))
    .fetch_all(&mut **tx)
    .await?;
    let positive = |(org, version): (OrgId, i32)| (org, version.unsigned_abs());
    Ok(rows.into_iter().map(positive).collect())
}

/// How many rows need each of `VAULT_KEYS`: data keys, and secrets from before there were any,
/// whose key is named in their second part.
pub(super) async fn count_by_key(tx: &mut SystemTx) -> Result<InUse, sqlx::Error> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "SELECT key_id, count(*) FROM (
           SELECT key_id FROM identity.organization_data_key
           UNION ALL
           SELECT encode(substring(sealed FROM 3 FOR get_byte(sealed, 1)), 'escape')
           FROM identity.organization_api_secret
           WHERE data_key_version IS NULL AND length(sealed) > 2
         ) needed
         GROUP BY key_id",
    )
    .fetch_all(&mut **tx)
    .await?;
    let counted = |(id, count): (String, i64)| (id, count.unsigned_abs());
    Ok(rows.into_iter().map(counted).collect())
}
