//! Tokens that must not be accepted.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::api::fixture::{KEY_ID, Person, private, public, sign};

pub(super) fn header(algorithm: Algorithm, id: &str) -> Header {
    Header {
        kid: Some(id.to_owned()),
        ..Header::new(algorithm)
    }
}

/// Tokens that say the right things and are not signed as they must be.
pub(super) fn wrongly_signed(person: &Person) -> Vec<(&'static str, String)> {
    let claims = person.claims();
    let signed = |header: &Header, key: &EncodingKey| {
        jsonwebtoken::encode(header, &claims, key).expect("claims encode")
    };
    let unsigned = |header: Value| format!("{}.", encode(&header, &claims));
    let known = header(Algorithm::HS256, KEY_ID);
    let secret = header(Algorithm::HS256, "env-hs256");
    let eddsa = |id| header(Algorithm::EdDSA, id);
    let mut tampered = person.token();
    let middle = tampered.len() / 2;
    let other = if &tampered[middle..=middle] == "A" {
        "B"
    } else {
        "A"
    };
    tampered.replace_range(middle..=middle, other);
    vec![
        ("no algorithm", unsigned(json!({ "alg": "none" }))),
        (
            "no algorithm for a known key",
            unsigned(json!({ "alg": "none", "kid": KEY_ID })),
        ),
        (
            "the public key as a secret",
            signed(&known, &EncodingKey::from_secret(&public())),
        ),
        (
            "a secret where none is set",
            signed(&secret, &EncodingKey::from_secret(b"")),
        ),
        (
            "no key named",
            signed(&Header::new(Algorithm::EdDSA), &private(7)),
        ),
        ("an unknown key", signed(&eddsa("k9"), &private(9))),
        (
            "another key under a known name",
            signed(&eddsa(KEY_ID), &private(9)),
        ),
        ("changed on the way", tampered),
        ("an API key", "vxk_123".to_owned()),
        ("much too long", "x".repeat(10_000)),
    ]
}

/// Tokens that are signed with identity's key and say what they must not.
pub(super) fn wrongly_worded(person: &Person) -> Vec<(&'static str, String)> {
    let claims = person.claims();
    let with = |field: &str, value: Value| {
        let mut claims = claims.clone();
        claims[field] = value;
        sign(&claims)
    };
    let without = |field: &str| {
        let mut claims = claims.clone();
        claims.as_object_mut().expect("an object").remove(field);
        sign(&claims)
    };
    let soon = claims["iat"].as_i64().expect("a number") + 60;
    let mut from_user = claims.clone();
    from_user["user_metadata"] = from_user["app_metadata"].take();
    let root = json!({ "org_id": person.org, "role": "root" });
    vec![
        ("another audience", with("aud", json!("others"))),
        ("another issuer", with("iss", json!("https://evil.test"))),
        ("issued in the future", with("iat", json!(soon))),
        ("valid later", with("nbf", json!(soon))),
        ("an unknown role", with("app_metadata", root)),
        ("the organisation from the user", sign(&from_user)),
        ("no issuer", without("iss")),
        ("no audience", without("aud")),
        ("no subject", without("sub")),
        ("no end", without("exp")),
        ("no beginning", without("iat")),
        ("no session", without("sid")),
    ]
}

fn encode(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}
