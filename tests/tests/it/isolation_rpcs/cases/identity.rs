//! Sessions, the organisation and the credential vault.

use std::collections::HashMap;

use voxanne_proto::identity::v1::{
    DeleteCredentialRequest, GetCredentialRequest, GetOrgRequest, GetSessionRequest, LogoutRequest,
    OpenCredentialRequest, PutCredentialRequest, RecordTestRequest,
};

use super::{Case, Of, Who};

pub(super) fn cases() -> Vec<Case> {
    let of = Of("identity.v1.IdentityService", Who::Owner);
    let provider = || "twilio".to_owned();
    vec![
        of.system("SignUp"),
        of.system("Login"),
        of.system("Refresh"),
        of.system("GetJwks"),
        of.system("ListRevocations"),
        of.system("FindWebhookSecrets"),
        of.session("Logout", LogoutRequest {}),
        of.session("GetSession", GetSessionRequest {}),
        of.nothing("GetOrg", GetOrgRequest {}),
        of.nothing(
            "GetCredential",
            GetCredentialRequest {
                provider: provider(),
            },
        ),
        of.by(Who::Job).nothing(
            "OpenCredential",
            OpenCredentialRequest {
                provider: provider(),
            },
        ),
        Of("identity.v1.CredentialService", Who::Job).id(
            "RecordTest",
            |it| &it.credential,
            |_, id| RecordTestRequest {
                provider: "twilio".to_owned(),
                // What is no version is nobody's.
                version: id.parse().unwrap_or(i64::MAX),
                accepted: true,
            },
        ),
        of.nothing(
            "DeleteCredential",
            DeleteCredentialRequest {
                provider: provider(),
            },
        ),
        of.nothing(
            "PutCredential",
            PutCredentialRequest {
                provider: provider(),
                external_id: format!("AC{}", "0".repeat(32)),
                secrets: HashMap::from([("authToken".to_owned(), "0".repeat(32))]),
                settings: HashMap::from([("from".to_owned(), "+12125550111".to_owned())]),
            },
        ),
    ]
}
