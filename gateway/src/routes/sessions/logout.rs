//! `POST /api/auth/logout`

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use voxanne_proto::identity::v1::LogoutRequest;
use voxanne_tenant::Caller;

use super::cookie;
use crate::{
    App,
    auth::{Member, revocations::Subject},
    reply::Refusal,
};

/// Ends the session, on every replica, sockets included.
#[utoipa::path(post, path = "/api/auth/logout", tag = "sessions",
    responses((status = 204, description = "The session has ended")))]
pub(crate) async fn logout(
    State(app): State<App>,
    Member(tenant): Member,
) -> Result<Response, Refusal> {
    let identity = &app.clients.identity;
    let request = identity.request(&tenant, LogoutRequest {});
    identity.client().logout(request).await?;
    if let Caller::User { session, .. } = tenant.caller() {
        let ended = Subject::Session(*session);
        app.auth.revocations.add(tenant.org(), ended);
    }
    Ok((StatusCode::NO_CONTENT, [cookie::clear(&app)?]).into_response())
}
