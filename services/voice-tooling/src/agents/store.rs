//! SQL of agents and their versions.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use voxanne_ids::{AgentId, OrgId};
use voxanne_pg::{OrgTx, SystemTx};
use voxanne_tenant::Caller;

use crate::{
    agents::{Agent, Draft, Model, Voice},
    sync::{State, Sync},
};

/// The columns of [`Row`], in statements on `agent`.
macro_rules! columns {
    () => {
        " id, name, system_prompt, first_message, voice_provider, voice_id, model_provider, model,
          language, enabled, version, created_at, updated_at, vapi_assistant_id, sync_state,
          sync_cause, next_attempt_at "
    };
}
pub(crate) use columns;

#[derive(sqlx::FromRow)]
pub(crate) struct Row {
    id: AgentId,
    name: String,
    system_prompt: String,
    first_message: String,
    voice_provider: String,
    voice_id: String,
    model_provider: String,
    model: String,
    language: String,
    enabled: bool,
    version: i64,
    created_at: jiff_sqlx::Timestamp,
    updated_at: jiff_sqlx::Timestamp,
    vapi_assistant_id: Option<String>,
    sync_state: State,
    sync_cause: String,
    next_attempt_at: jiff_sqlx::Timestamp,
}

/// An agent and how far Vapi is from it, its tools left out.
pub(crate) struct Saved {
    pub(crate) agent: Agent,
    pub(crate) sync: Sync,
}

impl From<Row> for Saved {
    fn from(row: Row) -> Self {
        Self {
            sync: Sync {
                state: row.sync_state,
                cause: row.sync_cause.clone(),
                next_attempt_at: row.next_attempt_at.to_jiff(),
            },
            agent: row.into(),
        }
    }
}

impl From<Row> for Agent {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            draft: Draft {
                name: row.name,
                system_prompt: row.system_prompt,
                first_message: row.first_message,
                voice: Voice {
                    provider: row.voice_provider,
                    id: row.voice_id,
                },
                model: Model {
                    provider: row.model_provider,
                    name: row.model,
                },
                language: row.language,
            },
            enabled: row.enabled,
            version: row.version,
            created_at: row.created_at.to_jiff(),
            updated_at: row.updated_at.to_jiff(),
            vapi_assistant_id: row.vapi_assistant_id,
        }
    }
}

/// Stores `draft` as the organisation's agent, due for a sync at once. An attempt at work keeps
/// its lease and finds out at its end that more is wanted.
pub(crate) async fn upsert(
    tx: &mut OrgTx,
    draft: &Draft,
    now: Timestamp,
) -> Result<Saved, sqlx::Error> {
    let row: Row = sqlx::query_as(concat!(
        "INSERT INTO voice_tooling.agent AS agent (org_id, id, name, system_prompt, first_message,
           voice_provider, voice_id, model_provider, model, language, enabled, version, created_at,
           updated_at, sync_state, sync_cause, wanted, attempts, next_attempt_at, checked_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, true, 1, $11, $11, 'pending', '', 1, 0,
           now(), now())
         ON CONFLICT ON CONSTRAINT agent_one_per_org DO UPDATE SET
           name = excluded.name, system_prompt = excluded.system_prompt,
           first_message = excluded.first_message, voice_provider = excluded.voice_provider,
           voice_id = excluded.voice_id, model_provider = excluded.model_provider,
           model = excluded.model, language = excluded.language,
           version = agent.version + 1, updated_at = excluded.updated_at,
           sync_state = 'pending', wanted = agent.wanted + 1, attempts = 0, next_attempt_at = now()
         RETURNING",
        columns!()
    ))
    .bind(tx.org())
    .bind(AgentId::new())
    .bind(&draft.name)
    .bind(&draft.system_prompt)
    .bind(&draft.first_message)
    .bind(&draft.voice.provider)
    .bind(&draft.voice.id)
    .bind(&draft.model.provider)
    .bind(&draft.model.name)
    .bind(&draft.language)
    .bind(now.to_sqlx())
    .fetch_one(&mut **tx)
    .await?;
    Ok(row.into())
}

pub(crate) async fn insert_version(
    tx: &mut OrgTx,
    agent: &Agent,
    saved_by: &Caller,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO voice_tooling.agent_version (org_id, agent_id, version, name, system_prompt,
           first_message, voice_provider, voice_id, model_provider, model, language, saved_by,
           saved_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(tx.org())
    .bind(agent.id)
    .bind(agent.version)
    .bind(&agent.draft.name)
    .bind(&agent.draft.system_prompt)
    .bind(&agent.draft.first_message)
    .bind(&agent.draft.voice.provider)
    .bind(&agent.draft.voice.id)
    .bind(&agent.draft.model.provider)
    .bind(&agent.draft.model.name)
    .bind(&agent.draft.language)
    .bind(saved_by.to_string())
    .bind(agent.updated_at.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(crate) async fn load(tx: &mut OrgTx) -> Result<Option<Saved>, sqlx::Error> {
    let row: Option<Row> = sqlx::query_as(concat!(
        "SELECT",
        columns!(),
        "FROM voice_tooling.agent WHERE org_id = $1"
    ))
    .bind(tx.org())
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(Into::into))
}

pub(crate) async fn update_enabled(
    tx: &mut OrgTx,
    enabled: bool,
    now: Timestamp,
) -> Result<Option<Agent>, sqlx::Error> {
    let row: Option<Row> = sqlx::query_as(concat!(
        "UPDATE voice_tooling.agent SET enabled = $2, updated_at = $3 WHERE org_id = $1 RETURNING",
        columns!()
    ))
    .bind(tx.org())
    .bind(enabled)
    .bind(now.to_sqlx())
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(Into::into))
}

/// Versions below `before`, newest first.
pub(crate) async fn list_versions(
    tx: &mut OrgTx,
    before: i64,
    rows: i64,
) -> Result<Vec<Agent>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT agent.id, version.name, version.system_prompt, version.first_message,
           version.voice_provider, version.voice_id, version.model_provider, version.model,
           version.language, agent.enabled, version.version, agent.created_at,
           version.saved_at AS updated_at, agent.vapi_assistant_id, agent.sync_state,
           agent.sync_cause, agent.next_attempt_at
         FROM voice_tooling.agent_version AS version
         JOIN voice_tooling.agent ON agent.org_id = version.org_id AND agent.id = version.agent_id
         WHERE version.org_id = $1 AND version.version < $2
         ORDER BY version.version DESC LIMIT $3",
    )
    .bind(tx.org())
    .bind(before)
    .bind(rows)
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Whose the assistant is.
pub(crate) async fn load_owner(
    tx: &mut SystemTx,
    vapi_assistant_id: &str,
) -> Result<Option<(OrgId, AgentId)>, sqlx::Error> {
    sqlx::query_as("SELECT org_id, id FROM voice_tooling.agent WHERE vapi_assistant_id = $1")
        .bind(vapi_assistant_id)
        .fetch_optional(&mut **tx)
        .await
}
