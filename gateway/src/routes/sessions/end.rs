//! `DELETE /api/auth/sessions` and `DELETE /api/auth/sessions/{id}`

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use voxanne_proto::identity::v1::{EndAllSessionsRequest, EndSessionRequest};
use voxanne_tenant::Caller;

use super::cookie;
use crate::{
    App,
    auth::{Member, revocations::Subject},
    reply::Refusal,
    routes::id::Id,
};

/// Ends one of one's own sessions, in whatever clinic, on every replica, sockets included.
#[utoipa::path(delete, path = "/api/auth/sessions/{id}", tag = "sessions",
    params(("id" = String, Path, description = "`ses_…`")), responses(
    (status = 204, description = "The session has ended"),
    (status = 404, description = "SESSION_NOT_FOUND")))]
pub(crate) async fn end(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
) -> Result<StatusCode, Refusal> {
    let sessions = &app.clients.sessions;
    let request = sessions.request(&tenant, EndSessionRequest { id });
    sessions.client().end_session(request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Signs out everywhere: ends every session one has, in every clinic, this one included.
#[utoipa::path(delete, path = "/api/auth/sessions", tag = "sessions",
    responses((status = 204, description = "Every session has ended")))]
pub(crate) async fn end_all(
    State(app): State<App>,
    Member(tenant): Member,
) -> Result<Response, Refusal> {
    let sessions = &app.clients.sessions;
    let request = sessions.request(&tenant, EndAllSessionsRequest {});
    sessions.client().end_all_sessions(request).await?;
    if let Caller::User { session, .. } = tenant.caller() {
        let ended = Subject::Session(*session);
        app.auth.revocations.add(tenant.org(), ended);
    }
    Ok((StatusCode::NO_CONTENT, [cookie::clear(&app)?]).into_response())
}
