//! The key and the fingerprint of a request.

use axum::{body::Bytes, http::HeaderMap};
use serde_json::Value;
use voxanne_idempotency::Key;
use voxanne_problem::{Kind, Problem};

const HEADERS: [&str; 2] = ["x-idempotency-key", "idempotency-key"];

pub(super) fn key_of(headers: &HeaderMap) -> Result<Option<Key>, Problem> {
    let mut found = HEADERS.iter().flat_map(|name| headers.get_all(*name));
    let Some(first) = found.next() else {
        return Ok(None);
    };
    let bad = |detail: &'static str| Problem::new(Kind::Invalid, "IDEMPOTENCY_KEY_INVALID", detail);
    let repeated = HEADERS
        .iter()
        .any(|name| headers.get_all(*name).iter().count() > 1);
    if repeated || found.any(|other| other != first) {
        return Err(bad("send one idempotency key"));
    }
    first
        .to_str()
        .ok()
        .and_then(|text| Key::parse(text).ok())
        .map(Some)
        .ok_or_else(|| bad("an idempotency key is 1 to 255 visible ASCII characters"))
}

/// The same JSON in one writing, so that spaces and the order of members make no other request.
pub(super) fn canonical(body: &Bytes) -> Vec<u8> {
    match serde_json::from_slice::<Value>(body) {
        Ok(mut value) => {
            value.sort_all_objects();
            value.to_string().into_bytes()
        }
        Err(_) => body.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn either_header_names_the_key_and_two_must_agree() {
        for (pairs, key) in [
            (&[("x-idempotency-key", "a")][..], Some("a")),
            (&[("idempotency-key", "a")], Some("a")),
            (
                &[("x-idempotency-key", "a"), ("idempotency-key", "a")],
                Some("a"),
            ),
        ] {
            assert_eq!(
                key_of(&headers(pairs)).unwrap().as_ref().map(Key::as_str),
                key
            );
        }
        assert!(key_of(&headers(&[])).unwrap().is_none());
        for bad in [
            &[("x-idempotency-key", "a"), ("idempotency-key", "b")][..],
            &[("x-idempotency-key", "a"), ("x-idempotency-key", "a")],
            &[("x-idempotency-key", "")],
            &[("idempotency-key", "a b")],
        ] {
            let problem = key_of(&headers(bad)).unwrap_err();
            assert_eq!(problem.reason, "IDEMPOTENCY_KEY_INVALID");
        }
    }

    #[test]
    fn the_writing_of_json_makes_no_other_request() {
        let same = |a: &'static str, b: &'static str| {
            canonical(&Bytes::from_static(a.as_bytes()))
                == canonical(&Bytes::from_static(b.as_bytes()))
        };
        assert!(same(
            r#"{"a":1,"b":{"c":2,"d":3}}"#,
            r#"{ "b": {"d":3,"c":2}, "a":1 }"#
        ));
        assert!(!same(r#"{"a":1}"#, r#"{"a":2}"#));
        assert!(!same("{", "["));
    }
}
