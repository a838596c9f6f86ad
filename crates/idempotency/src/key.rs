//! Keys, fingerprints, and how both travel from the edge to the service that does the work.

use aws_lc_rs::digest;
use tonic::{Request, metadata::MetadataValue};
use voxanne_problem::{Kind, Problem};

const KEY_METADATA: &str = "x-idempotency-key";
const FINGERPRINT_METADATA: &str = "x-idempotency-fingerprint";
const MAX_LENGTH: usize = 255;

/// A client's key: 1 to 255 visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key(String);

/// The text is no idempotency key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an idempotency key is 1 to 255 visible ASCII characters")]
pub struct InvalidKey;

impl Key {
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        if visible && (1..=MAX_LENGTH).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidKey)
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// SHA-256 of what a request asks for; a key may be used again only with the same one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The parts in order, each with its length, so that no two lists look alike.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hash = digest::Context::new(&digest::SHA256);
        for part in parts {
            hash.update(&(part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let mut bytes = [0; 32];
        bytes.copy_from_slice(hash.finish().as_ref());
        Self(bytes)
    }

    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub fn to_hex(self) -> String {
        hex::encode(self.0)
    }
}

/// A key with the fingerprint of the request it came with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyedRequest {
    pub key: Key,
    pub fingerprint: Fingerprint,
}

impl KeyedRequest {
    /// Puts key and fingerprint into a call's metadata.
    pub fn attach<T>(&self, request: &mut Request<T>) {
        let metadata = request.metadata_mut();
        let ascii = "keys are visible ASCII and fingerprints are hex";
        metadata.insert(
            KEY_METADATA,
            MetadataValue::try_from(self.key.as_str()).expect(ascii),
        );
        let fingerprint = MetadataValue::try_from(self.fingerprint.to_hex()).expect(ascii);
        metadata.insert(FINGERPRINT_METADATA, fingerprint);
    }

    /// The key a call came with, if any.
    pub fn of<T>(request: &Request<T>) -> Result<Option<Self>, Problem> {
        let text = |name| {
            request
                .metadata()
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        let Some(key) = text(KEY_METADATA) else {
            return Ok(None);
        };
        let bad =
            |detail: &'static str| Problem::new(Kind::Invalid, "IDEMPOTENCY_KEY_INVALID", detail);
        let key = Key::parse(key).map_err(|_| bad("the idempotency key is malformed"))?;
        let mut bytes = [0; 32];
        text(FINGERPRINT_METADATA)
            .and_then(|hex| hex::decode_to_slice(hex, &mut bytes).ok())
            .ok_or_else(|| bad("the idempotency key has no fingerprint"))?;
        Ok(Some(Self {
            key,
            fingerprint: Fingerprint(bytes),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_visible_ascii_of_bounded_length() {
        assert!(Key::parse("a").is_ok());
        assert!(Key::parse(&"k".repeat(255)).is_ok());
        for bad in ["", " ", "a b", "é", "a\n", &"k".repeat(256)] {
            assert_eq!(Key::parse(bad), Err(InvalidKey), "{bad}");
        }
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(
            Fingerprint::of(&[b"ab", b"c"]),
            Fingerprint::of(&[b"a", b"bc"])
        );
    }

    #[test]
    fn a_key_travels_in_metadata() {
        let keyed = KeyedRequest {
            key: Key::parse("k-1").unwrap(),
            fingerprint: Fingerprint::of(&[b"body"]),
        };
        let mut request = Request::new(());
        assert_eq!(KeyedRequest::of(&request).unwrap(), None);
        keyed.attach(&mut request);
        assert_eq!(KeyedRequest::of(&request).unwrap(), Some(keyed));
    }
}
