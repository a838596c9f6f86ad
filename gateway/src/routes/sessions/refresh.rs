//! `POST /api/auth/refresh`

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use voxanne_proto::identity::v1::RefreshRequest;

use super::{Begun, Session, cookie};
use crate::{App, limits::Client, reply::Refusal, request_id};

/// Goes on with a session: a new access token, and a new refresh token in the cookie.
#[utoipa::path(post, path = "/api/auth/refresh", tag = "sessions", responses(
    (status = 200, description = "The session goes on", body = Session),
    (status = 401, description = "REFRESH_TOKEN_MISSING, INVALID_REFRESH_TOKEN, SESSION_REVOKED"),
    (status = 403, description = "ORIGIN_FORBIDDEN"),
    (status = 429, description = "LOGIN_THROTTLED")))]
pub(crate) async fn refresh(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let refresh_token = cookie::require(&app, &headers)?;
    let identity = &app.clients.identity;
    let request = identity.system_request(request_id::current(), RefreshRequest { refresh_token });
    let mut session = identity.client();
    let answer = match app
        .limits
        .attempt(&client, None, session.refresh(request))
        .await
    {
        Ok(answer) => answer,
        Err(problem) => return refused(&app, problem.into()),
    };
    let begun = Begun {
        tokens: answer.tokens,
        user: answer.user,
        org: answer.org,
        role: answer.role,
        memberships: Vec::new(),
    };
    begun.into_response(StatusCode::OK, &app)
}

/// A token that was refused will be refused again, so the browser is told to drop it.
fn refused(app: &App, refusal: Refusal) -> Result<Response, Refusal> {
    if refusal.status() != StatusCode::UNAUTHORIZED {
        return Err(refusal);
    }
    let cookie = cookie::clear(app)?;
    Ok(([cookie], refusal).into_response())
}
