//! SQL of calls.

use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;
use voxanne_ids::{BookingId, CallId};
use voxanne_pg::OrgTx;
use voxanne_privacy::Private;

use crate::calls::{Call, ToolRun};

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: CallId,
    vapi_call_id: String,
    caller_number: Private<String>,
    ended_reason: Private<String>,
    started_at: jiff_sqlx::Timestamp,
    ended_at: Option<jiff_sqlx::Timestamp>,
    transcript: Private<String>,
    summary: Private<String>,
    erased: bool,
}

impl From<Row> for Call {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            vapi_call_id: row.vapi_call_id,
            caller_number: row.caller_number,
            ended_reason: row.ended_reason,
            started_at: row.started_at.to_jiff(),
            ended_at: row.ended_at.map(jiff_sqlx::Timestamp::to_jiff),
            transcript: row.transcript,
            summary: row.summary,
            erased: row.erased,
        }
    }
}

/// Inserts `call` unless there is one of this Vapi id; `true` when it was new.
pub(crate) async fn insert_unless_known(tx: &mut OrgTx, call: &Call) -> Result<bool, sqlx::Error> {
    let inserted = sqlx::query(
        "INSERT INTO voice_tooling.call (org_id, id, vapi_call_id, caller_number, status,
           ended_reason, started_at, transcript, summary)
         VALUES ($1, $2, $3, '', 'in_progress', '', $4, '', '')
         ON CONFLICT ON CONSTRAINT call_vapi_id DO NOTHING",
    )
    .bind(tx.org())
    .bind(call.id)
    .bind(&call.vapi_call_id)
    .bind(call.started_at.to_sqlx())
    .execute(&mut **tx)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

pub(crate) async fn lock(tx: &mut OrgTx, vapi_call_id: &str) -> Result<Call, sqlx::Error> {
    let row: Row = sqlx::query_as(
        "SELECT id, vapi_call_id, caller_number, ended_reason, started_at, ended_at, transcript,
           summary, erased_at IS NOT NULL AS erased
         FROM voice_tooling.call WHERE org_id = $1 AND vapi_call_id = $2 FOR UPDATE",
    )
    .bind(tx.org())
    .bind(vapi_call_id)
    .fetch_one(&mut **tx)
    .await?;
    Ok(row.into())
}

pub(crate) async fn update(tx: &mut OrgTx, call: &Call) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE voice_tooling.call SET caller_number = $3, status = $4, ended_reason = $5,
           started_at = $6, ended_at = $7, transcript = $8, summary = $9
         WHERE org_id = $1 AND id = $2",
    )
    .bind(tx.org())
    .bind(call.id)
    .bind(&call.caller_number)
    .bind(call.status())
    .bind(&call.ended_reason)
    .bind(call.started_at.to_sqlx())
    .bind(call.ended_at.map(|at| at.to_sqlx()))
    .bind(&call.transcript)
    .bind(&call.summary)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(crate) async fn load(tx: &mut OrgTx, id: CallId) -> Result<Option<Call>, sqlx::Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT id, vapi_call_id, caller_number, ended_reason, started_at, ended_at, transcript,
           summary, erased_at IS NOT NULL AS erased
         FROM voice_tooling.call WHERE org_id = $1 AND id = $2",
    )
    .bind(tx.org())
    .bind(id)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(Into::into))
}

/// Calls below `before`, newest first, without their transcripts: a page of those would not fit
/// into a message.
pub(crate) async fn list(
    tx: &mut OrgTx,
    before: Uuid,
    rows: i64,
) -> Result<Vec<Call>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, vapi_call_id, caller_number, ended_reason, started_at, ended_at,
           '' AS transcript, left(summary, 2000) AS summary,
           erased_at IS NOT NULL AS erased
         FROM voice_tooling.call WHERE org_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
    )
    .bind(tx.org())
    .bind(before)
    .bind(rows)
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// What the tools did in each of these calls, in the order it was begun; the first of a pair is
/// Vapi's id of the call.
pub(crate) async fn list_runs(
    tx: &mut OrgTx,
    vapi_call_ids: &[&str],
) -> Result<Vec<(String, ToolRun)>, sqlx::Error> {
    #[derive(sqlx::FromRow)]
    struct Run {
        vapi_call_id: String,
        tool_call_id: String,
        name: String,
        outcome: Option<String>,
        text: Private<String>,
        booking_id: Option<BookingId>,
        milliseconds: i32,
        at: jiff_sqlx::Timestamp,
    }
    let runs: Vec<Run> = sqlx::query_as(
        "SELECT vapi_call_id, tool_call_id, name, outcome, text, booking_id, milliseconds, at
         FROM voice_tooling.tool_run WHERE org_id = $1 AND vapi_call_id = ANY($2)
         ORDER BY at, tool_call_id",
    )
    .bind(tx.org())
    .bind(vapi_call_ids)
    .fetch_all(&mut **tx)
    .await?;
    let runs = runs.into_iter().map(|run| {
        let shown = ToolRun {
            tool_call_id: run.tool_call_id,
            name: run.name,
            outcome: run.outcome.unwrap_or_default(),
            text: run.text,
            milliseconds: run.milliseconds,
            booking_id: run.booking_id,
            at: run.at.to_jiff(),
        };
        (run.vapi_call_id, shown)
    });
    Ok(runs.collect())
}
