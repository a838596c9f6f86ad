//! `/api/auth/password`

use axum::{extract::State, http::StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use utoipa::ToSchema;
use voxanne_privacy::Private;
use voxanne_proto::identity::v1::{
    ChangePasswordRequest, ForgotPasswordRequest, ResetPasswordRequest,
};
use voxanne_tenant::Tenant;

use crate::{
    App,
    auth::Member,
    body::{Body, Form},
    limits::Client,
    reply::Refusal,
    request_id,
};

/// Whose password was forgotten.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Forgot {
    #[schema(value_type = String, min_length = 1, max_length = 254)]
    email: Private<String>,
}

/// A new password, and the token from the link that allows it.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Reset {
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    token: SecretString,
    #[schema(value_type = String, min_length = 1, max_length = 1024)]
    password: SecretString,
}

/// A new password in the place of the present one.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PasswordChange {
    #[schema(value_type = String, min_length = 1, max_length = 1024)]
    current_password: SecretString,
    #[schema(value_type = String, min_length = 1, max_length = 1024)]
    new_password: SecretString,
}

impl Form for Forgot {}
impl Form for Reset {}
impl Form for PasswordChange {}

/// What guesses at the proofs of somebody who is signed in count for, from wherever they come: apart
/// from what others try at the sign-in.
pub(super) fn own_account(tenant: &Tenant) -> String {
    tenant.caller().to_string()
}

/// Sends a link that sets a new password, if the address has an account; the answer does not tell.
#[utoipa::path(post, path = "/api/auth/password/forgot", tag = "account", request_body = Forgot,
    responses(
        (status = 202, description = "A mail is on its way to whoever has an account"),
        (status = 429, description = "LOGIN_THROTTLED")))]
pub(crate) async fn forgot(
    State(app): State<App>,
    client: Client,
    Body(form): Body<Forgot>,
) -> Result<StatusCode, Refusal> {
    app.limits
        .mail(&client, "forgot", form.email.expose())
        .await?;
    let account = &app.clients.account;
    let message = ForgotPasswordRequest {
        email: form.email.into_exposed(),
    };
    let request = account.system_request(request_id::current(), message);
    account.client().forgot_password(request).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Sets a new password with the token of such a link and ends every session of its user.
#[utoipa::path(post, path = "/api/auth/password/reset", tag = "account", request_body = Reset,
    responses(
        (status = 204, description = "Sign in with the new password"),
        (status = 410, description = "LINK_EXPIRED"),
        (status = 429, description = "LOGIN_THROTTLED")))]
pub(crate) async fn reset(
    State(app): State<App>,
    client: Client,
    Body(form): Body<Reset>,
) -> Result<StatusCode, Refusal> {
    let account = &app.clients.account;
    let message = ResetPasswordRequest {
        token: form.token.expose_secret().to_owned(),
        password: form.password.expose_secret().to_owned(),
    };
    let request = account.system_request(request_id::current(), message);
    let mut account = account.client();
    let work = account.reset_password(request);
    app.limits.attempt(&client, None, work).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sets a new password and ends the user's other sessions.
#[utoipa::path(post, path = "/api/auth/password", tag = "account", request_body = PasswordChange,
    responses(
        (status = 204, description = "This session goes on, the others have ended"),
        (status = 401, description = "INVALID_CREDENTIALS"),
        (status = 429, description = "LOGIN_THROTTLED")))]
pub(crate) async fn change(
    State(app): State<App>,
    Member(tenant): Member,
    client: Client,
    Body(form): Body<PasswordChange>,
) -> Result<StatusCode, Refusal> {
    let account = &app.clients.account;
    let message = ChangePasswordRequest {
        current_password: form.current_password.expose_secret().to_owned(),
        new_password: form.new_password.expose_secret().to_owned(),
    };
    let request = account.request(&tenant, message);
    let mut account = account.client();
    let work = account.change_password(request);
    let own = own_account(&tenant);
    app.limits.attempt(&client, Some(&own), work).await?;
    Ok(StatusCode::NO_CONTENT)
}
