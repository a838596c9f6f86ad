//! What a token says of itself, read before anything of it is believed.

use std::{collections::HashSet, fmt};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm;
use serde::{
    Deserialize,
    de::{self, Deserializer, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};
use voxanne_problem::Problem;

use super::invalid;

/// Headers with which a token would bring or fetch its own key, or change how it is read.
const NEVER: [&str; 7] = ["jku", "jwk", "x5u", "x5c", "crit", "b64", "zip"];
/// A key id is a short name.
const LONGEST_KEY_ID: usize = 200;

/// Which key a token wants to be verified with.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) algorithm: Algorithm,
    pub(crate) key_id: Option<String>,
    pub(crate) issuer: String,
}

impl Shape {
    pub(crate) fn read(token: &str) -> Result<Self, Problem> {
        let mut parts = token.split('.');
        let (Some(head), Some(body), Some(_signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(invalid("a token has three parts"));
        };
        let head: Map<String, Value> = json(head)?;
        if NEVER.iter().any(|name| head.contains_key(*name)) {
            return Err(invalid("the header asks for what is never done"));
        }
        let head: Head = serde_json::from_value(Value::Object(head))
            .map_err(|_| invalid("the header is not what is expected"))?;
        if head.typ.is_some_and(|typ| !is_access(&typ)) {
            return Err(invalid("the token is of another kind"));
        }
        let body: Map<String, Value> = json(body)?;
        let Some(Value::String(issuer)) = body.get("iss") else {
            return Err(invalid("the token names no issuer"));
        };
        Ok(Self {
            algorithm: head.alg,
            key_id: head.kid.map(key_id).transpose()?,
            issuer: issuer.clone(),
        })
    }
}

#[derive(Deserialize)]
struct Head {
    alg: Algorithm,
    kid: Option<String>,
    typ: Option<String>,
}

/// RFC 9068 and its common predecessor (RFC 7519, 5.1). Anything else is another kind of token,
/// even if the same key has signed it.
fn is_access(typ: &str) -> bool {
    let typ = typ.to_ascii_lowercase();
    matches!(
        typ.strip_prefix("application/").unwrap_or(&typ),
        "jwt" | "at+jwt"
    )
}

fn key_id(id: String) -> Result<String, Problem> {
    let is_name = |id: &str| id.len() <= LONGEST_KEY_ID && !id.chars().any(char::is_control);
    if is_name(&id) {
        Ok(id)
    } else {
        Err(invalid("the key id is no name"))
    }
}

fn json<T: de::DeserializeOwned>(part: &str) -> Result<T, Problem> {
    let bytes = BASE64_URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| invalid("a part is no base64"))?;
    // Of two members with one name, one reader takes the first and another the last: a token that
    // has them means to say different things to different readers.
    serde_json::from_slice::<Distinct>(&bytes)
        .and_then(|Distinct| serde_json::from_slice(&bytes))
        .map_err(|_| invalid("a part is not the JSON that is expected"))
}

/// JSON in which no object has two members of one name, however it is escaped.
struct Distinct;

impl<'de> Deserialize<'de> for Distinct {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Walk)
    }
}

struct Walk;

impl<'de> Visitor<'de> for Walk {
    type Value = Distinct;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without repeated members")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Distinct, A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if !names.insert(name) {
                return Err(de::Error::custom("a member is repeated"));
            }
            map.next_value::<Distinct>()?;
        }
        Ok(Distinct)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Distinct, A::Error> {
        while all.next_element::<Distinct>()?.is_some() {}
        Ok(Distinct)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_str<E>(self, _: &str) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_unit<E>(self) -> Result<Distinct, E> {
        Ok(Distinct)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(text: &str) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(text)
    }

    fn read(head: &str, body: &str) -> Option<Shape> {
        Shape::read(&format!("{}.{}.AA", encode(head), encode(body))).ok()
    }

    #[test]
    fn the_key_and_the_issuer_are_read() {
        let shape = read(
            r#"{"alg":"EdDSA","kid":"k1","typ":"at+JWT"}"#,
            r#"{"iss":"i"}"#,
        )
        .expect("a token");
        assert_eq!(shape.algorithm, Algorithm::EdDSA);
        assert_eq!((shape.key_id.as_deref(), &*shape.issuer), (Some("k1"), "i"));
        for typ in ["JWT", "jwt", "at+jwt", "application/at+jwt"] {
            let head = format!(r#"{{"alg":"RS256","typ":"{typ}"}}"#);
            assert!(read(&head, r#"{"iss":"i"}"#).is_some(), "{typ}");
        }
    }

    #[test]
    fn what_may_be_read_in_two_ways_is_not_read() {
        let (head, body) = (r#"{"alg":"EdDSA"}"#, r#"{"iss":"i"}"#);
        assert!(read(head, body).is_some());
        for (head, body) in [
            (r#"{"alg":"EdDSA","alg":"HS256"}"#, body),
            (r#"{"alg":"EdDSA","kid":"a","kid":"b"}"#, body),
            (head, r#"{"iss":"i","iss":"j"}"#),
            (head, r#"{"iss":"i","\u0069ss":"j"}"#),
            (head, r#"{"iss":"i","a":{"org":1,"or\u0067":2}}"#),
            (head, r#"{"iss":"i","a":[{"b":1,"b":1}]}"#),
            (head, r#"{"iss":["i"]}"#),
            (head, r#"{"iss":"i"} {"iss":"j"}"#),
            (head, r#"["i"]"#),
            (head, "{}"),
            ("[]", body),
        ] {
            assert!(read(head, body).is_none(), "{head} {body}");
        }
    }

    #[test]
    fn a_header_that_brings_its_own_key_is_refused() {
        for name in NEVER {
            for value in ["null", "true", r#""https://evil.example""#, "{}"] {
                let head = format!(r#"{{"alg":"EdDSA","kid":"a","{name}":{value}}}"#);
                assert!(read(&head, r#"{"iss":"i"}"#).is_none(), "{head}");
            }
        }
    }
}
