//! What a token says, once its signature is good.

use aws_lc_rs::digest;
use serde::{
    Deserialize, Deserializer,
    de::{self, IgnoredAny},
};
use serde_json::{Map, Value};
use uuid::{Builder, Uuid};
use voxanne_ids::{OrgId, SessionId, UserId};
use voxanne_tenant::Role;

use super::super::keys::Kind;

/// Subjects and sessions are short names.
const LONGEST_NAME: usize = 255;

#[derive(Deserialize)]
pub(super) struct Claims {
    iss: String,
    sub: String,
    pub(super) iat: i64,
    pub(super) exp: i64,
    pub(super) nbf: Option<i64>,
    // Other issuers name the session otherwise; a token without one could never be revoked.
    sid: Option<String>,
    session_id: Option<String>,
    #[serde(deserialize_with = "object")]
    pub(super) app_metadata: AppMetadata,
    // What tells tokens of other kinds by.
    token_use: Option<String>,
    typ: Option<String>,
    nonce: Option<IgnoredAny>,
    at_hash: Option<IgnoredAny>,
    c_hash: Option<IgnoredAny>,
    events: Option<IgnoredAny>,
}

/// Only an issuer's own service can write it; `user_metadata` is the user's.
#[derive(Deserialize)]
pub(super) struct AppMetadata {
    pub(super) org_id: OrgId,
    pub(super) role: Role,
}

/// A list would be read as the fields in their order, which no issuer means.
fn object<'de, D: Deserializer<'de>>(deserializer: D) -> Result<AppMetadata, D::Error> {
    let object = Map::<String, Value>::deserialize(deserializer)?;
    serde_json::from_value(Value::Object(object)).map_err(de::Error::custom)
}

impl Claims {
    /// Whether it is an access token, as far as issuers say: some sign their ID, refresh and logout
    /// tokens with the same key and for the same audience.
    pub(super) fn is_access(&self) -> bool {
        if let Some(used_as) = &self.token_use {
            return used_as == "access";
        }
        if let Some(typ) = &self.typ {
            return typ.eq_ignore_ascii_case("bearer");
        }
        let of_other_kinds = [&self.nonce, &self.at_hash, &self.c_hash, &self.events];
        of_other_kinds.iter().all(|claim| claim.is_none())
    }

    pub(super) fn user(&self, kind: Kind) -> Option<UserId> {
        let derived = || self.derived(kind, "sub", &self.sub).map(UserId::from_uuid);
        self.sub.parse().ok().or_else(derived)
    }

    pub(super) fn session(&self, kind: Kind) -> Option<SessionId> {
        let named = match kind {
            Kind::Own => self.sid.as_deref(),
            Kind::External => self.session_id.as_deref().or(self.sid.as_deref()),
        }?;
        let derived = || self.derived(kind, "sid", named).map(SessionId::from_uuid);
        named.parse().ok().or_else(derived)
    }

    /// The id that stands here for what an external issuer calls by a name of its own: always the
    /// same for the same issuer and name, and nobody else's.
    fn derived(&self, kind: Kind, claim: &str, name: &str) -> Option<Uuid> {
        if kind == Kind::Own || name.is_empty() || name.len() > LONGEST_NAME {
            return None;
        }
        let text = serde_json::json!([self.iss, claim, name]).to_string();
        let hash = digest::digest(&digest::SHA256, text.as_bytes());
        let first = hash.as_ref().first_chunk::<16>()?;
        Some(Builder::from_custom_bytes(*first).into_uuid())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(more: &Value) -> Claims {
        let mut claims = json!({ "iss": "i", "sub": "auth0|7", "sid": "s", "iat": 1, "exp": 2,
            "app_metadata": { "org_id": OrgId::new(), "role": "staff" } });
        for (name, value) in more.as_object().expect("an object") {
            claims[name] = value.clone();
        }
        serde_json::from_value(claims).expect("claims")
    }

    #[test]
    fn tokens_of_other_kinds_are_told_apart() {
        for (more, access) in [
            (json!({}), true),
            (json!({ "token_use": "access" }), true),
            (json!({ "typ": "Bearer", "nonce": "n" }), true),
            (json!({ "token_use": "id" }), false),
            (json!({ "typ": "ID" }), false),
            (json!({ "typ": "Refresh" }), false),
            (json!({ "nonce": "n" }), false),
            (json!({ "at_hash": "h" }), false),
            (json!({ "events": {} }), false),
        ] {
            assert_eq!(claims(&more).is_access(), access, "{more}");
        }
    }

    #[test]
    fn an_external_name_stands_for_one_id() {
        let (one, other) = (claims(&json!({})), claims(&json!({ "sub": "auth0|8" })));
        assert_eq!(
            one.user(Kind::External),
            claims(&json!({})).user(Kind::External)
        );
        assert_ne!(one.user(Kind::External), other.user(Kind::External));
        let elsewhere = claims(&json!({ "iss": "j" }));
        assert_ne!(one.user(Kind::External), elsewhere.user(Kind::External));
        assert_eq!((one.user(Kind::Own), one.session(Kind::Own)), (None, None));
        let id = UserId::new();
        let known = claims(&json!({ "sub": id.as_uuid(), "session_id": SessionId::new() }));
        assert_eq!(known.user(Kind::External), Some(id));
        assert!(known.session(Kind::External).is_some());
        let empty = claims(&json!({ "sub": "", "sid": null }));
        assert_eq!(
            (empty.user(Kind::External), empty.session(Kind::External)),
            (None, None)
        );
    }
}
