//! Tokens whose time has passed, has not come, or is no time.

use serde_json::{Value, json};

use super::Forged;
use crate::api::fixture::{KEY_ID, Person, sign, sign_text};

const INVALID: &str = "TOKEN_INVALID";
const EXPIRED: &str = "TOKEN_EXPIRED";

pub(super) fn wrong(person: &Person) -> Vec<Forged> {
    let claims = person.claims();
    let now = claims["iat"].as_i64().expect("a number");
    let mut all = Vec::new();
    for (field, value, code) in [
        ("exp", json!(now - 6), EXPIRED),
        ("exp", json!(now - 3600), EXPIRED),
        ("exp", json!(0), EXPIRED),
        ("exp", json!(-1), INVALID),
        ("exp", json!("never"), INVALID),
        ("exp", json!((now + 60).to_string()), INVALID),
        ("exp", json!([now + 60]), INVALID),
        ("exp", json!({ "at": now + 60 }), INVALID),
        ("exp", json!(true), INVALID),
        ("exp", Value::Null, INVALID),
        ("exp", json!(1e30), INVALID),
        ("exp", json!(u64::MAX), INVALID),
        ("exp", json!(i64::MAX), INVALID),
        ("exp", json!(now + 901), INVALID),
        ("exp", json!(now + 10 * 365 * 86_400), INVALID),
        ("exp", json!((now + 600) * 1000), INVALID),
        ("nbf", json!(now + 60), INVALID),
        ("nbf", json!("2099-01-01T00:00:00Z"), INVALID),
        ("nbf", json!((now + 3600).to_string()), INVALID),
        ("nbf", json!([now]), INVALID),
        ("nbf", json!(1e30), INVALID),
        ("iat", json!(now + 60), INVALID),
        ("iat", json!(i64::MIN), INVALID),
        ("iat", json!(now.to_string()), INVALID),
        ("iat", json!(0), INVALID),
        ("iat", Value::Null, INVALID),
    ] {
        let mut claims = claims.clone();
        claims[field] = value.clone();
        all.push((format!("{field} is {value}"), sign(&claims), code));
    }
    for (name, number) in [
        ("exp", "1e400"),
        ("nbf", "1e400"),
        ("exp", "NaN"),
        ("exp", "0x1"),
    ] {
        let mut claims = claims.clone();
        claims[name] = json!("NUMBER");
        let text = claims.to_string().replace("\"NUMBER\"", number);
        let head = json!({ "alg": "EdDSA", "kid": KEY_ID }).to_string();
        all.push((
            format!("{name} is {number}"),
            sign_text(&head, &text),
            INVALID,
        ));
    }
    all
}

/// Clocks may differ a little.
pub(super) fn right(person: &Person) -> Vec<(&'static str, String)> {
    let mut early = person.claims();
    let now = early["iat"].as_i64().expect("a number");
    early["nbf"] = json!(now + 3);
    let mut ahead = person.claims();
    ahead["iat"] = json!(now + 3);
    vec![
        ("valid in a moment", sign(&early)),
        ("issued in a moment", sign(&ahead)),
    ]
}
