//! SQL of tool runs.

use std::time::Duration;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use voxanne_pg::OrgTx;
use voxanne_privacy::Private;

use crate::runs::{Answer, Request, Said};

/// The answer that a repetition of `request` gets.
pub(crate) async fn load_settled(
    tx: &mut OrgTx,
    request: &Request,
) -> Result<Option<Said>, sqlx::Error> {
    let row: Option<(String, Private<String>)> = sqlx::query_as(
        "SELECT outcome, text FROM voice_tooling.tool_run
         WHERE org_id = $1 AND vapi_call_id = $2 AND tool_call_id = $3 AND settled",
    )
    .bind(tx.org())
    .bind(&request.vapi_call_id)
    .bind(&request.tool_call_id)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|(outcome, text)| match outcome.as_str() {
        "result" => Said::Result(text),
        _ => Said::Error(text),
    }))
}

pub(crate) async fn insert_run(
    tx: &mut OrgTx,
    request: &Request,
    at: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO voice_tooling.tool_run
           (org_id, vapi_call_id, tool_call_id, name, text, settled, milliseconds, at)
         VALUES ($1, $2, $3, $4, '', false, 0, $5)
         ON CONFLICT (org_id, vapi_call_id, tool_call_id) DO NOTHING",
    )
    .bind(tx.org())
    .bind(&request.vapi_call_id)
    .bind(&request.tool_call_id)
    .bind(&request.name)
    .bind(at.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Stores `answer` unless one is settled; `false` when one was.
pub(crate) async fn update_run(
    tx: &mut OrgTx,
    request: &Request,
    answer: &Answer,
    took: Duration,
) -> Result<bool, sqlx::Error> {
    let (outcome, text) = match &answer.said {
        Said::Result(text) => ("result", text),
        Said::Error(text) => ("error", text),
    };
    let updated = sqlx::query(
        "UPDATE voice_tooling.tool_run
         SET outcome = $4,
             text = CASE WHEN EXISTS (
               SELECT FROM voice_tooling.call
               WHERE call.org_id = $1 AND call.vapi_call_id = $2 AND call.erased_at IS NOT NULL)
             THEN '' ELSE $5 END, settled = $6, booking_id = $7, milliseconds = $8
         WHERE org_id = $1 AND vapi_call_id = $2 AND tool_call_id = $3 AND NOT settled",
    )
    .bind(tx.org())
    .bind(&request.vapi_call_id)
    .bind(&request.tool_call_id)
    .bind(outcome)
    .bind(text)
    .bind(answer.settled)
    .bind(answer.booking_id)
    .bind(i32::try_from(took.as_millis()).unwrap_or(i32::MAX))
    .execute(&mut **tx)
    .await?;
    Ok(updated.rows_affected() == 1)
}

/// Whether the organisation's agent is there and switched on.
pub(crate) async fn load_enabled(tx: &mut OrgTx) -> Result<bool, sqlx::Error> {
    let enabled = sqlx::query_scalar("SELECT enabled FROM voice_tooling.agent WHERE org_id = $1")
        .bind(tx.org())
        .fetch_optional(&mut **tx)
        .await?;
    Ok(enabled.unwrap_or(false))
}
