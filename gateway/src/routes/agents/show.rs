//! `GET /api/org/{orgId}/agent` and its versions

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;
use voxanne_proto::voice_tooling::v1::{GetAgentRequest, ListAgentVersionsRequest};

use super::{Agent, Sync};
use crate::{
    App,
    auth::Member,
    body::Parameters,
    reply::Refusal,
    routes::{
        list::{List, Paging},
        part::promised,
    },
};

/// The agent, and how far the provider has it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AgentView {
    #[serde(flatten)]
    agent: Agent,
    sync: Sync,
}

/// Shows the agent.
#[utoipa::path(get, path = "/agent", tag = "agent", responses(
    (status = 200, description = "The agent", body = AgentView),
    (status = 404, description = "AGENT_NOT_FOUND before the first save")))]
pub(crate) async fn show(
    State(app): State<App>,
    Member(tenant): Member,
) -> Result<Json<AgentView>, Refusal> {
    let voice_tooling = &app.clients.voice_tooling;
    let request = voice_tooling.request(&tenant, GetAgentRequest {});
    let answer = voice_tooling
        .client()
        .get_agent(request)
        .await?
        .into_inner();
    Ok(Json(AgentView {
        agent: promised(answer.agent)?.into(),
        sync: promised(answer.sync)?.into(),
    }))
}

/// Lists what was saved, newest first.
#[utoipa::path(get, path = "/agent/versions", tag = "agent", params(Paging),
    responses((status = 200, description = "A page of versions", body = List<Agent>)))]
pub(crate) async fn versions(
    State(app): State<App>,
    Member(tenant): Member,
    Parameters(paging): Parameters<Paging>,
) -> Result<Json<List<Agent>>, Refusal> {
    let (limit, cursor) = paging.parts();
    let voice_tooling = &app.clients.voice_tooling;
    let request = voice_tooling.request(&tenant, ListAgentVersionsRequest { limit, cursor });
    let page = voice_tooling
        .client()
        .list_agent_versions(request)
        .await?
        .into_inner();
    Ok(Json(List::new(page.versions, page.next_cursor)))
}
