//! The keys a process was given, newest first.

use std::{fmt, str::FromStr, sync::Arc};

use aws_lc_rs::error::Unspecified;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use crate::{
    Place, Sealed,
    aead::{KEY_BYTES, Key, fresh_key},
};

/// Far above any provider's credential, far below what would strain a row.
const LONGEST_SECRET: usize = 64 * 1024;
const LONGEST_NAME: usize = 32;

/// The keys that wrap records' own keys: the first one seals, all of them open.
///
/// To rotate, put a new key in front; when no record names the old one any more, remove it.
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

/// A secret could not be sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The secret is longer than 64 KiB.
    #[error("the secret is longer than {LONGEST_SECRET} bytes")]
    TooLong,
    /// The system gave no randomness.
    #[error("the secret could not be encrypted")]
    Failed,
}

/// A record could not be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The record names a key that this process was not given.
    #[error("the record is sealed with key `{0}`, which is not in the keyring")]
    UnknownKey(String),
    /// The record was altered, or sealed for another place, or with another key of this name.
    #[error("the record does not open here")]
    Refused,
}

impl Keyring {
    /// Reads `name:base64,name:base64,…`, the sealing key first; each key has 32 bytes.
    pub fn parse(text: &str) -> Result<Self, InvalidKeys> {
        let mut keys: Vec<NamedKey> = Vec::new();
        for (index, entry) in text.split(',').map(str::trim).enumerate() {
            if entry.is_empty() && text.trim().is_empty() {
                return Err(InvalidKeys::Empty);
            }
            let key = NamedKey::parse(entry, index + 1)?;
            if keys.iter().any(|known| known.id == key.id) {
                return Err(InvalidKeys::Duplicate(key.id));
            }
            keys.push(key);
        }
        Ok(Self { keys: keys.into() })
    }

    /// Encrypts `plain` for `place`, with a data key of its own.
    pub fn seal(&self, place: &Place<'_>, plain: &[u8]) -> Result<Sealed, SealError> {
        if plain.len() > LONGEST_SECRET {
            return Err(SealError::TooLong);
        }
        let NamedKey { id, key } = self.primary();
        let seal = || -> Result<Sealed, Unspecified> {
            let record_key = fresh_key()?;
            let wrapped = key.seal(&place.aad(&wrapping(id)), &*record_key)?;
            let ciphertext = Key::new(&*record_key)?.seal(&place.aad("record"), plain)?;
            Ok(Sealed {
                key_id: id.clone(),
                wrapped,
                ciphertext,
            })
        };
        seal().map_err(|Unspecified| SealError::Failed)
    }

    /// Decrypts `sealed` if it was sealed for `place`; the plaintext is cleared when dropped.
    pub fn open(
        &self,
        place: &Place<'_>,
        sealed: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let NamedKey { id, key } = self
            .keys
            .iter()
            .find(|known| known.id == sealed.key_id)
            .ok_or_else(|| OpenError::UnknownKey(sealed.key_id.clone()))?;
        let open = || -> Result<Zeroizing<Vec<u8>>, Unspecified> {
            let record_key = key.open(&place.aad(&wrapping(id)), &sealed.wrapped)?;
            Key::new(&record_key)?.open(&place.aad("record"), &sealed.ciphertext)
        };
        open().map_err(|Unspecified| OpenError::Refused)
    }

    /// Whether `sealed` uses the sealing key; if not, sealing its content again moves it on.
    pub fn is_current(&self, sealed: &Sealed) -> bool {
        sealed.key_id == self.primary().id
    }

    fn primary(&self) -> &NamedKey {
        self.keys
            .first()
            .expect("`parse` refuses a text without keys")
    }
}

/// The key's name is authenticated with the key it wraps, so that a record cannot be made to look
/// as if it were sealed with another one.
fn wrapping(id: &str) -> String {
    format!("key {id}")
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
        let key = Key::new(&bytes).map_err(|Unspecified| wrong_size())?;
        Ok(Self {
            id: id.to_owned(),
            key,
        })
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.keys.iter().map(|key| &key.id))
            .finish()
    }
}
