//! One key that may sign tokens, and the only way in which it may.

use std::sync::atomic::{AtomicBool, Ordering};

use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

/// A key and the only algorithm it is used with, so that no public key is taken for a secret.
pub(crate) struct Key {
    pub(crate) decoding: DecodingKey,
    pub(crate) algorithm: Algorithm,
    /// As it was published; a key that is published anew under its name is another key.
    published: Value,
    current: AtomicBool,
}

impl Key {
    pub(crate) fn of_secret(secret: &SecretString) -> Self {
        Self {
            decoding: DecodingKey::from_secret(secret.expose_secret().as_bytes()),
            algorithm: Algorithm::HS256,
            published: Value::Null,
            current: AtomicBool::new(true),
        }
    }

    /// The name and key in an entry of a JWK set, `None` for one that signs nothing here: of a kind
    /// that nobody here knows, for encryption, without a name, or a secret that was published.
    pub(in crate::auth) fn read(published: Value) -> Option<(String, Self)> {
        let jwk: Jwk = serde_json::from_value(published.clone())
            .inspect_err(|_| tracing::warn!("a published key cannot be read and is skipped"))
            .ok()?;
        let id = jwk.common.key_id.clone().filter(|id| !id.is_empty())?;
        if !signs(&jwk) {
            return None;
        }
        let algorithm = algorithm(&jwk)?;
        let decoding = DecodingKey::from_jwk(&jwk)
            .inspect_err(|error| {
                tracing::warn!(%error, kid = id, "a published key is malformed and is skipped");
            })
            .ok()?;
        let key = Self {
            decoding,
            algorithm,
            published,
            current: AtomicBool::new(true),
        };
        Some((id, key))
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.published == other.published
    }

    /// Whether its issuer still publishes it. Tokens that it verified are good no longer than that.
    pub(crate) fn is_current(&self) -> bool {
        self.current.load(Ordering::Relaxed)
    }

    pub(super) fn retire(&self) {
        self.current.store(false, Ordering::Relaxed);
    }
}

fn signs(jwk: &Jwk) -> bool {
    let to_sign = jwk.common.public_key_use.as_ref();
    let may_verify = jwk.common.key_operations.as_ref();
    to_sign.is_none_or(|to| *to == PublicKeyUse::Signature)
        && may_verify.is_none_or(|all| all.contains(&KeyOperations::Verify))
}

/// The one algorithm of a public key; a published secret is none.
fn algorithm(jwk: &Jwk) -> Option<Algorithm> {
    let fallback = match &jwk.algorithm {
        AlgorithmParameters::OctetKeyPair(_) => Algorithm::EdDSA,
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        AlgorithmParameters::EllipticCurve(ec) if ec.curve == EllipticCurve::P256 => {
            Algorithm::ES256
        }
        AlgorithmParameters::EllipticCurve(ec) if ec.curve == EllipticCurve::P384 => {
            Algorithm::ES384
        }
        _ => return None,
    };
    match jwk.common.key_algorithm {
        None => Some(fallback),
        Some(named) => Algorithm::try_from(named).ok().filter(|named| {
            !matches!(
                named,
                Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512
            )
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ed25519(more: &Value) -> Value {
        let mut jwk = json!({ "kty": "OKP", "crv": "Ed25519", "kid": "a",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
        for (name, value) in more.as_object().expect("an object") {
            jwk[name] = value.clone();
        }
        jwk
    }

    #[test]
    fn a_public_key_that_signs_is_read_with_its_one_algorithm() {
        for more in [
            json!({}),
            json!({ "alg": "EdDSA" }),
            json!({ "use": "sig", "key_ops": ["verify"] }),
        ] {
            let (id, key) = Key::read(ed25519(&more)).expect("a key");
            assert_eq!((id.as_str(), key.algorithm), ("a", Algorithm::EdDSA));
        }
    }

    #[test]
    fn what_does_not_sign_is_left_out() {
        for published in [
            ed25519(&json!({ "use": "enc" })),
            ed25519(&json!({ "key_ops": ["deriveKey"] })),
            ed25519(&json!({ "alg": "HS256" })),
            ed25519(&json!({ "alg": "RSA-OAEP" })),
            ed25519(&json!({ "kid": "" })),
            ed25519(&json!({ "kid": null })),
            ed25519(&json!({ "kid": 7 })),
            ed25519(&json!({ "x": "!" })),
            json!({ "kty": "oct", "kid": "o", "k": "AAAA" }),
            json!({ "kty": "AKP", "kid": "new" }),
            json!(7),
        ] {
            assert!(Key::read(published.clone()).is_none(), "{published}");
        }
    }
}
