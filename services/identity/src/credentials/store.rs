//! Every statement about credentials.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff_sqlx::{Timestamp as At, ToSqlx as _};
use sqlx::types::Json;
use voxanne_ids::OrgId;
use voxanne_pg::{OrgTx, SystemTx};

use super::{Credential, NewCredential, Provider, reseal::Key};

/// Secrets in one page of the walk over all of them.
const PAGE: i64 = 100;
/// Organisations that may share one provider account.
const SHARING_AN_ACCOUNT: i64 = 32;

/// What is stored of a credential, its secrets apart.
#[derive(sqlx::FromRow)]
struct Row {
    external_id: String,
    settings: Json<BTreeMap<String, String>>,
    last_four: String,
    status: String,
    last_verified_at: Option<At>,
    version: i64,
}

impl Row {
    fn into_credential(self, provider: Provider) -> Credential {
        Credential {
            provider,
            external_id: self.external_id,
            settings: self.settings.0,
            last_four: self.last_four,
            status: self.status,
            last_verified_at: self.last_verified_at.map(At::to_jiff),
            version: self.version,
        }
    }
}

pub(super) async fn upsert(
    tx: &mut OrgTx,
    new: &NewCredential,
    now: Timestamp,
) -> Result<Credential, sqlx::Error> {
    let row: Row = sqlx::query_as(
        "INSERT INTO identity.organization_api_credentials
           (org_id, provider, external_id, settings, last_four, status, version, updated_at)
         VALUES ($1, $2, $3, $4, $5, 'unverified', nextval('identity.credential_version'), $6)
         ON CONFLICT (org_id, provider) DO UPDATE SET
           external_id = excluded.external_id, settings = excluded.settings,
           last_four = excluded.last_four, status = excluded.status, last_verified_at = NULL,
           version = excluded.version, updated_at = excluded.updated_at
         RETURNING external_id, settings, last_four, status, last_verified_at, version",
    )
    .bind(tx.org())
    .bind(new.provider.as_str())
    .bind(&new.external_id)
    .bind(Json(&new.settings))
    .bind(new.last_four())
    .bind(now.to_sqlx())
    .fetch_one(&mut **tx)
    .await?;
    Ok(row.into_credential(new.provider))
}

/// Stores `sealed` in the place of every earlier secret of this provider.
pub(super) async fn replace_secrets(
    tx: &mut OrgTx,
    provider: Provider,
    sealed: &[(String, Vec<u8>)],
) -> Result<(), sqlx::Error> {
    let org = tx.org();
    sqlx::query("DELETE FROM identity.organization_api_secret WHERE org_id = $1 AND provider = $2")
        .bind(org)
        .bind(provider.as_str())
        .execute(&mut **tx)
        .await?;
    for (field, bytes) in sealed {
        sqlx::query(
            "INSERT INTO identity.organization_api_secret (org_id, provider, field, sealed)
             VALUES ($1, $2, $3, $4)",
        )
        .bind(org)
        .bind(provider.as_str())
        .bind(field)
        .bind(bytes)
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// The credential, and a lock against a change of it while its secrets are read.
pub(super) async fn load(
    tx: &mut OrgTx,
    provider: Provider,
) -> Result<Option<Credential>, sqlx::Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT external_id, settings, last_four, status, last_verified_at, version
         FROM identity.organization_api_credentials
         WHERE org_id = $1 AND provider = $2
         FOR SHARE",
    )
    .bind(tx.org())
    .bind(provider.as_str())
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| row.into_credential(provider)))
}

pub(super) async fn list_secrets(
    tx: &mut OrgTx,
    provider: Provider,
) -> Result<Vec<(String, Vec<u8>)>, sqlx::Error> {
    sqlx::query_as(
        "SELECT field, sealed FROM identity.organization_api_secret
         WHERE org_id = $1 AND provider = $2",
    )
    .bind(tx.org())
    .bind(provider.as_str())
    .fetch_all(&mut **tx)
    .await
}

pub(super) async fn delete(tx: &mut OrgTx, provider: Provider) -> Result<(), sqlx::Error> {
    sqlx::query(
        "DELETE FROM identity.organization_api_credentials WHERE org_id = $1 AND provider = $2",
    )
    .bind(tx.org())
    .bind(provider.as_str())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// One sealed secret of each organisation that uses the account.
pub(super) async fn list_by_account(
    tx: &mut SystemTx,
    provider: Provider,
    external_id: &str,
    field: &str,
) -> Result<Vec<(OrgId, Vec<u8>)>, sqlx::Error> {
    sqlx::query_as(
        "SELECT secret.org_id, secret.sealed
         FROM identity.organization_api_credentials credential
         JOIN identity.organization_api_secret secret USING (org_id, provider)
         WHERE credential.provider = $1 AND credential.external_id = $2 AND secret.field = $3
         ORDER BY org_id -- ids rise: whoever signs up later cannot crowd an account's owner out
         LIMIT $4",
    )
    .bind(provider.as_str())
    .bind(external_id)
    .bind(field)
    .bind(SHARING_AN_ACCOUNT)
    .fetch_all(&mut **tx)
    .await
}

/// A page of every organisation's sealed secrets, in the order of their keys.
pub(super) async fn list_after(
    tx: &mut SystemTx,
    after: Option<&Key>,
) -> Result<Vec<(Key, Vec<u8>)>, sqlx::Error> {
    let org = after.map(|(org, _, _)| *org);
    let provider = after.map(|(_, provider, _)| provider);
    let field = after.map(|(_, _, field)| field);
    let rows: Vec<(OrgId, String, String, Vec<u8>)> = sqlx::query_as(
        "SELECT org_id, provider, field, sealed FROM identity.organization_api_secret
         WHERE $1::uuid IS NULL OR (org_id, provider, field) > ($1, $2, $3)
         ORDER BY org_id, provider, field
         LIMIT $4",
    )
    .bind(org)
    .bind(provider)
    .bind(field)
    .bind(PAGE)
    .fetch_all(&mut **tx)
    .await?;
    let keyed = |(org, provider, field, sealed)| ((org, provider, field), sealed);
    Ok(rows.into_iter().map(keyed).collect())
}

/// Stores `fresh` where `stale` still is; returns how many rows that were.
pub(super) async fn update_sealed(
    tx: &mut OrgTx,
    provider: &str,
    field: &str,
    (stale, fresh): (&[u8], &[u8]),
) -> Result<u64, sqlx::Error> {
    let updated = sqlx::query(
        "UPDATE identity.organization_api_secret SET sealed = $5
         WHERE org_id = $1 AND provider = $2 AND field = $3 AND sealed = $4",
    )
    .bind(tx.org())
    .bind(provider)
    .bind(field)
    .bind(stale)
    .bind(fresh)
    .execute(&mut **tx)
    .await?;
    Ok(updated.rows_affected())
}
