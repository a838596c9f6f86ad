//! SQL of the reconciler.
//!
//! Leases and delays run by Postgres's clock, the one that all replicas share.

use std::time::Duration;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;
use voxanne_ids::{AgentId, OrgId};
use voxanne_pg::{OrgTx, SystemTx};

use crate::{
    agents::{
        Agent,
        store::{Row, columns},
    },
    sync::{Registered, State, ToolSync},
};

/// Agents taken on in one round.
const ROUND: i64 = 100;

/// The right to bring one agent to Vapi, until its lease runs out.
pub(crate) struct Claim {
    pub(crate) org: OrgId,
    pub(crate) agent: Agent,
    pub(crate) lease: Uuid,
    /// The wish this attempt fulfils; a later one leaves the agent due.
    wanted: i64,
    pub(crate) attempts: i32,
    /// Why the attempt before failed.
    pub(crate) cause: String,
}

/// Organisations whose agent is due, and whether it is so because a tool was defined anew.
pub(crate) async fn list_due(
    tx: &mut SystemTx,
    tools: &[&'static str],
) -> Result<Vec<(OrgId, bool)>, sqlx::Error> {
    sqlx::query_as(
        "SELECT org_id, drifted FROM (
           SELECT org_id, next_attempt_at, sync_state, leased_until,
           sync_state IN ('live', 'drifted') AND EXISTS (
             SELECT FROM voice_tooling.platform_tool AS tool
             LEFT JOIN voice_tooling.org_tools AS linked
               ON linked.org_id = agent.org_id AND linked.tool_name = tool.tool_name
             WHERE tool.tool_name = ANY($1)
               AND (linked.vapi_tool_id IS DISTINCT FROM tool.vapi_tool_id
                 OR linked.definition_hash IS DISTINCT FROM tool.definition_hash)
           ) AS drifted
           FROM voice_tooling.agent
           WHERE next_attempt_at <= now() AND (leased_until IS NULL OR leased_until <= now())
         ) AS agent
         WHERE sync_state IN ('pending', 'syncing', 'failed') OR drifted
         ORDER BY next_attempt_at LIMIT $2",
    )
    .bind(tools)
    .bind(ROUND)
    .fetch_all(&mut **tx)
    .await
}

pub(crate) async fn has_agents(tx: &mut SystemTx) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT EXISTS (SELECT org_id FROM voice_tooling.agent)")
        .fetch_one(&mut **tx)
        .await
}

/// Takes the lease on the organisation's agent; `None` when it is not due or somebody has it.
pub(crate) async fn claim(tx: &mut OrgTx, drifted: bool) -> Result<Option<Claim>, sqlx::Error> {
    #[derive(sqlx::FromRow)]
    struct Claimed {
        #[sqlx(flatten)]
        agent: Row,
        lease: Uuid,
        wanted: i64,
        attempts: i32,
        cause: String,
    }
    let claimed: Option<Claimed> = sqlx::query_as(concat!(
        "UPDATE voice_tooling.agent SET
           sync_state = CASE WHEN sync_state IN ('live', 'drifted') THEN 'drifted' ELSE 'syncing' END,
           lease = $2, leased_until = now() + interval '25 seconds'
         WHERE org_id = $1 AND next_attempt_at <= now()
           AND (leased_until IS NULL OR leased_until <= now())
           AND (sync_state IN ('pending', 'syncing', 'failed') OR $3)
         RETURNING lease, wanted, attempts, sync_cause AS cause,",
        columns!()
    ))
    .bind(tx.org())
    .bind(Uuid::new_v4())
    .bind(drifted)
    .fetch_optional(&mut **tx)
    .await?;
    let org = tx.org();
    Ok(claimed.map(|claimed| Claim {
        org,
        agent: claimed.agent.into(),
        lease: claimed.lease,
        wanted: claimed.wanted,
        attempts: claimed.attempts,
        cause: claimed.cause,
    }))
}

/// Writes the assistant's id down; `false` when the lease is gone.
pub(crate) async fn update_assistant(
    tx: &mut OrgTx,
    lease: Uuid,
    vapi_assistant_id: &str,
) -> Result<bool, sqlx::Error> {
    let updated = sqlx::query(
        "UPDATE voice_tooling.agent SET vapi_assistant_id = $3 WHERE org_id = $1 AND lease = $2",
    )
    .bind(tx.org())
    .bind(lease)
    .bind(vapi_assistant_id)
    .execute(&mut **tx)
    .await?;
    Ok(updated.rows_affected() == 1)
}

