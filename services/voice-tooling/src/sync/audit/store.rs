//! SQL of the audit.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use voxanne_ids::OrgId;
use voxanne_pg::{OrgTx, SystemTx};

use crate::{
    agents::{
        Agent,
        store::{Row, columns},
    },
    sync::State,
};

/// Agents checked in one go.
const AT_ONCE: i64 = 20;

/// Organisations whose agent has not been compared for an hour.
pub(super) async fn list_unchecked(tx: &mut SystemTx) -> Result<Vec<OrgId>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT org_id FROM voice_tooling.agent
         WHERE sync_state IN ('live', 'drifted') AND (leased_until IS NULL OR leased_until <= now())
           AND checked_at < now() - interval '1 hour'
         ORDER BY checked_at LIMIT $1",
    )
    .bind(AT_ONCE)
    .fetch_all(&mut **tx)
    .await
}

/// Takes the check on, so that no other replica does, and gives what to compare.
pub(super) async fn take_check(tx: &mut OrgTx) -> Result<Option<(Agent, State)>, sqlx::Error> {
    #[derive(sqlx::FromRow)]
    struct Taken {
        #[sqlx(flatten)]
        agent: Row,
        state: State,
    }
    let taken: Option<Taken> = sqlx::query_as(concat!(
        "UPDATE voice_tooling.agent SET checked_at = now()
         WHERE org_id = $1 AND sync_state IN ('live', 'drifted') AND (leased_until IS NULL OR leased_until <= now())
           AND checked_at < now() - interval '1 hour'
         RETURNING sync_state AS state,",
        columns!()
    ))
    .bind(tx.org())
    .fetch_optional(&mut **tx)
    .await?;
    Ok(taken.map(|taken| (taken.agent.into(), taken.state)))
}

/// Shows what was found; `false` when something was saved or begun since.
pub(super) async fn update_found(
    tx: &mut OrgTx,
    version: i64,
    state: State,
    difference: &str,
) -> Result<bool, sqlx::Error> {
    let updated = sqlx::query(
        "UPDATE voice_tooling.agent SET sync_state = $3, sync_cause = $4
         WHERE org_id = $1 AND version = $2 AND sync_state IN ('live', 'drifted')
           AND (leased_until IS NULL OR leased_until <= now())",
    )
    .bind(tx.org())
    .bind(version)
    .bind(state)
    .bind(difference)
    .execute(&mut **tx)
    .await?;
    Ok(updated.rows_affected() == 1)
}

/// Shows which tools the assistant is still linked to.
pub(super) async fn update_tools(
    tx: &mut OrgTx,
    linked: &[String],
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE voice_tooling.org_tools SET
           state = CASE WHEN vapi_tool_id = ANY($2) THEN 'live' ELSE 'drifted' END,
           cause = CASE WHEN vapi_tool_id = ANY($2) THEN '' ELSE 'not linked at Vapi any more' END,
           updated_at = $3
         WHERE org_id = $1 AND state IN ('live', 'drifted')",
    )
    .bind(tx.org())
    .bind(linked)
    .bind(now.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(())
}
