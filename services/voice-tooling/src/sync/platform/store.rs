//! SQL of what the platform has at Vapi once.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;
use voxanne_pg::SystemTx;

use crate::sync::Registered;

/// Takes the lease on the platform's registrations; `false` while another attempt has it.
pub(crate) async fn take_lease(tx: &mut SystemTx, holder: Uuid) -> Result<bool, sqlx::Error> {
    let taken = sqlx::query(
        "UPDATE voice_tooling.platform_lease
         SET holder = $1, until = now() + interval '25 seconds' WHERE until <= now()",
    )
    .bind(holder)
    .execute(&mut **tx)
    .await?;
    Ok(taken.rows_affected() == 1)
}

pub(crate) async fn release_lease(tx: &mut SystemTx, holder: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE voice_tooling.platform_lease SET until = now() WHERE holder = $1")
        .bind(holder)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(crate) async fn list_tools(tx: &mut SystemTx) -> Result<Vec<Registered>, sqlx::Error> {
    let rows: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT tool_name, vapi_tool_id, definition_hash FROM voice_tooling.platform_tool",
    )
    .fetch_all(&mut **tx)
    .await?;
    let tools = rows.into_iter();
    Ok(tools
        .map(|(name, vapi_tool_id, hash)| Registered {
            name,
            vapi_tool_id,
            hash,
        })
        .collect())
}

pub(crate) async fn upsert_tool(
    tx: &mut SystemTx,
    tool: &Registered,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO voice_tooling.platform_tool
           (tool_name, vapi_tool_id, definition_hash, updated_at)
         VALUES ($1, $2, $3, $4)
         ON CONFLICT (tool_name) DO UPDATE SET vapi_tool_id = excluded.vapi_tool_id,
           definition_hash = excluded.definition_hash, updated_at = excluded.updated_at",
    )
    .bind(&tool.name)
    .bind(&tool.vapi_tool_id)
    .bind(&tool.hash)
    .bind(now.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The credential's id at Vapi and the hash of its definition.
pub(crate) async fn load_credential(
    tx: &mut SystemTx,
    name: &str,
) -> Result<Option<(String, String)>, sqlx::Error> {
    sqlx::query_as(
        "SELECT vapi_credential_id, definition_hash FROM voice_tooling.platform_credential
         WHERE name = $1",
    )
    .bind(name)
    .fetch_optional(&mut **tx)
    .await
}

pub(crate) async fn upsert_credential(
    tx: &mut SystemTx,
    (name, vapi_credential_id): (&str, &str),
    hash: &str,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO voice_tooling.platform_credential
           (name, vapi_credential_id, definition_hash, updated_at)
         VALUES ($1, $2, $3, $4)
         ON CONFLICT (name) DO UPDATE SET vapi_credential_id = excluded.vapi_credential_id,
           definition_hash = excluded.definition_hash, updated_at = excluded.updated_at",
    )
    .bind(name)
    .bind(vapi_credential_id)
    .bind(hash)
    .bind(now.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(())
}
