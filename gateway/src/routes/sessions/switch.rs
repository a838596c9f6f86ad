//! `POST /api/auth/switch`

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::Deserialize;
use utoipa::ToSchema;
use voxanne_proto::identity::v1::SwitchRequest;
use voxanne_tenant::Caller;

use super::{Begun, Session, cookie, device::Device};
use crate::{
    App,
    auth::{Member, revocations::Subject},
    body::{Body, Form},
    reply::Refusal,
};

/// The clinic to go on in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Switch {
    #[schema(min_length = 1, max_length = 64)]
    org_id: String,
}

impl Form for Switch {}

/// Goes on in another of one's clinics: ends this session and begins one there.
///
/// The cookie has to be this session's: an access token alone does not lead to a session that
/// lasts. After `INVALID_REFRESH_TOKEN`, refresh: the browser is signed in otherwise.
#[utoipa::path(post, path = "/api/auth/switch", tag = "sessions", request_body = Switch, responses(
    (status = 200, description = "Signed in; the refresh token is in the cookie", body = Session),
    (status = 401, description = "REFRESH_TOKEN_MISSING, INVALID_REFRESH_TOKEN, SESSION_REVOKED"),
    (status = 403, description = "ORIGIN_FORBIDDEN"),
    (status = 404, description = "ORG_NOT_FOUND")))]
pub(crate) async fn switch(
    State(app): State<App>,
    Member(tenant): Member,
    Device(device): Device,
    headers: HeaderMap,
    Body(form): Body<Switch>,
) -> Result<Response, Refusal> {
    let refresh_token = cookie::require(&app, &headers)?;
    let sessions = &app.clients.sessions;
    let message = SwitchRequest {
        to: form.org_id,
        device: Some(device),
        refresh_token,
    };
    let request = sessions.request(&tenant, message);
    let answer = sessions.client().switch(request).await?.into_inner();
    if let Caller::User { session, .. } = tenant.caller() {
        let ended = Subject::Session(*session);
        app.auth.revocations.add(tenant.org(), ended);
    }
    let begun = Begun {
        tokens: answer.tokens,
        user: answer.user,
        org: answer.org,
        role: answer.role,
        memberships: Vec::new(),
    };
    begun.into_response(StatusCode::OK, &app)
}
