//! A clinic's own accounts at providers. Secrets go in and never come out.

pub(crate) mod test;

use std::collections::BTreeMap;

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use voxanne_problem::Violations;
use voxanne_proto::identity::v1 as proto;
use voxanne_tenant::Tenant;

use super::{
    moment,
    part::{promised, told},
};
use crate::{
    App,
    auth::Member,
    body::{Body, Form, is_given},
    reply::Refusal,
};

const TWILIO: &str = "twilio";
const GOOGLE: &str = "google";

/// What may be shown of a credential.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Credential {
    configured: bool,
    /// The provider's public name of the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<String>,
    /// The end of the main secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_four: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_verified_at: Option<String>,
    /// missing, unverified, ok or rejected.
    status: String,
    /// What is no secret, e.g. the sender of texts.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(required = false)]
    settings: BTreeMap<String, String>,
    /// What the provider said, in words; after a test only.
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<String>,
}

impl From<proto::Credential> for Credential {
    fn from(credential: proto::Credential) -> Self {
        Self {
            configured: credential.configured,
            external_id: told(credential.external_id),
            last_four: told(credential.last_four),
            last_verified_at: moment::text(credential.last_verified_at),
            status: credential.status,
            settings: credential.settings.into_iter().collect(),
            verdict: None,
        }
    }
}

/// A Twilio account with either a sender or a messaging service.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct TwilioCredential {
    #[schema(pattern = "^AC[0-9a-fA-F]{32}$")]
    account_sid: String,
    /// Webhooks are verified with it.
    #[schema(pattern = "^[!-~]{4,4096}$")]
    auth_token: String,
    #[schema(pattern = "^SK[0-9a-fA-F]{32}$")]
    api_key_sid: Option<String>,
    #[schema(pattern = "^[!-~]{4,4096}$")]
    api_key_secret: Option<String>,
    /// A number such as `+15551234567`, a short code or a sender's name.
    #[schema(pattern = r"^(\+[1-9]\d{6,14}|\d{3,8}|[0-9A-Za-z ]{1,11})$")]
    from: Option<String>,
    #[schema(pattern = "^MG[0-9a-fA-F]{32}$")]
    messaging_service_sid: Option<String>,
}

impl Form for TwilioCredential {
    fn rules(form: &Value, wrong: &mut Violations) {
        match (
            is_given(form, "from"),
            is_given(form, "messagingServiceSid"),
        ) {
            (false, false) => {
                wrong.add("from", "REQUIRED", "give `from` or `messagingServiceSid`");
            }
            (true, true) => {
                let detail = "give `from` or `messagingServiceSid`, not both";
                wrong.add("messagingServiceSid", "CONFLICT", detail);
            }
            _ => {}
        }
        let detail = "`apiKeySid` and `apiKeySecret` belong together";
        match (is_given(form, "apiKeySid"), is_given(form, "apiKeySecret")) {
            (true, false) => wrong.add("apiKeySecret", "REQUIRED", detail),
            (false, true) => wrong.add("apiKeySid", "REQUIRED", detail),
            _ => {}
        }
    }
}

impl From<TwilioCredential> for proto::PutCredentialRequest {
    fn from(form: TwilioCredential) -> Self {
        Self {
            provider: TWILIO.to_owned(),
            external_id: form.account_sid,
            secrets: given([
                ("authToken", Some(form.auth_token)),
                ("apiKeySid", form.api_key_sid),
                ("apiKeySecret", form.api_key_secret),
            ]),
            settings: given([
                ("from", form.from),
                ("messagingServiceSid", form.messaging_service_sid),
            ]),
        }
    }
}

/// A Google account whose calendar is kept in step.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct GoogleCredential {
    /// The account's address.
    #[schema(pattern = "^[!-~]{4,4096}$")]
    account: String,
    #[schema(pattern = "^[!-~]{4,4096}$")]
    refresh_token: String,
    #[schema(pattern = "^[!-~]{4,4096}$")]
    access_token: Option<String>,
    #[schema(pattern = "^[!-~]{4,4096}$")]
    calendar_id: Option<String>,
    #[schema(max_length = 4096)]
    scope: Option<String>,
}

impl Form for GoogleCredential {}

