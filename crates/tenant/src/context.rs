//! The signed context: what one service may tell another about who is asking.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use voxanne_ids::OrgId;

use crate::{Caller, Keys};

/// The metadata key a context travels under.
pub const METADATA: &str = "x-voxanne-context";

/// A context is made for each call, so it lives only as long as clocks may differ.
const LIFETIME_SECONDS: i64 = 30;
const PURPOSE: &str = "context";

/// The content of a context.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The organisation and who acts in it; absent in a call of the system itself.
    pub tenant: Option<TenantClaims>,
    /// The service that calls.
    pub from: String,
    /// The only service that may accept it.
    pub to: String,
    pub request_id: String,
}

/// An authenticated organisation and who acts in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantClaims {
    pub org: OrgId,
    pub caller: Caller,
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    #[serde(flatten)]
    claims: Claims,
    expires: i64,
}

/// Why a context was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("the context is malformed")]
    Malformed,
    #[error("the context's signature is wrong")]
    Forged,
    #[error("the context has expired")]
    Expired,
    #[error("the context is for another service")]
    Elsewhere,
}

/// Signs claims: `key id . payload . signature`, each URL-safe.
pub fn seal(keys: &Keys, claims: &Claims, now: Timestamp) -> String {
    let sealed = Sealed {
        claims: claims.clone(),
        expires: now.as_second() + LIFETIME_SECONDS,
    };
    let payload = BASE64_URL_SAFE_NO_PAD
        .encode(serde_json::to_vec(&sealed).expect("claims are strings and numbers"));
    let (id, signature) = keys.sign(PURPOSE, payload.as_bytes());
    format!(
        "{id}.{payload}.{}",
        BASE64_URL_SAFE_NO_PAD.encode(signature)
    )
}

/// Verifies a context that was presented to the service `to`.
pub fn open(keys: &Keys, to: &str, text: &str, now: Timestamp) -> Result<Claims, Refused> {
    let mut parts = text.split('.');
    let (Some(id), Some(payload), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Refused::Malformed);
    };
    let decode = |part| {
        BASE64_URL_SAFE_NO_PAD
            .decode(part)
            .map_err(|_| Refused::Malformed)
    };
    if !keys.verify(id, PURPOSE, payload.as_bytes(), &decode(signature)?) {
        return Err(Refused::Forged);
    }
    let sealed: Sealed =
        serde_json::from_slice(&decode(payload)?).map_err(|_| Refused::Malformed)?;
    let left = sealed.expires - now.as_second();
    // A context from a clock far ahead would live long, so the future has a bound too.
    if !(0..=2 * LIFETIME_SECONDS).contains(&left) {
        return Err(Refused::Expired);
    }
    if sealed.claims.to != to {
        return Err(Refused::Elsewhere);
    }
    Ok(sealed.claims)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        "a:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
            .parse()
            .unwrap()
    }

    fn claims() -> Claims {
        Claims {
            tenant: Some(TenantClaims {
                org: OrgId::new(),
                caller: Caller::Call("c1".into()),
            }),
            from: "gateway".into(),
            to: "booking".into(),
            request_id: "r1".into(),
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_context_reads_back_in_time_and_place_only() {
        let claims = claims();
        let text = seal(&keys(), &claims, at(1000));
        assert_eq!(
            open(&keys(), "booking", &text, at(1000)),
            Ok(claims.clone())
        );
        assert_eq!(open(&keys(), "booking", &text, at(1030)), Ok(claims));
        assert_eq!(
            open(&keys(), "booking", &text, at(1031)),
            Err(Refused::Expired)
        );
        assert_eq!(
            open(&keys(), "booking", &text, at(900)),
            Err(Refused::Expired)
        );
        assert_eq!(
            open(&keys(), "identity", &text, at(1000)),
            Err(Refused::Elsewhere)
        );
    }

    #[test]
    fn a_changed_context_is_refused() {
        let text = seal(&keys(), &claims(), at(1000));
        for place in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(bytes).unwrap();
            assert!(
                open(&keys(), "booking", &forged, at(1000)).is_err(),
                "byte {place}"
            );
        }
        for nonsense in ["", ".", "..", "a.b.c", "a.b.c.d"] {
            assert!(
                open(&keys(), "booking", nonsense, at(1000)).is_err(),
                "{nonsense}"
            );
        }
    }
}
