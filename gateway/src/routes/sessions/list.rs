//! `GET /api/auth/sessions`

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;
use voxanne_proto::identity::v1::{self, ListSessionsRequest};

use super::Org;
use crate::{
    App,
    auth::Member,
    reply::Refusal,
    routes::{
        list::List,
        moment,
        part::{promised, told},
    },
};

/// A sign-in that goes on.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SignIn {
    id: String,
    org: Org,
    /// RFC 3339, UTC.
    started_at: Option<String>,
    /// When it was last refreshed; RFC 3339, UTC.
    last_used_at: Option<String>,
    /// The network it began from, shortened.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    /// Such as `Firefox on Linux`.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<String>,
    /// This very session.
    current: bool,
}

/// Lists one's own sessions, in every clinic, the latest used first.
#[utoipa::path(get, path = "/api/auth/sessions", tag = "sessions",
    responses((status = 200, description = "At most 200 sessions", body = List<SignIn>)))]
pub(crate) async fn list(
    State(app): State<App>,
    Member(tenant): Member,
) -> Result<Json<List<SignIn>>, Refusal> {
    let sessions = &app.clients.sessions;
    let request = sessions.request(&tenant, ListSessionsRequest {});
    let answer = sessions.client().list_sessions(request).await?.into_inner();
    let mut items = Vec::new();
    for session in answer.sessions {
        items.push(sign_in(session)?);
    }
    Ok(Json(List::new(items, String::new())))
}

fn sign_in(session: v1::Session) -> Result<SignIn, Refusal> {
    let device = session.device.unwrap_or_default();
    Ok(SignIn {
        id: session.id,
        org: promised(session.org)?.into(),
        started_at: moment::text(session.started_at),
        last_used_at: moment::text(session.last_used_at),
        address: told(device.address),
        user_agent: told(device.user_agent),
        current: session.current,
    })
}
