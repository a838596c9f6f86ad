//! `GET` and `POST /api/org/{orgId}/agent/sync`

use axum::{Json, extract::State};
use voxanne_proto::voice_tooling::v1::{GetSyncRequest, StartSyncRequest};

use super::Sync;
use crate::{App, auth::Member, reply::Refusal, routes::part::promised};

/// Shows how far the provider is, tool by tool.
#[utoipa::path(get, path = "/agent/sync", tag = "agent", responses(
    (status = 200, description = "How far the provider is", body = Sync),
    (status = 404, description = "AGENT_NOT_FOUND before the first save")))]
pub(crate) async fn show(
    State(app): State<App>,
    Member(tenant): Member,
) -> Result<Json<Sync>, Refusal> {
    let voice_tooling = &app.clients.voice_tooling;
    let request = voice_tooling.request(&tenant, GetSyncRequest {});
    let answer = voice_tooling.client().get_sync(request).await?.into_inner();
    Ok(Json(promised(answer.sync)?.into()))
}

/// Brings the provider to what is saved, again and at once.
#[utoipa::path(post, path = "/agent/sync", tag = "agent", responses(
    (status = 200, description = "It has begun", body = Sync),
    (status = 404, description = "AGENT_NOT_FOUND before the first save")))]
pub(crate) async fn start(
    State(app): State<App>,
    Member(tenant): Member,
) -> Result<Json<Sync>, Refusal> {
    let voice_tooling = &app.clients.voice_tooling;
    let request = voice_tooling.request(&tenant, StartSyncRequest {});
    let answer = voice_tooling
        .client()
        .start_sync(request)
        .await?
        .into_inner();
    Ok(Json(promised(answer.sync)?.into()))
}
