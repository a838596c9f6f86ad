//! `/api/auth/second-factor`

use axum::{Json, extract::State, http::StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use voxanne_problem::Violations;
use voxanne_proto::identity::v1::{
    BeginSecondFactorRequest, ConfirmSecondFactorRequest, RemoveSecondFactorRequest,
    remove_second_factor_request::Proof,
};

use super::password::own_account;
use crate::{
    App,
    auth::Member,
    body::{Body, Form, is_given},
    limits::Client,
    reply::Refusal,
};

/// What an authenticator app needs.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecondFactorSecret {
    /// Base32, to type in.
    secret: String,
    /// `otpauth://…`, to show as a QR code.
    uri: String,
}

/// The present password: a session alone must not lock its owner out.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SecondFactorStart {
    #[schema(value_type = String, min_length = 1, max_length = 1024)]
    password: SecretString,
}

/// A code that the app shows.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Code {
    #[schema(value_type = String, min_length = 1, max_length = 64)]
    code: SecretString,
}

/// Codes for the day the app is lost, each good once.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecoveryCodes {
    recovery_codes: Vec<String>,
}

/// The password, a code or a recovery code.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SecondFactorProof {
    #[schema(value_type = Option<String>, min_length = 1, max_length = 1024)]
    password: Option<SecretString>,
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64)]
    code: Option<SecretString>,
}

impl Form for SecondFactorStart {}

impl Form for Code {}

impl Form for SecondFactorProof {
    fn rules(form: &Value, wrong: &mut Violations) {
        match (is_given(form, "password"), is_given(form, "code")) {
            (false, false) => wrong.add("password", "REQUIRED", "give `password` or `code`"),
            (true, true) => {
                let detail = "give `password` or `code`, not both";
                wrong.add("code", "CONFLICT", detail);
            }
            _ => {}
        }
    }
}

/// Makes a secret for an authenticator app; sign-in asks for codes only once it is confirmed.
#[utoipa::path(post, path = "/api/auth/second-factor", tag = "account",
    request_body = SecondFactorStart, responses(
        (status = 201, description = "Shown this once", body = SecondFactorSecret),
        (status = 401, description = "INVALID_CREDENTIALS"),
        (status = 409, description = "SECOND_FACTOR_ON"),
        (status = 429, description = "LOGIN_THROTTLED")))]
pub(crate) async fn begin(
    State(app): State<App>,
    Member(tenant): Member,
    client: Client,
    Body(form): Body<SecondFactorStart>,
) -> Result<(StatusCode, Json<SecondFactorSecret>), Refusal> {
    let account = &app.clients.account;
    let message = BeginSecondFactorRequest {
        password: form.password.expose_secret().to_owned(),
    };
    let request = account.request(&tenant, message);
    let mut account = account.client();
    let work = account.begin_second_factor(request);
    let own = own_account(&tenant);
    let begun = app.limits.attempt(&client, Some(&own), work).await?;
    let secret = SecondFactorSecret {
        secret: begun.secret,
        uri: begun.uri,
    };
    Ok((StatusCode::CREATED, Json(secret)))
}

/// Turns the second factor on with a code that the app shows.
#[utoipa::path(post, path = "/api/auth/second-factor/confirm", tag = "account",
    request_body = Code, responses(
        (status = 200, description = "On; these codes are shown this once", body = RecoveryCodes),
        (status = 401, description = "WRONG_CODE"),
        (status = 409, description = "SECOND_FACTOR_ON, SECOND_FACTOR_OFF"),
        (status = 429, description = "LOGIN_THROTTLED, TOO_MANY_CODES")))]
pub(crate) async fn confirm(
    State(app): State<App>,
    Member(tenant): Member,
    client: Client,
    Body(form): Body<Code>,
) -> Result<Json<RecoveryCodes>, Refusal> {
    let account = &app.clients.account;
    let message = ConfirmSecondFactorRequest {
        code: form.code.expose_secret().to_owned(),
    };
    let request = account.request(&tenant, message);
    let mut account = account.client();
    let work = account.confirm_second_factor(request);
    let own = own_account(&tenant);
    let confirmed = app.limits.attempt(&client, Some(&own), work).await?;
    Ok(Json(RecoveryCodes {
        recovery_codes: confirmed.recovery_codes,
    }))
}

/// Turns the second factor off.
#[utoipa::path(delete, path = "/api/auth/second-factor", tag = "account",
    request_body = SecondFactorProof, responses(
        (status = 204, description = "Off"),
        (status = 401, description = "INVALID_CREDENTIALS, WRONG_CODE"),
        (status = 409, description = "SECOND_FACTOR_OFF"),
        (status = 429, description = "LOGIN_THROTTLED, TOO_MANY_CODES")))]
pub(crate) async fn remove(
    State(app): State<App>,
    Member(tenant): Member,
    client: Client,
    Body(form): Body<SecondFactorProof>,
) -> Result<StatusCode, Refusal> {
    let account = &app.clients.account;
    let proof = match (form.password, form.code) {
        (Some(password), _) => Some(Proof::Password(password.expose_secret().to_owned())),
        (None, code) => code.map(|code| Proof::Code(code.expose_secret().to_owned())),
    };
    let request = account.request(&tenant, RemoveSecondFactorRequest { proof });
    let mut account = account.client();
    let work = account.remove_second_factor(request);
    let own = own_account(&tenant);
    app.limits.attempt(&client, Some(&own), work).await?;
    Ok(StatusCode::NO_CONTENT)
}
