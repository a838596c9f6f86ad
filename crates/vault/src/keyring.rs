//! The keys a process was given, the one that wraps first.

use std::{fmt, future::ready, str::FromStr, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use crate::{
    Answer, Wrapped, Wrapper, WrapperError,
    aead::{KEY_BYTES, Key, aad},
};

const LONGEST_NAME: usize = 32;

/// Keys that wrap data keys: the first one wraps, all of them unwrap.
///
/// To rotate, put the new key behind the others everywhere, then in front everywhere, run
/// `rotate-keys`, and remove the old one.
#[derive(Clone)]
pub struct Keyring {
    keys: Arc<[NamedKey]>,
}

struct NamedKey {
    id: String,
    key: Key,
}

/// The text is no keyring. No variant holds a part of a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKeys {
    /// No key at all.
    #[error("no key is given")]
    Empty,
    /// An entry, counted from 1, is not `name:base64` with a name of lower-case letters, digits,
    /// `-` and `_`.
    #[error("key {0} is not of the form `name:base64`")]
    Malformed(usize),
    /// A key has another size than 32 bytes.
    #[error("key `{0}` has not 32 bytes in base64")]
    Size(String),
    /// Two keys have one name.
    #[error("key `{0}` is given twice")]
    Duplicate(String),
}

impl Keyring {
    /// Reads `name:base64,name:base64,…`, the wrapping key first; each key has 32 bytes. In a file
    /// each key may have a line of its own.
    pub fn parse(text: &str) -> Result<Self, InvalidKeys> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidKeys::Empty);
        }
        let mut keys: Vec<NamedKey> = Vec::new();
        for (index, entry) in text.split([',', '\n']).map(str::trim).enumerate() {
            let key = NamedKey::parse(entry, index + 1)?;
            if keys.iter().any(|known| known.id == key.id) {
                return Err(InvalidKeys::Duplicate(key.id));
            }
            keys.push(key);
        }
        Ok(Self { keys: keys.into() })
    }

    /// The ids of the keys, the wrapping one first.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(|key| &*key.id)
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Key> {
        let named = self.keys.iter().find(|named| named.id == id);
        named.map(|named| &named.key)
    }

    fn primary(&self) -> &NamedKey {
        self.keys
            .first()
            .expect("`parse` refuses a text without keys")
    }
}

impl Wrapper for Keyring {
    fn current(&self) -> &str {
        &self.primary().id
    }

    fn knows(&self, key_id: &str) -> bool {
        self.find(key_id).is_some()
    }

    fn wrap<'a>(&'a self, aad: &'a [u8], key: &'a [u8]) -> Answer<'a, Wrapped> {
        let NamedKey { id, key: own } = self.primary();
        let wrapped = own.seal(&named(id, aad), key).map(|bytes| Wrapped {
            key_id: id.clone(),
            bytes,
        });
        Box::pin(ready(wrapped.map_err(|_| WrapperError::Refused)))
    }

    fn unwrap<'a>(&'a self, aad: &'a [u8], wrapped: &'a Wrapped) -> Answer<'a, Zeroizing<Vec<u8>>> {
        let id = &wrapped.key_id;
        let unwrapped = match self.find(id) {
            None => Err(WrapperError::UnknownKey(id.clone())),
            Some(key) => key
                .open(&named(id, aad), &wrapped.bytes)
                .map_err(|_| WrapperError::Refused),
        };
        Box::pin(ready(unwrapped))
    }
}

/// A key's name is authenticated with what it wraps, so that nothing can be made to look as if
/// another key had wrapped it.
fn named(id: &str, bound: &[u8]) -> Vec<u8> {
    aad(&[id.as_bytes(), bound])
}

impl FromStr for Keyring {
    type Err = InvalidKeys;

    fn from_str(text: &str) -> Result<Self, InvalidKeys> {
        Self::parse(text)
    }
}

impl NamedKey {
    fn parse(entry: &str, position: usize) -> Result<Self, InvalidKeys> {
        let (id, encoded) = entry
            .split_once(':')
            .ok_or(InvalidKeys::Malformed(position))?;
        let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
        if id.is_empty() || id.len() > LONGEST_NAME || !id.bytes().all(allowed) {
            return Err(InvalidKeys::Malformed(position));
        }
        let wrong_size = || InvalidKeys::Size(id.to_owned());
        let bytes = STANDARD
            .decode(encoded)
            .map(Zeroizing::new)
            .map_err(|_text| wrong_size())?;
        if bytes.len() != KEY_BYTES {
            return Err(wrong_size());
        }
        let key = Key::new(&bytes).map_err(|_| wrong_size())?;
        Ok(Self {
            id: id.to_owned(),
            key,
        })
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.ids()).finish()
    }
}
