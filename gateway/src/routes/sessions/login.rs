//! `POST /api/auth/login`

use axum::{extract::State, http::StatusCode, response::Response};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use utoipa::ToSchema;
use voxanne_privacy::Private;
use voxanne_proto::identity::v1::LoginRequest;

use super::{Begun, Session, device::Device};
use crate::{
    App,
    body::{Body, Form},
    limits::Client,
    reply::Refusal,
    request_id,
};

/// Address and password.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Login {
    #[schema(value_type = String, min_length = 1, max_length = 254)]
    email: Private<String>,
    #[schema(value_type = String, min_length = 1, max_length = 1024)]
    password: SecretString,
}

impl Form for Login {}

/// Begins a session.
#[utoipa::path(post, path = "/api/auth/login", tag = "sessions", request_body = Login, responses(
    (status = 200, description = "Signed in; the refresh token is in the cookie", body = Session),
    (status = 401, description = "INVALID_CREDENTIALS; SECOND_FACTOR_REQUIRED with a `challenge`"),
    (status = 429, description = "LOGIN_THROTTLED, TOO_MANY_SIGN_INS")))]
pub(crate) async fn login(
    State(app): State<App>,
    Device(device): Device,
    client: Client,
    Body(form): Body<Login>,
) -> Result<Response, Refusal> {
    let identity = &app.clients.identity;
    let request = identity.system_request(
        request_id::current(),
        LoginRequest {
            email: form.email.expose().clone(),
            password: form.password.expose_secret().to_owned(),
            device: Some(device),
        },
    );
    let mut login = identity.client();
    let work = login.login(request);
    let email = form.email.expose();
    let answer = app.limits.attempt(&client, Some(email), work).await?;
    let begun = Begun {
        tokens: answer.tokens,
        user: answer.user,
        org: answer.org,
        role: answer.role,
        memberships: answer.memberships,
    };
    let mut response = begun.into_response(StatusCode::OK, &app)?;
    app.limits.remember_device(&client, email, &mut response);
    Ok(response)
}