/// Ends the claim with success; `None` when the lease is gone.
pub(crate) async fn update_succeeded(
    tx: &mut OrgTx,
    claim: &Claim,
) -> Result<Option<State>, sqlx::Error> {
    sqlx::query_scalar(
        "UPDATE voice_tooling.agent SET
           sync_state = CASE WHEN wanted = $3 THEN 'live' ELSE 'pending' END,
           sync_cause = '', attempts = 0, lease = NULL, leased_until = NULL, checked_at = now()
         WHERE org_id = $1 AND lease = $2 RETURNING sync_state",
    )
    .bind(tx.org())
    .bind(claim.lease)
    .bind(claim.wanted)
    .fetch_optional(&mut **tx)
    .await
}

/// Ends the claim with a failure; `false` when the lease is gone. What was wanted meanwhile is
/// tried without delay.
pub(crate) async fn update_failed(
    tx: &mut OrgTx,
    claim: &Claim,
    cause: &str,
    delay: Duration,
) -> Result<bool, sqlx::Error> {
    let updated = sqlx::query(
        "UPDATE voice_tooling.agent SET
           sync_state = CASE WHEN wanted = $3 THEN 'failed' ELSE 'pending' END,
           next_attempt_at = CASE WHEN wanted = $3 THEN now() + make_interval(secs => $5)
                                  ELSE next_attempt_at END,
           sync_cause = $4, attempts = attempts + 1, lease = NULL, leased_until = NULL
         WHERE org_id = $1 AND lease = $2",
    )
    .bind(tx.org())
    .bind(claim.lease)
    .bind(claim.wanted)
    .bind(cause)
    .bind(delay.as_secs_f64())
    .execute(&mut **tx)
    .await?;
    Ok(updated.rows_affected() == 1)
}

/// Ends the claim without having tried.
pub(crate) async fn update_released(tx: &mut OrgTx, claim: &Claim) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE voice_tooling.agent SET
           sync_state = CASE sync_state WHEN 'syncing' THEN 'pending' WHEN 'drifted' THEN 'live'
                                        ELSE sync_state END,
           lease = NULL, leased_until = NULL
         WHERE org_id = $1 AND lease = $2",
    )
    .bind(tx.org())
    .bind(claim.lease)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Makes the agent due; `None` when there is none.
pub(crate) async fn update_due(tx: &mut OrgTx) -> Result<Option<AgentId>, sqlx::Error> {
    sqlx::query_scalar(
        "UPDATE voice_tooling.agent SET
           sync_state = 'pending', wanted = wanted + 1, attempts = 0, next_attempt_at = now()
         WHERE org_id = $1 RETURNING id",
    )
    .bind(tx.org())
    .fetch_optional(&mut **tx)
    .await
}

/// Shows tools that the assistant has yet to be linked to.
pub(crate) async fn insert_missing_tools(
    tx: &mut OrgTx,
    names: &[&'static str],
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO voice_tooling.org_tools (org_id, tool_name, state, cause, updated_at)
         SELECT $1, name, 'syncing', '', $3 FROM unnest($2::text[]) AS name
         ON CONFLICT (org_id, tool_name) DO NOTHING",
    )
    .bind(tx.org())
    .bind(names)
    .bind(now.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(crate) async fn upsert_linked(
    tx: &mut OrgTx,
    tool: &Registered,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO voice_tooling.org_tools
           (org_id, tool_name, vapi_tool_id, definition_hash, state, cause, updated_at)
         VALUES ($1, $2, $3, $4, 'live', '', $5)
         ON CONFLICT (org_id, tool_name) DO UPDATE SET
           vapi_tool_id = excluded.vapi_tool_id, definition_hash = excluded.definition_hash,
           state = excluded.state, cause = excluded.cause, updated_at = excluded.updated_at",
    )
    .bind(tx.org())
    .bind(&tool.name)
    .bind(&tool.vapi_tool_id)
    .bind(&tool.hash)
    .bind(now.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Marks tools that were never linked; the others still work as they did.
pub(crate) async fn update_tools_failed(
    tx: &mut OrgTx,
    cause: &str,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE voice_tooling.org_tools SET state = 'failed', cause = $2, updated_at = $3
         WHERE org_id = $1 AND vapi_tool_id IS NULL",
    )
    .bind(tx.org())
    .bind(cause)
    .bind(now.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(crate) async fn list_tools(tx: &mut OrgTx) -> Result<Vec<ToolSync>, sqlx::Error> {
    sqlx::query_as(
        "SELECT tool_name AS name, state, cause, vapi_tool_id, definition_hash
         FROM voice_tooling.org_tools WHERE org_id = $1 ORDER BY tool_name",
    )
    .bind(tx.org())
    .fetch_all(&mut **tx)
    .await
}
