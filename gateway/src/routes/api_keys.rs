//! Keys with which a clinic's own programs call. A secret is shown once.

use axum::{Json, extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use voxanne_proto::identity::v1 as proto;

use super::{
    id::Id,
    list::{List, Paging},
    moment,
    part::{promised, told},
};
use crate::{
    App,
    auth::{Member, Subject},
    body::{Body, Form, Parameters},
    reply::Refusal,
};

/// A key, without its secret.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ApiKey {
    id: String,
    name: String,
    /// The end of the secret, to recognise it by.
    last_four: String,
    /// Permissions such as `bookings:write`.
    scopes: Vec<String>,
    /// active, expired or revoked.
    status: String,
    created_at: String,
    created_by: ApiKeyMaker,
    /// Absent when it lasts until it is revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    /// To the minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<String>,
}

/// Who made a key; it stays when they leave.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ApiKeyMaker {
    id: String,
    /// Absent when they have left.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// Whether they still belong to the clinic.
    is_member: bool,
}

/// A key that was just made.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MadeApiKey {
    #[serde(flatten)]
    key: ApiKey,
    /// `vxk_…`, which nothing shows again.
    secret: String,
}

impl From<proto::ApiKey> for ApiKey {
    fn from(key: proto::ApiKey) -> Self {
        let maker = key.created_by.unwrap_or_default();
        Self {
            id: key.id,
            name: key.name,
            last_four: key.last_four,
            scopes: key.scopes,
            status: key.status,
            created_at: moment::written(key.created_at),
            created_by: ApiKeyMaker {
                id: maker.id,
                email: told(maker.email),
                is_member: maker.is_member,
            },
            expires_at: moment::text(key.expires_at),
            last_used_at: moment::text(key.last_used_at),
            revoked_at: moment::text(key.revoked_at),
        }
    }
}

/// A key to make. It holds what its maker holds at most, and never what makes keys, members or
/// provider accounts.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewApiKey {
    /// What it is for.
    #[schema(min_length = 1, max_length = 120)]
    name: String,
    /// Permissions such as `bookings:write`.
    #[schema(min_items = 1, max_items = 32)]
    scopes: Vec<String>,
    /// Never unless said.
    #[schema(value_type = Option<String>, format = "date-time")]
    expires_at: Option<Timestamp>,
}

impl Form for NewApiKey {}

/// Lists the keys, the newest first.
#[utoipa::path(get, path = "/api-keys", tag = "api-keys", params(Paging),
    responses((status = 200, description = "A page of keys", body = List<ApiKey>)))]
pub(crate) async fn list(
    State(app): State<App>,
    Member(tenant): Member,
    Parameters(paging): Parameters<Paging>,
) -> Result<Json<List<ApiKey>>, Refusal> {
    let (limit, cursor) = paging.parts();
    let api_keys = &app.clients.api_keys;
    let request = api_keys.request(&tenant, proto::ListApiKeysRequest { limit, cursor });
    let page = api_keys.client().list_api_keys(request).await?.into_inner();
    Ok(Json(List::new(page.keys, page.next_cursor)))
}

/// Makes a key. Its secret is in this answer and in no other one, also not in that to a repetition.
#[utoipa::path(post, path = "/api-keys", tag = "api-keys", request_body = NewApiKey, responses(
    (status = 201, description = "The key with its secret", body = MadeApiKey),
    (status = 409, description = "TOO_MANY_API_KEYS, ANSWER_SHOWN_ONCE")))]
pub(crate) async fn create(
    State(app): State<App>,
    Member(tenant): Member,
    Body(new): Body<NewApiKey>,
) -> Result<(StatusCode, Json<MadeApiKey>), Refusal> {
    let api_keys = &app.clients.api_keys;
    let message = proto::CreateApiKeyRequest {
        name: new.name,
        scopes: new.scopes,
        expires_at: moment::to_proto(new.expires_at),
    };
    let request = api_keys.request(&tenant, message);
    let made = api_keys
        .client()
        .create_api_key(request)
        .await?
        .into_inner();
    let made = MadeApiKey {
        key: promised(made.key)?.into(),
        secret: made.secret,
    };
    Ok((StatusCode::CREATED, Json(made)))
}

/// Revokes a key, on every replica.
#[utoipa::path(delete, path = "/api-keys/{id}", tag = "api-keys",
    params(("id" = String, Path, description = "`key_…`")), responses(
    (status = 204, description = "It opens nothing any more"),
    (status = 404, description = "API_KEY_NOT_FOUND")))]
pub(crate) async fn revoke(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
) -> Result<StatusCode, Refusal> {
    let api_keys = &app.clients.api_keys;
    let key = id.parse();
    let request = api_keys.request(&tenant, proto::RevokeApiKeyRequest { id });
    api_keys.client().revoke_api_key(request).await?;
    if let Ok(key) = key {
        app.auth.revocations.add(tenant.org(), Subject::Key(key));
    }
    Ok(StatusCode::NO_CONTENT)
}
