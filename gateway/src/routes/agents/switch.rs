//! `POST /api/org/{orgId}/agent/on` and `/off`

use axum::{Json, extract::State};
use voxanne_proto::voice_tooling::v1::SetEnabledRequest;
use voxanne_tenant::Tenant;

use super::Agent;
use crate::{App, auth::Member, reply::Refusal, routes::part::promised};

/// Lets the agent book.
#[utoipa::path(post, path = "/agent/on", tag = "agent", responses(
    (status = 200, description = "The agent", body = Agent),
    (status = 404, description = "AGENT_NOT_FOUND before the first save")))]
pub(crate) async fn on(
    State(app): State<App>,
    Member(tenant): Member,
) -> Result<Json<Agent>, Refusal> {
    set(&app, &tenant, SetEnabledRequest { enabled: true }).await
}

/// Lets the agent answer with a sentence and book nothing.
#[utoipa::path(post, path = "/agent/off", tag = "agent", responses(
    (status = 200, description = "The agent", body = Agent),
    (status = 404, description = "AGENT_NOT_FOUND before the first save")))]
pub(crate) async fn off(
    State(app): State<App>,
    Member(tenant): Member,
) -> Result<Json<Agent>, Refusal> {
    set(&app, &tenant, SetEnabledRequest { enabled: false }).await
}

async fn set(
    app: &App,
    tenant: &Tenant,
    message: SetEnabledRequest,
) -> Result<Json<Agent>, Refusal> {
    let voice_tooling = &app.clients.voice_tooling;
    let request = voice_tooling.request(tenant, message);
    let answer = voice_tooling
        .client()
        .set_enabled(request)
        .await?
        .into_inner();
    Ok(Json(promised(answer.agent)?.into()))
}
