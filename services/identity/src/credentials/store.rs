//! Every statement about credentials.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff_sqlx::{Timestamp as At, ToSqlx as _};
use sqlx::types::Json;
use voxanne_pg::OrgTx;

use super::{Credential, NewCredential, Provider, record_test::Tested};

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
        "INSERT INTO identity.organization_api_credentials AS old
           (org_id, provider, external_id, settings, last_four, status, version, updated_at)
         VALUES ($1, $2, $3, $4, $5, 'unverified', nextval('identity.credential_version'), $6)
         ON CONFLICT (org_id, provider) DO UPDATE SET
           external_id = excluded.external_id, settings = excluded.settings,
           last_four = excluded.last_four, status = excluded.status, last_verified_at = NULL,
           version = excluded.version, updated_at = excluded.updated_at,
           proven_at = CASE WHEN old.external_id = excluded.external_id THEN old.proven_at END
         RETURNING old.external_id, old.settings, old.last_four, old.status, old.last_verified_at,
           old.version",
    )
    .bind(tx.org())
    .bind(new.provider.name())
    .bind(&new.external_id)
    .bind(Json(&new.settings))
    .bind(new.last_four())
    .bind(now.to_sqlx())
    .fetch_one(&mut **tx)
    .await?;
    Ok(row.into_credential(new.provider))
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
    .bind(provider.name())
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| row.into_credential(provider)))
}

/// The version of the credential, which nobody else changes until this transaction ends.
pub(super) async fn lock(tx: &mut OrgTx, provider: Provider) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT version FROM identity.organization_api_credentials
         WHERE org_id = $1 AND provider = $2
         FOR UPDATE",
    )
    .bind(tx.org())
    .bind(provider.name())
    .fetch_optional(&mut **tx)
    .await
}

/// Notes what the provider said. A refusal takes nothing back of what was proven: a token may have
/// been replaced, and the account is still theirs.
pub(super) async fn record_test(
    tx: &mut OrgTx,
    tested: Tested,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE identity.organization_api_credentials
         SET status = CASE WHEN $3 THEN 'ok' ELSE 'rejected' END, last_verified_at = $4,
             proven_at = CASE WHEN $3 THEN coalesce(proven_at, $4) ELSE proven_at END
         WHERE org_id = $1 AND provider = $2",
    )
    .bind(tx.org())
    .bind(tested.provider.name())
    .bind(tested.accepted)
    .bind(now.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn delete(tx: &mut OrgTx, provider: Provider) -> Result<(), sqlx::Error> {
    sqlx::query(
        "DELETE FROM identity.organization_api_credentials WHERE org_id = $1 AND provider = $2",
    )
    .bind(tx.org())
    .bind(provider.name())
    .execute(&mut **tx)
    .await?;
    Ok(())
}
