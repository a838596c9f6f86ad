//! `GET /api/auth/session`

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;
use voxanne_problem::Problem;
use voxanne_proto::identity::v1::GetSessionRequest;

use super::{Org, User};
use crate::{App, auth::Member, reply::Refusal};

/// Who is signed in, and where.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionView {
    user: User,
    org: Org,
    role: String,
}

/// Who is signed in.
#[utoipa::path(get, path = "/api/auth/session", tag = "sessions",
    responses((status = 200, description = "The session", body = SessionView)))]
pub(crate) async fn show(
    State(app): State<App>,
    Member(tenant): Member,
) -> Result<Json<SessionView>, Refusal> {
    let identity = &app.clients.identity;
    let request = identity.request(&tenant, GetSessionRequest {});
    let answer = identity.client().get_session(request).await?.into_inner();
    let missing = || Problem::internal("identity left out a part of a session");
    Ok(Json(SessionView {
        user: answer.user.ok_or_else(missing)?.into(),
        org: answer.org.ok_or_else(missing)?.into(),
        role: answer.role,
    }))
}
