//! API keys.

use voxanne_proto::identity::v1::{CreateApiKeyRequest, ListApiKeysRequest, RevokeApiKeyRequest};

use super::{Case, Of, Who};

pub(super) fn cases() -> Vec<Case> {
    let of = Of("identity.v1.ApiKeyService", Who::Owner);
    let new = CreateApiKeyRequest {
        name: "Reporting".to_owned(),
        scopes: vec!["clinic:read".to_owned()],
        expires_at: None,
    };
    vec![
        of.system("FindApiKey"),
        of.nothing("ListApiKeys", ListApiKeysRequest::default()),
        of.nothing("CreateApiKey", new),
        of.id(
            "RevokeApiKey",
            |it| &it.api_key,
            |_, id| RevokeApiKeyRequest { id: id.to_owned() },
        ),
    ]
}
