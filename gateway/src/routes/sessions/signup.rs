//! `POST /api/auth/signup`

use axum::{extract::State, http::StatusCode, response::Response};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use utoipa::ToSchema;
use voxanne_privacy::Private;
use voxanne_proto::{
    booking::v1::SetUpClinicRequest,
    identity::v1::{Org, SignUpRequest},
};

use super::{Begun, Session, device::Device};
use crate::{
    App,
    body::{Body, Form},
    limits::Client,
    reply::Refusal,
    request_id,
};

/// A new account with a clinic of its own.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SignUp {
    #[schema(value_type = String, format = "email", max_length = 254)]
    email: Private<String>,
    #[schema(value_type = String, min_length = 1, max_length = 1024)]
    password: SecretString,
    #[schema(min_length = 1, max_length = 200)]
    clinic_name: String,
    /// IANA name, e.g. `America/New_York`.
    #[schema(format = "time-zone")]
    time_zone: String,
}

impl Form for SignUp {}

/// Creates an account, its clinic with a location and a default week, and a session.
#[utoipa::path(post, path = "/api/auth/signup", tag = "sessions", request_body = SignUp, responses(
    (status = 201, description = "Signed in; the refresh token is in the cookie", body = Session),
    (status = 409, description = "EMAIL_TAKEN"),
    (status = 429, description = "LOGIN_THROTTLED, TOO_MANY_SIGN_INS")))]
pub(crate) async fn signup(
    State(app): State<App>,
    Device(device): Device,
    client: Client,
    Body(form): Body<SignUp>,
) -> Result<Response, Refusal> {
    app.limits
        .mail(&client, "signup", form.email.expose())
        .await?;
    let identity = &app.clients.identity;
    let request = identity.system_request(
        request_id::current(),
        SignUpRequest {
            email: form.email.expose().clone(),
            password: form.password.expose_secret().to_owned(),
            clinic_name: form.clinic_name,
            time_zone: form.time_zone,
            device: Some(device),
        },
    );
    let answer = identity.client().sign_up(request).await?.into_inner();
    if let (Some(tokens), Some(org)) = (&answer.tokens, &answer.org) {
        set_up_clinic(&app, &tokens.access_token, org).await;
    }
    let begun = Begun {
        tokens: answer.tokens,
        user: answer.user,
        org: answer.org,
        role: answer.role,
        memberships: Vec::new(),
    };
    let mut response = begun.into_response(StatusCode::CREATED, &app)?;
    app.limits
        .remember_device(&client, form.email.expose(), &mut response);
    Ok(response)
}

/// Spares the new member the moment until booking has heard of the organisation. Failing here
/// loses nothing: booking does the same when it reads `org.created`.
async fn set_up_clinic(app: &App, access_token: &str, org: &Org) {
    let tenant = match app.auth.verify(access_token).await {
        Ok(verified) => verified.tenant(),
        Err(problem) => {
            tracing::warn!(%problem, "the clinic is set up later: the new token is not accepted");
            return;
        }
    };
    let clinic = &app.clients.clinic;
    let request = clinic.request(
        &tenant,
        SetUpClinicRequest {
            name: org.name.clone(),
            time_zone: org.time_zone.clone(),
        },
    );
    if let Err(status) = clinic.client().set_up_clinic(request).await {
        tracing::warn!(code = ?status.code(), "the clinic is set up later: booking did not answer");
    }
}
