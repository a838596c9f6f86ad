//! Access tokens and the keys that sign them.

use std::{fmt, str::FromStr, sync::Arc};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header, errors::Error};
use secrecy::SecretString;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;
use voxanne_ids::{OrgId, SessionId, UserId};
use voxanne_privacy::Private;
use voxanne_tenant::Role;
use zeroize::Zeroizing;

use crate::sessions::{ACCESS_FOR, Member};

const SEED_BYTES: usize = 32;

/// Ed25519 keys by id: the first signs, the public halves of all are published.
///
/// To replace a key, put the new one behind it, then in front once every gateway has seen it, then
/// drop the old one when its last token has expired.
#[derive(Clone)]
pub struct SigningKeys(Arc<[SigningKey]>);

struct SigningKey {
    id: String,
    private: EncodingKey,
    public: Vec<u8>,
}

/// Whom tokens are from and for.
#[derive(Clone, Debug)]
pub struct Audience {
    /// The `iss` claim.
    pub issuer: String,
    /// The `aud` claim.
    pub audience: String,
}

/// What an access token says. The organisation is in `app_metadata`, which only the issuer writes.
#[derive(Serialize)]
pub(crate) struct AccessClaims {
    sub: UserId,
    email: Private<String>,
    aud: String,
    iss: String,
    iat: i64,
    exp: i64,
    jti: String,
    sid: SessionId,
    app_metadata: AppMetadata,
}

#[derive(Serialize)]
struct AppMetadata {
    org_id: OrgId,
    role: Role,
}

impl AccessClaims {
    pub(crate) fn new(
        audience: &Audience,
        member: &Member,
        session: SessionId,
        now: Timestamp,
    ) -> Self {
        Self {
            sub: member.user,
            email: member.email.clone(),
            aud: audience.audience.clone(),
            iss: audience.issuer.clone(),
            iat: now.as_second(),
            exp: (now + ACCESS_FOR).as_second(),
            jti: Uuid::new_v4().simple().to_string(),
            sid: session,
            app_metadata: AppMetadata {
                org_id: member.org.id,
                role: member.role,
            },
        }
    }
}

impl SigningKeys {
    pub(crate) fn sign(&self, claims: &AccessClaims) -> Result<SecretString, Error> {
        let key = &self.0[0];
        let header = Header {
            // RFC 9068: nothing else that these keys may sign one day is taken for an access token.
            typ: Some("at+jwt".to_owned()),
            kid: Some(key.id.clone()),
            ..Header::new(Algorithm::EdDSA)
        };
        jsonwebtoken::encode(&header, claims, &key.private).map(SecretString::from)
    }

    /// The public halves as a JWK set (RFC 7517, RFC 8037).
    pub(crate) fn jwks(&self) -> String {
        let keys: Vec<Value> = self.0.iter().map(SigningKey::jwk).collect();
        json!({ "keys": keys }).to_string()
    }
}

impl SigningKey {
    fn jwk(&self) -> Value {
        json!({
            "kty": "OKP",
            "crv": "Ed25519",
            "use": "sig",
            "alg": "EdDSA",
            "kid": self.id,
            "x": BASE64_URL_SAFE_NO_PAD.encode(&self.public),
        })
    }
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|key| &key.id))
            .finish()
    }
}

/// What is wrong with a list of keys; never shows one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSigningKeys {
    #[error("expected `id:base64`, several separated by commas")]
    Form,
    #[error("a key must be the 32 bytes of an Ed25519 seed in base64")]
    Seed,
    #[error("two keys have the same id")]
    Repeated,
}

impl FromStr for SigningKeys {
    type Err = InvalidSigningKeys;

    fn from_str(text: &str) -> Result<Self, InvalidSigningKeys> {
        let mut keys: Vec<SigningKey> = Vec::new();
        for part in text.split(',') {
            let (id, encoded) = part
                .trim()
                .split_once(':')
                .ok_or(InvalidSigningKeys::Form)?;
            let key = SigningKey::new(id, encoded)?;
            if keys.iter().any(|known| known.id == key.id) {
                return Err(InvalidSigningKeys::Repeated);
            }
            keys.push(key);
        }
        Ok(Self(keys.into()))
    }
}

impl SigningKey {
    fn new(id: &str, encoded: &str) -> Result<Self, InvalidSigningKeys> {
        if id.is_empty() {
            return Err(InvalidSigningKeys::Form);
        }
        let seed = BASE64_STANDARD
            .decode(encoded)
            .map_err(|_text| InvalidSigningKeys::Seed)?;
        let seed = Zeroizing::new(seed);
        if seed.len() != SEED_BYTES {
            return Err(InvalidSigningKeys::Seed);
        }
        let pair =
            Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_bad| InvalidSigningKeys::Seed)?;
        let document = pair.to_pkcs8().map_err(|_bad| InvalidSigningKeys::Seed)?;
        Ok(Self {
            id: id.to_owned(),
            private: EncodingKey::from_ed_der(document.as_ref()),
            public: pair.public_key().as_ref().to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: &str, byte: u8) -> String {
        format!("{id}:{}", BASE64_STANDARD.encode([byte; SEED_BYTES]))
    }

    #[test]
    fn every_key_is_published_and_none_is_shown() {
        let keys: SigningKeys = format!("b:{},{}", &entry("", 2)[1..], entry("a", 1))
            .parse()
            .unwrap();
        let jwks: Value = serde_json::from_str(&keys.jwks()).unwrap();
        let ids: Vec<_> = jwks["keys"]
            .as_array()
            .unwrap()
            .iter()
            .map(|key| &key["kid"])
            .collect();
        assert_eq!(ids, ["b", "a"]);
        assert_eq!(jwks["keys"][0]["x"].as_str().unwrap().len(), 43);
        assert!(!keys.jwks().contains("\"d\""), "the private half");
        assert_eq!(format!("{keys:?}"), r#"["b", "a"]"#);
    }

    #[test]
    fn malformed_lists_are_refused() {
        for (text, wrong) in [
            (String::new(), InvalidSigningKeys::Form),
            (":AAAA".to_owned(), InvalidSigningKeys::Form),
            ("a:AAAA".to_owned(), InvalidSigningKeys::Seed),
            ("a:***".to_owned(), InvalidSigningKeys::Seed),
            (
                format!("{0},{0}", entry("a", 1)),
                InvalidSigningKeys::Repeated,
            ),
        ] {
            assert_eq!(text.parse::<SigningKeys>().err(), Some(wrong), "{text}");
        }
    }
}
