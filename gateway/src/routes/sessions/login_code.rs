//! `POST /api/auth/login/second-factor`

use axum::{extract::State, http::StatusCode, response::Response};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use utoipa::ToSchema;
use voxanne_proto::identity::v1::LoginWithCodeRequest;

use super::{Begun, Session, device::Device};
use crate::{
    App,
    body::{Body, Form},
    limits::Client,
    reply::Refusal,
    request_id,
};

/// The challenge of the problem `SECOND_FACTOR_REQUIRED`, and a code or a recovery code.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct LoginCode {
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    challenge: SecretString,
    #[schema(value_type = String, min_length = 1, max_length = 64)]
    code: SecretString,
}

impl Form for LoginCode {}

/// Ends a sign-in that asked for a second factor.
#[utoipa::path(post, path = "/api/auth/login/second-factor", tag = "sessions",
    request_body = LoginCode, responses(
        (status = 200, description = "Signed in; the refresh token is in the cookie", body = Session),
        (status = 401, description = "WRONG_CODE"),
        (status = 410, description = "LINK_EXPIRED: sign in again"),
        (status = 429, description = "LOGIN_THROTTLED, TOO_MANY_CODES")))]
pub(crate) async fn login_code(
    State(app): State<App>,
    Device(device): Device,
    client: Client,
    Body(form): Body<LoginCode>,
) -> Result<Response, Refusal> {
    let account = &app.clients.account;
    let request = account.system_request(
        request_id::current(),
        LoginWithCodeRequest {
            challenge: form.challenge.expose_secret().to_owned(),
            code: form.code.expose_secret().to_owned(),
            device: Some(device),
        },
    );
    let mut login = account.client();
    let work = login.login_with_code(request);
    let answer = app.limits.attempt(&client, None, work).await?;
    let email = answer.user.as_ref().map(|user| user.email.clone());
    let begun = Begun {
        tokens: answer.tokens,
        user: answer.user,
        org: answer.org,
        role: answer.role,
        memberships: answer.memberships,
    };
    let mut response = begun.into_response(StatusCode::OK, &app)?;
    if let Some(email) = email {
        app.limits.remember_device(&client, &email, &mut response);
    }
    Ok(response)
}
