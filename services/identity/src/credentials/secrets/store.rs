//! Every statement about secrets.

use jiff::Timestamp;
use jiff_sqlx::{Timestamp as At, ToSqlx as _};
use voxanne_ids::OrgId;
use voxanne_pg::{OrgTx, SystemTx};
use voxanne_vault::Wrapped;

use super::{Sealed, StoredSecret};
use crate::{
    credentials::Provider,
    data_keys::{Stored, store::column},
};

/// Organisations that may share one provider account.
const SHARING_AN_ACCOUNT: i64 = 32;

/// A secret with the data key that opens it; one from before data keys has none.
#[derive(sqlx::FromRow)]
struct Row {
    org_id: OrgId,
    provider: String,
    field: String,
    sealed: Vec<u8>,
    version: i64,
    valid_until: Option<At>,
    data_key_version: Option<i32>,
    wrapped: Option<Vec<u8>>,
    key_id: Option<String>,
}

impl From<Row> for StoredSecret {
    fn from(row: Row) -> Self {
        let wrapped = row.key_id.zip(row.wrapped);
        let data_key = row.data_key_version.zip(wrapped);
        Self {
            org: row.org_id,
            provider: row.provider,
            field: row.field,
            sealed: row.sealed,
            version: row.version,
            valid_until: row.valid_until.map(At::to_jiff),
            data_key: data_key.map(|(version, (key_id, bytes))| Stored {
                org: row.org_id,
                version: version.unsigned_abs(),
                wrapped: Wrapped { key_id, bytes },
            }),
        }
    }
}

/// The secrets of one credential, the replaced ones too.
pub(in crate::credentials) async fn list(
    tx: &mut OrgTx,
    provider: Provider,
) -> Result<Vec<StoredSecret>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT secret.org_id, secret.provider, secret.field, secret.sealed, credential.version,
                secret.valid_until, secret.data_key_version, key.wrapped, key.key_id
         FROM identity.organization_api_secret secret
         JOIN identity.organization_api_credentials credential USING (org_id, provider)
         LEFT JOIN identity.organization_data_key key
           ON key.org_id = secret.org_id AND key.version = secret.data_key_version
         WHERE secret.org_id = $1 AND secret.provider = $2",
    )
    .bind(tx.org())
    .bind(provider.name())
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Stores `sealed` in the place of every earlier secret of this provider.
pub(in crate::credentials) async fn replace(
    tx: &mut OrgTx,
    provider: Provider,
    sealed: &[Sealed],
    data_key_version: u32,
) -> Result<(), sqlx::Error> {
    let org = tx.org();
    sqlx::query("DELETE FROM identity.organization_api_secret WHERE org_id = $1 AND provider = $2")
        .bind(org)
        .bind(provider.name())
        .execute(&mut **tx)
        .await?;
    for secret in sealed {
        sqlx::query(
            "INSERT INTO identity.organization_api_secret
               (org_id, provider, field, sealed, data_key_version, valid_until)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(org)
        .bind(provider.name())
        .bind(&secret.field)
        .bind(&secret.record)
        .bind(column(data_key_version))
        .bind(secret.valid_until.map(|at| at.to_sqlx()))
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// The secrets that may have signed a webhook of the account, of 32 organisations at most.
///
/// Whoever has proven that the account is theirs comes first: anybody may store another's account
/// id, but the provider does not confirm it to them.
pub(in crate::credentials) async fn list_by_account(
    tx: &mut SystemTx,
    (provider, external_id): (Provider, &str),
    now: Timestamp,
) -> Result<Vec<StoredSecret>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT secret.org_id, secret.provider, secret.field, secret.sealed, credential.version,
                secret.valid_until, secret.data_key_version, key.wrapped, key.key_id
         FROM (SELECT org_id, provider, version, proven_at
               FROM identity.organization_api_credentials
               WHERE provider = $1 AND external_id = $2
               ORDER BY proven_at IS NULL, org_id
               LIMIT $3) credential
         JOIN identity.organization_api_secret secret USING (org_id, provider)
         LEFT JOIN identity.organization_data_key key
           ON key.org_id = secret.org_id AND key.version = secret.data_key_version
         WHERE secret.field = $4 OR (secret.field = $5 AND secret.valid_until > $6)
         ORDER BY credential.proven_at IS NULL, org_id, secret.field",
    )
    .bind(provider.name())
    .bind(external_id)
    .bind(SHARING_AN_ACCOUNT)
    .bind(provider.webhook_secret())
    .bind(provider.replaced_webhook_secret())
    .bind(now.to_sqlx())
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Organisations that have an older data key beside the newest one, or a secret from before there
/// were any.
pub(super) async fn orgs_behind(
    tx: &mut SystemTx,
    after: Option<OrgId>,
    size: u32,
) -> Result<Vec<OrgId>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT org_id FROM (
           SELECT org_id FROM identity.organization_data_key GROUP BY org_id HAVING count(*) > 1
           UNION
           SELECT org_id FROM identity.organization_api_secret WHERE data_key_version IS NULL
         ) behind
         WHERE $1::uuid IS NULL OR org_id > $1
         ORDER BY org_id LIMIT $2",
    )
    .bind(after)
    .bind(i64::from(size))
    .fetch_all(&mut **tx)
    .await
}

/// The organisation's secrets that another data key than `version` seals.
pub(super) async fn sealed_otherwise(
    tx: &mut OrgTx,
    version: u32,
) -> Result<Vec<StoredSecret>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT secret.org_id, secret.provider, secret.field, secret.sealed, credential.version,
                secret.valid_until, secret.data_key_version, key.wrapped, key.key_id
         FROM identity.organization_api_secret secret
         JOIN identity.organization_api_credentials credential USING (org_id, provider)
         LEFT JOIN identity.organization_data_key key
           ON key.org_id = secret.org_id AND key.version = secret.data_key_version
         WHERE secret.org_id = $1 AND secret.data_key_version IS DISTINCT FROM $2",
    )
    .bind(tx.org())
    .bind(column(version))
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Stores `fresh` where `stale` still is; returns how many rows that were.
pub(super) async fn replace_sealed(
    tx: &mut OrgTx,
    stale: &StoredSecret,
    fresh: &[u8],
    data_key_version: u32,
) -> Result<u64, sqlx::Error> {
    let updated = sqlx::query(
        "UPDATE identity.organization_api_secret SET sealed = $5, data_key_version = $6
         WHERE org_id = $1 AND provider = $2 AND field = $3 AND sealed = $4",
    )
    .bind(tx.org())
    .bind(&stale.provider)
    .bind(&stale.field)
    .bind(&stale.sealed)
    .bind(fresh)
    .bind(column(data_key_version))
    .execute(&mut **tx)
    .await?;
    Ok(updated.rows_affected())
}

/// Deletes replaced secrets that count no more, of every organisation; a bounded number of them.
pub(in crate::credentials) async fn delete_replaced(
    tx: &mut SystemTx,
    now: Timestamp,
) -> Result<u64, sqlx::Error> {
    let deleted = sqlx::query(
        "DELETE FROM identity.organization_api_secret
         WHERE (org_id, provider, field) IN (
           SELECT org_id, provider, field FROM identity.organization_api_secret
           WHERE valid_until <= $1 LIMIT 1000
         )",
    )
    .bind(now.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(deleted.rows_affected())
}
