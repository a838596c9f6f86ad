//! `/api/auth/email`

use axum::{extract::State, http::StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use utoipa::ToSchema;
use voxanne_proto::identity::v1::{SendVerificationRequest, VerifyEmailRequest};

use crate::{
    App,
    auth::Member,
    body::{Body, Form},
    limits::Client,
    reply::Refusal,
    request_id,
};

/// The token from the link that was sent to the address.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Verify {
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    token: SecretString,
}

impl Form for Verify {}

/// Proves the address of an account with the token of the link that was sent there.
#[utoipa::path(post, path = "/api/auth/email/verify", tag = "account", request_body = Verify,
    responses(
        (status = 204, description = "The address is proven"),
        (status = 410, description = "LINK_EXPIRED"),
        (status = 429, description = "LOGIN_THROTTLED")))]
pub(crate) async fn verify(
    State(app): State<App>,
    client: Client,
    Body(form): Body<Verify>,
) -> Result<StatusCode, Refusal> {
    let account = &app.clients.account;
    let message = VerifyEmailRequest {
        token: form.token.expose_secret().to_owned(),
    };
    let request = account.system_request(request_id::current(), message);
    let mut account = account.client();
    let work = account.verify_email(request);
    app.limits.attempt(&client, None, work).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends the link again; does nothing when the address is proven.
#[utoipa::path(post, path = "/api/auth/email/verification", tag = "account", responses(
    (status = 202, description = "A mail is on its way"),
    (status = 429, description = "TOO_MANY_MAILS")))]
pub(crate) async fn send(
    State(app): State<App>,
    Member(tenant): Member,
) -> Result<StatusCode, Refusal> {
    let account = &app.clients.account;
    let request = account.request(&tenant, SendVerificationRequest {});
    account.client().send_verification(request).await?;
    Ok(StatusCode::ACCEPTED)
}
