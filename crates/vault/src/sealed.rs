//! A sealed record as bytes: `version | length of the key's name | name | wrapped key | ciphertext`.

use std::fmt;

use crate::aead::{KEY_BYTES, OVERHEAD};

const VERSION: u8 = 1;
const WRAPPED_BYTES: usize = KEY_BYTES + OVERHEAD;

/// A secret that only a [`crate::Keyring`] opens.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    pub(crate) key_id: String,
    pub(crate) wrapped: Vec<u8>,
    pub(crate) ciphertext: Vec<u8>,
}

/// The bytes are no sealed record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSealed {
    /// A format that this build does not know.
    #[error("sealed record has unknown version {0}")]
    Version(u8),
    /// Shorter than a record can be, or with a key name that is no text.
    #[error("sealed record is damaged")]
    Damaged,
}

impl Sealed {
    /// The name of the key that wrapped this record's own key.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// The stored form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let name = self.key_id.as_bytes();
        let length = u8::try_from(name.len()).expect("a keyring's names have at most 32 bytes");
        let mut bytes = Vec::with_capacity(2 + name.len() + WRAPPED_BYTES + self.ciphertext.len());
        bytes.extend_from_slice(&[VERSION, length]);
        bytes.extend_from_slice(name);
        bytes.extend_from_slice(&self.wrapped);
        bytes.extend_from_slice(&self.ciphertext);
        bytes
    }

    /// Reads the stored form. Whether it is genuine shows when it is opened.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, InvalidSealed> {
        let (&version, rest) = bytes.split_first().ok_or(InvalidSealed::Damaged)?;
        if version != VERSION {
            return Err(InvalidSealed::Version(version));
        }
        let (&length, rest) = rest.split_first().ok_or(InvalidSealed::Damaged)?;
        let (name, rest) = rest
            .split_at_checked(length.into())
            .ok_or(InvalidSealed::Damaged)?;
        let (wrapped, ciphertext) = rest
            .split_at_checked(WRAPPED_BYTES)
            .ok_or(InvalidSealed::Damaged)?;
        if ciphertext.len() < OVERHEAD {
            return Err(InvalidSealed::Damaged);
        }
        let key_id = str::from_utf8(name).map_err(|_not_text| InvalidSealed::Damaged)?;
        Ok(Self {
            key_id: key_id.to_owned(),
            wrapped: wrapped.to_vec(),
            ciphertext: ciphertext.to_vec(),
        })
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed")
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}
