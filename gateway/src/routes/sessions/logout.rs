//! `POST /api/auth/logout`

use axum::{
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode},
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

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

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
    // The cookies stay: one was just taken back, and the other lets no one in.
    let clear = HeaderValue::from_static(r#""cache", "storage""#);
    let headers = [cookie::clear(&app)?, (CLEAR_SITE_DATA, clear)];
    Ok((StatusCode::NO_CONTENT, headers).into_response())
}