impl From<GoogleCredential> for proto::PutCredentialRequest {
    fn from(form: GoogleCredential) -> Self {
        Self {
            provider: GOOGLE.to_owned(),
            external_id: form.account,
            secrets: given([
                ("refreshToken", Some(form.refresh_token)),
                ("accessToken", form.access_token),
            ]),
            settings: given([("calendarId", form.calendar_id), ("scope", form.scope)]),
        }
    }
}

/// Shows what may be shown of the Twilio account.
#[utoipa::path(get, path = "/credentials/twilio", tag = "credentials",
    responses((status = 200, description = "The account, or that there is none", body = Credential)))]
pub(crate) async fn show_twilio(
    State(app): State<App>,
    Member(tenant): Member,
) -> Result<Json<Credential>, Refusal> {
    show(&app, &tenant, TWILIO).await
}

/// Shows what may be shown of the Google account.
#[utoipa::path(get, path = "/credentials/google", tag = "credentials",
    responses((status = 200, description = "The account, or that there is none", body = Credential)))]
pub(crate) async fn show_google(
    State(app): State<App>,
    Member(tenant): Member,
) -> Result<Json<Credential>, Refusal> {
    show(&app, &tenant, GOOGLE).await
}

/// Stores the Twilio account, replacing an earlier one.
#[utoipa::path(put, path = "/credentials/twilio", tag = "credentials",
    request_body = TwilioCredential,
    responses((status = 200, description = "What may be shown of it", body = Credential)))]
pub(crate) async fn put_twilio(
    State(app): State<App>,
    Member(tenant): Member,
    Body(form): Body<TwilioCredential>,
) -> Result<Json<Credential>, Refusal> {
    put(&app, &tenant, form.into()).await
}

/// Stores the Google account, replacing an earlier one.
#[utoipa::path(put, path = "/credentials/google", tag = "credentials",
    request_body = GoogleCredential,
    responses((status = 200, description = "What may be shown of it", body = Credential)))]
pub(crate) async fn put_google(
    State(app): State<App>,
    Member(tenant): Member,
    Body(form): Body<GoogleCredential>,
) -> Result<Json<Credential>, Refusal> {
    put(&app, &tenant, form.into()).await
}

/// Forgets the Twilio account.
#[utoipa::path(delete, path = "/credentials/twilio", tag = "credentials",
    responses((status = 204, description = "There is none any more")))]
pub(crate) async fn delete_twilio(
    State(app): State<App>,
    Member(tenant): Member,
) -> Result<StatusCode, Refusal> {
    delete(&app, &tenant, TWILIO).await
}

/// Forgets the Google account.
#[utoipa::path(delete, path = "/credentials/google", tag = "credentials",
    responses((status = 204, description = "There is none any more")))]
pub(crate) async fn delete_google(
    State(app): State<App>,
    Member(tenant): Member,
) -> Result<StatusCode, Refusal> {
    delete(&app, &tenant, GOOGLE).await
}

async fn show(app: &App, tenant: &Tenant, provider: &str) -> Result<Json<Credential>, Refusal> {
    let provider = provider.to_owned();
    let identity = &app.clients.identity;
    let request = identity.request(tenant, proto::GetCredentialRequest { provider });
    let answer = identity
        .client()
        .get_credential(request)
        .await?
        .into_inner();
    Ok(Json(promised(answer.credential)?.into()))
}

async fn put(
    app: &App,
    tenant: &Tenant,
    message: proto::PutCredentialRequest,
) -> Result<Json<Credential>, Refusal> {
    let identity = &app.clients.identity;
    let request = identity.request(tenant, message);
    let answer = identity
        .client()
        .put_credential(request)
        .await?
        .into_inner();
    Ok(Json(promised(answer.credential)?.into()))
}

async fn delete(app: &App, tenant: &Tenant, provider: &str) -> Result<StatusCode, Refusal> {
    let provider = provider.to_owned();
    let identity = &app.clients.identity;
    let request = identity.request(tenant, proto::DeleteCredentialRequest { provider });
    identity.client().delete_credential(request).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn given<M: FromIterator<(String, String)>>(
    fields: impl IntoIterator<Item = (&'static str, Option<String>)>,
) -> M {
    fields
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
}
