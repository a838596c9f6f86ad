//! Phone calls with the agent.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;
use voxanne_privacy::Private;
use voxanne_proto::voice_tooling::v1 as proto;

use super::{
    id::Id,
    list::{List, Paging},
    moment,
    part::{promised, told},
};
use crate::{App, auth::Member, body::Parameters, reply::Refusal};

/// One phone call.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Call {
    id: String,
    /// The provider's own id of the call.
    vapi_call_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    caller_number: Option<Private<String>>,
    /// `in_progress` or ended.
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    ended_reason: Option<Private<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    transcript: Option<Private<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    summary: Option<Private<String>>,
    /// What the agent did, in order.
    tools: Vec<ToolRun>,
    /// Bookings made in the call.
    booking_ids: Vec<String>,
}

/// One tool the agent used.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ToolRun {
    tool_call_id: String,
    name: String,
    /// result or error.
    outcome: String,
    #[schema(value_type = String)]
    text: Private<String>,
    milliseconds: u32,
    at: String,
}

impl From<proto::Call> for Call {
    fn from(call: proto::Call) -> Self {
        Self {
            id: call.id,
            vapi_call_id: call.vapi_call_id,
            caller_number: told(call.caller_number).map(Private::new),
            status: call.status,
            ended_reason: told(call.ended_reason).map(Private::new),
            started_at: moment::text(call.started_at),
            ended_at: moment::text(call.ended_at),
            transcript: told(call.transcript).map(Private::new),
            summary: told(call.summary).map(Private::new),
            tools: call.tools.into_iter().map(Into::into).collect(),
            booking_ids: call.booking_ids,
        }
    }
}

impl From<proto::ToolRun> for ToolRun {
    fn from(run: proto::ToolRun) -> Self {
        Self {
            tool_call_id: run.tool_call_id,
            name: run.name,
            outcome: run.outcome,
            text: run.text.into(),
            milliseconds: run.milliseconds,
            at: moment::written(run.at),
        }
    }
}

/// Lists calls, newest first.
#[utoipa::path(get, path = "/calls", tag = "calls", params(Paging),
    responses((status = 200, description = "A page of calls", body = List<Call>)))]
pub(crate) async fn list(
    State(app): State<App>,
    Member(tenant): Member,
    Parameters(paging): Parameters<Paging>,
) -> Result<Json<List<Call>>, Refusal> {
    let (limit, cursor) = paging.parts();
    let voice_tooling = &app.clients.voice_tooling;
    let request = voice_tooling.request(&tenant, proto::ListCallsRequest { limit, cursor });
    let page = voice_tooling
        .client()
        .list_calls(request)
        .await?
        .into_inner();
    Ok(Json(List::new(page.calls, page.next_cursor)))
}

/// Shows a call with its transcript and what the agent did.
#[utoipa::path(get, path = "/calls/{id}", tag = "calls",
    params(("id" = String, Path, description = "`call_…`")), responses(
    (status = 200, description = "The call", body = Call),
    (status = 404, description = "CALL_NOT_FOUND")))]
pub(crate) async fn show(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
) -> Result<Json<Call>, Refusal> {
    let voice_tooling = &app.clients.voice_tooling;
    let request = voice_tooling.request(&tenant, proto::GetCallRequest { id });
    let answer = voice_tooling.client().get_call(request).await?.into_inner();
    Ok(Json(promised(answer.call)?.into()))
}
