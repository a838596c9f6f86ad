//! API keys: identity knows them by the hash of their secret.

use std::sync::Arc;

use voxanne_problem::{Kind, Problem};
use voxanne_proto::identity::v1::{FindApiKeyRequest, FindApiKeyResponse};
use voxanne_tenant::ApiKey;

use super::{Holder, Verified, token};
use crate::{clients::Clients, request_id};

/// How identity words that a key opens nothing. Any other word is about us and not about the key.
const ABOUT_THE_KEY: [&str; 3] = ["TOKEN_INVALID", "TOKEN_EXPIRED", "API_KEY_REVOKED"];

pub(super) struct ApiKeys {
    clients: Arc<Clients>,
}

impl ApiKeys {
    pub(super) const fn new(clients: Arc<Clients>) -> Self {
        Self { clients }
    }

    /// What the holder of `key` may do, and where. The secret itself stays here.
    pub(super) async fn find(&self, key: &ApiKey) -> Result<Verified, Problem> {
        let api_keys = &self.clients.api_keys;
        let message = FindApiKeyRequest {
            hash: key.hash().to_vec(),
        };
        let request = api_keys.system_request(request_id::current(), message);
        let answer = api_keys.client().find_api_key(request).await;
        let found = answer.map_err(|status| refused(status.into()))?;
        read(found.into_inner()).ok_or_else(|| Problem::internal("a key of another form was found"))
    }
}

/// The key in a text that claims to hold one.
pub(super) fn parse(text: &str) -> Result<ApiKey, Problem> {
    ApiKey::parse(text).ok_or_else(|| token::invalid("the API key is mistyped"))
}

/// As identity says it of a key that it does not know.
pub(super) fn unknown() -> Problem {
    token::invalid("identity knew no such key a moment ago")
}

pub(super) fn is_unknown(problem: &Problem) -> bool {
    problem.kind == Kind::Unauthenticated && problem.reason == "TOKEN_INVALID"
}

pub(super) fn revoked() -> Problem {
    Problem::new(
        Kind::Unauthenticated,
        "API_KEY_REVOKED",
        "this API key was revoked",
    )
}

fn refused(problem: Problem) -> Problem {
    let is_ours = !ABOUT_THE_KEY.contains(&&*problem.reason);
    if problem.kind == Kind::Unauthenticated && is_ours {
        return Problem::internal(problem);
    }
    problem
}

fn read(found: FindApiKeyResponse) -> Option<Verified> {
    let ends = found.expires_at.map(|at| voxanne_clock::from_proto(&at));
    let scopes = found.scopes.iter();
    Some(Verified {
        org: found.org_id.parse().ok()?,
        holder: Holder::Key {
            id: found.id.parse().ok()?,
            // A scope that is not known here is of a newer release, and opens nothing here.
            scopes: scopes.filter_map(|scope| scope.parse().ok()).collect(),
        },
        expires: ends.transpose().ok()?.map_or(i64::MAX, |at| at.as_second()),
    })
}

#[cfg(test)]
mod tests {
    use voxanne_ids::{KeyId, OrgId};
    use voxanne_tenant::{Permission, Permissions};

    use super::*;

    #[test]
    fn what_is_not_known_here_opens_nothing() {
        let found = FindApiKeyResponse {
            id: KeyId::new().to_string(),
            org_id: OrgId::new().to_string(),
            scopes: vec!["clinic:read".into(), "clinic:own".into()],
            expires_at: None,
        };
        let verified = read(found.clone()).expect("a key");
        let Holder::Key { scopes, .. } = verified.holder else {
            panic!("a key")
        };
        assert_eq!(scopes, Permissions::of(&[Permission::ClinicRead]));
        assert_eq!(verified.expires, i64::MAX);
        let nowhere = FindApiKeyResponse {
            org_id: String::new(),
            ..found
        };
        assert!(read(nowhere).is_none());
    }

    #[test]
    fn only_what_is_about_the_key_is_told() {
        let told = |kind, reason| refused(Problem::new(kind, reason, "")).kind;
        let unauthenticated = Kind::Unauthenticated;
        assert_eq!(told(unauthenticated, "API_KEY_REVOKED"), unauthenticated);
        assert_eq!(told(unauthenticated, "CONTEXT_REFUSED"), Kind::Internal);
        assert_eq!(told(Kind::Unavailable, "UNAVAILABLE"), Kind::Unavailable);
    }
}
