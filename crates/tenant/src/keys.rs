//! Keys shared by our services, several at a time so that they can be replaced without a stop.

use std::{fmt, str::FromStr, sync::Arc};

use aws_lc_rs::hmac;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use zeroize::Zeroizing;

const KEY_BYTES: usize = 32;

/// HMAC keys by id: the first signs, every one verifies. To replace a key, add the new one behind
/// it everywhere, move it to the front everywhere, then drop the old one.
#[derive(Clone)]
pub struct Keys(Arc<[(String, hmac::Key)]>);

impl Keys {
    /// Signs `message` for one `purpose`, so that no signature serves another.
    pub fn sign(&self, purpose: &str, message: &[u8]) -> (&str, Vec<u8>) {
        let (id, key) = &self.0[0];
        (id, tag(key, purpose, message).as_ref().to_vec())
    }

    /// Whether the key `id` made `signature`; constant time in the signature.
    pub fn verify(&self, id: &str, purpose: &str, message: &[u8], signature: &[u8]) -> bool {
        let Some((_, key)) = self.0.iter().find(|(known, _)| known == id) else {
            return false;
        };
        aws_lc_rs::constant_time::verify_slices_are_equal(
            tag(key, purpose, message).as_ref(),
            signature,
        )
        .is_ok()
    }

    /// A key for one `purpose` out of each, the newest first: for what is encrypted rather than
    /// signed. Nothing may be signed for the same purpose.
    pub fn derive(&self, purpose: &str) -> impl Iterator<Item = Zeroizing<[u8; KEY_BYTES]>> {
        self.0.iter().map(move |(_, key)| {
            let mut derived = Zeroizing::new([0; KEY_BYTES]);
            derived.copy_from_slice(tag(key, purpose, &[]).as_ref());
            derived
        })
    }

    /// Whether any key made `signature` or its first bytes; for places with no room for a key id.
    pub fn verify_any(&self, purpose: &str, message: &[u8], signature: &[u8]) -> bool {
        self.0.iter().any(|(_, key)| {
            let whole = tag(key, purpose, message);
            whole.as_ref().get(..signature.len()).is_some_and(|start| {
                aws_lc_rs::constant_time::verify_slices_are_equal(start, signature).is_ok()
            })
        })
    }
}

fn tag(key: &hmac::Key, purpose: &str, message: &[u8]) -> hmac::Tag {
    let mut signing = hmac::Context::with_key(key);
    signing.update(purpose.as_bytes());
    signing.update(&[0]);
    signing.update(message);
    signing.sign()
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|(id, _)| id))
            .finish()
    }
}

/// What is wrong with a list of keys; never shows one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKeys {
    #[error("expected `id:base64`, several separated by commas")]
    Form,
    #[error("a key must be 32 bytes in base64")]
    Length,
    #[error("two keys have the same id")]
    Repeated,
}

impl FromStr for Keys {
    type Err = InvalidKeys;

    fn from_str(text: &str) -> Result<Self, InvalidKeys> {
        let mut keys: Vec<(String, hmac::Key)> = Vec::new();
        for part in text.split(',') {
            let (id, encoded) = part.trim().split_once(':').ok_or(InvalidKeys::Form)?;
            let bytes = BASE64_STANDARD
                .decode(encoded)
                .map_err(|_| InvalidKeys::Length)?;
            if id.is_empty() {
                return Err(InvalidKeys::Form);
            }
            if bytes.len() != KEY_BYTES {
                return Err(InvalidKeys::Length);
            }
            if keys.iter().any(|(known, _)| known == id) {
                return Err(InvalidKeys::Repeated);
            }
            keys.push((id.to_owned(), hmac::Key::new(hmac::HMAC_SHA256, &bytes)));
        }
        Ok(Self(keys.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> String {
        BASE64_STANDARD.encode([byte; KEY_BYTES])
    }

    #[test]
    fn an_old_key_verifies_until_it_is_dropped() {
        let old: Keys = format!("a:{}", key(1)).parse().unwrap();
        let both: Keys = format!("b:{},a:{}", key(2), key(1)).parse().unwrap();
        let new: Keys = format!("b:{}", key(2)).parse().unwrap();
        let (id, signature) = old.sign("p", b"m");
        assert!(both.verify(id, "p", b"m", &signature));
        assert!(!new.verify(id, "p", b"m", &signature));
        assert_eq!(both.sign("p", b"m").0, "b");
    }

    #[test]
    fn a_signature_serves_one_purpose() {
        let keys: Keys = format!("a:{}", key(1)).parse().unwrap();
        let (id, signature) = keys.sign("slot", b"m");
        assert!(!keys.verify(id, "context", b"m", &signature));
        assert!(keys.verify_any("slot", b"m", &signature[..8]));
        assert!(!keys.verify_any("slot", b"n", &signature[..8]));
    }

    #[test]
    fn a_derived_key_serves_one_purpose_and_keeps_its_place() {
        let old: Keys = format!("a:{}", key(1)).parse().unwrap();
        let both: Keys = format!("b:{},a:{}", key(2), key(1)).parse().unwrap();
        let [of_old]: [_; 1] = old.derive("p").collect::<Vec<_>>().try_into().unwrap();
        let of_both: Vec<_> = both.derive("p").collect();
        assert_eq!(of_both.len(), 2);
        assert_eq!(of_both[1], of_old, "whatever else is in the list");
        assert_ne!(of_both[0], of_old);
        assert_ne!(old.derive("q").next(), Some(of_old.clone()));
        assert_ne!(*of_old, [1; KEY_BYTES], "not the key itself");
    }

    #[test]
    fn malformed_lists_are_refused() {
        for (text, wrong) in [
            (String::new(), InvalidKeys::Form),
            (key(1), InvalidKeys::Form),
            (format!(":{}", key(1)), InvalidKeys::Form),
            ("a:AAAA".into(), InvalidKeys::Length),
            ("a:!".into(), InvalidKeys::Length),
            (format!("a:{0},a:{0}", key(1)), InvalidKeys::Repeated),
        ] {
            assert_eq!(text.parse::<Keys>().err(), Some(wrong), "{text}");
        }
    }
}
