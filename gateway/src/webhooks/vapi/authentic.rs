//! Whether a request comes from Vapi: it knows our secret or signed its body with it.

use aws_lc_rs::{constant_time::verify_slices_are_equal, digest, hmac};
use axum::http::{HeaderMap, HeaderName, header};
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};

const SECRET: HeaderName = HeaderName::from_static("x-vapi-secret");
const SIGNATURE: HeaderName = HeaderName::from_static("x-signature");
const SIGNED_AT: HeaderName = HeaderName::from_static("x-timestamp");

/// HMAC-SHA256 in hex.
const SIGNATURE_LENGTH: usize = 64;
/// A signed request may be this old or, by clocks that differ, this early.
const WINDOW_SECONDS: i64 = 5 * 60;
/// Seconds since 1970 stay below this for three thousand years; milliseconds passed it in 1973.
const FIRST_MILLISECONDS: i64 = 100_000_000_000;

/// What a request offers as proof, before its body is read.
pub(super) enum Proof {
    /// The secret itself was sent.
    Known,
    /// The body has to bear this signature.
    Signed(Signature),
}

pub(super) struct Signature {
    at: String,
    tag: Vec<u8>,
}

/// Looks for a proof in the headers. A secret that is empty proves nothing: Vapi sends an empty
/// header where none is configured.
pub(super) fn proof(secret: &SecretString, headers: &HeaderMap, now: Timestamp) -> Option<Proof> {
    let secret = secret.expose_secret().as_bytes();
    if secret.is_empty() {
        return None;
    }
    let offered = [
        headers.get(SECRET).map(|value| value.as_bytes()),
        bearer(headers),
    ];
    if offered
        .into_iter()
        .flatten()
        .any(|text| is_same(text, secret))
    {
        return Some(Proof::Known);
    }
    signature(headers, now).map(Proof::Signed)
}

impl Signature {
    /// Whether it was made over exactly these bytes.
    pub(super) fn covers(&self, secret: &SecretString, body: &[u8]) -> bool {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
        let mut signed = Vec::with_capacity(self.at.len() + 1 + body.len());
        signed.extend_from_slice(self.at.as_bytes());
        signed.push(b'.');
        signed.extend_from_slice(body);
        hmac::verify(&key, &signed, &self.tag).is_ok()
    }
}

/// Digests are compared, so that not even the secret's length shows in the time it takes.
fn is_same(offered: &[u8], secret: &[u8]) -> bool {
    let offered = digest::digest(&digest::SHA256, offered);
    let secret = digest::digest(&digest::SHA256, secret);
    verify_slices_are_equal(offered.as_ref(), secret.as_ref()).is_ok()
}

fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let value = headers.get(header::AUTHORIZATION)?.as_bytes();
    let (scheme, token) = value.split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"bearer ").then_some(token)
}

fn signature(headers: &HeaderMap, now: Timestamp) -> Option<Signature> {
    let at = headers.get(SIGNED_AT)?.to_str().ok()?;
    let tag = headers.get(SIGNATURE)?.as_bytes();
    if tag.len() != SIGNATURE_LENGTH {
        return None;
    }
    let tag = hex::decode(tag).ok()?;
    let number: i64 = at.parse().ok()?;
    let seconds = if number >= FIRST_MILLISECONDS {
        number / 1000
    } else {
        number
    };
    let is_fresh = now.as_second().abs_diff(seconds) <= WINDOW_SECONDS.unsigned_abs();
    is_fresh.then(|| Signature {
        at: at.to_owned(),
        tag,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"message":{"type":"hang"}}"#;
    const TAG: &str = "233041b386d3ed552553bb15603d96eb48f1b404a0588a8c3840b20aa3e156db";

    fn is_authentic(secret: &str, headers: &[(&'static str, &str)], body: &[u8]) -> bool {
        let secret = SecretString::from(secret);
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        let now = Timestamp::from_second(1_763_784_300).unwrap();
        match proof(&secret, &headers, now) {
            None => false,
            Some(Proof::Known) => true,
            Some(Proof::Signed(signature)) => signature.covers(&secret, body),
        }
    }

    #[test]
    fn the_secret_may_come_in_either_header() {
        for (headers, accepted) in [
            (&[("x-vapi-secret", "s3cret")][..], true),
            (&[("authorization", "Bearer s3cret")], true),
            (&[("authorization", "bearer s3cret")], true),
            (
                &[("x-vapi-secret", ""), ("authorization", "Bearer s3cret")],
                true,
            ),
            (&[("x-vapi-secret", "s3cre")], false),
            (&[("x-vapi-secret", "s3cret ")], false),
            (&[("x-vapi-secret", "")], false),
            (&[("authorization", "s3cret")], false),
            (&[("authorization", "Basic s3cret")], false),
            (&[], false),
        ] {
            assert_eq!(
                is_authentic("s3cret", headers, BODY),
                accepted,
                "{headers:?}"
            );
        }
    }

    #[test]
    fn an_empty_secret_admits_nobody() {
        assert!(!is_authentic("", &[("x-vapi-secret", "")], BODY));
        assert!(!is_authentic("", &[("authorization", "Bearer ")], BODY));
    }

    #[test]
    fn a_signature_covers_the_time_and_the_bytes() {
        let signed = |at, tag| [("x-timestamp", at), ("x-signature", tag)];
        let at = "1763784256";
        assert!(is_authentic("test-secret", &signed(at, TAG), BODY));
        assert!(!is_authentic("test-secret", &signed(at, TAG), b"{}"));
        assert!(!is_authentic("other", &signed(at, TAG), BODY));
        assert!(!is_authentic(
            "test-secret",
            &signed("1763784257", TAG),
            BODY
        ));
        assert!(!is_authentic("test-secret", &signed(at, "233041"), BODY));
        assert!(!is_authentic("test-secret", &signed(at, "zz"), BODY));
        assert!(!is_authentic("test-secret", &[("x-signature", TAG)], BODY));
    }

    #[test]
    fn what_cannot_be_a_signature_is_refused_before_the_body() {
        let longer = format!("{TAG}00");
        for (tag, is_proof) in [
            (TAG, true),
            (&*TAG.to_uppercase(), true),
            (&TAG[2..], false),
            (&*longer, false),
            (&*"zz".repeat(32), false),
            ("", false),
        ] {
            let headers = [("x-timestamp", "1763784256"), ("x-signature", tag)]
                .into_iter()
                .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
                .collect();
            let now = Timestamp::from_second(1_763_784_300).unwrap();
            let offered = proof(&SecretString::from("test-secret"), &headers, now);
            assert_eq!(offered.is_some(), is_proof, "{tag}");
        }
    }

    #[test]
    fn a_signature_counts_for_five_minutes_in_seconds_and_in_milliseconds() {
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"test-secret");
        for (at, accepted) in [
            ("1763784300", true),
            ("1763784000", true),
            ("1763784600", true),
            ("1763783999", false),
            ("1763784601", false),
            ("1763784300123", true),
            ("1763783000123", false),
            ("-1763784300", false),
            ("soon", false),
            ("9223372036854775807", false),
        ] {
            let tag = hmac::sign(&key, format!("{at}.x").as_bytes());
            let tag = hex::encode(tag.as_ref());
            let headers = [("x-timestamp", at), ("x-signature", tag.as_str())];
            assert_eq!(
                is_authentic("test-secret", &headers, b"x"),
                accepted,
                "{at}"
            );
        }
    }
}
