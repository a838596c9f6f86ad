//! The key that seals one organisation's secrets, and the record it makes of each:
//! `format | data key version | nonce | ciphertext | tag`.

use std::fmt;

use voxanne_ids::OrgId;
use zeroize::Zeroizing;

use crate::{
    Place, Wrapped,
    aead::{Key, OVERHEAD, aad},
};

/// The first byte of a record.
pub(crate) const FORMAT: u8 = 2;
/// The format and the data key's version.
const HEAD: usize = 5;
/// Far above any provider's credential, far below what would strain a row.
const LONGEST_SECRET: usize = 64 * 1024;

/// One version of an organisation's key. Its bytes are cleared when it is dropped.
pub struct DataKey {
    pub(crate) org: OrgId,
    pub(crate) version: u32,
    pub(crate) key: Key,
}

/// A secret could not be sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The secret is longer than 64 KiB.
    #[error("the secret is longer than {LONGEST_SECRET} bytes")]
    TooLong,
    /// The secret is another organisation's than the key.
    #[error("the data key is another organisation's")]
    Misplaced,
    /// The system gave no randomness.
    #[error("the secret could not be encrypted")]
    Failed,
}

/// A record could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A key is named that this process was not given.
    #[error("key `{0}` is needed and not in the keyring")]
    UnknownKey(String),
    /// It was altered, or sealed for another place, or with another key of this name.
    #[error("the record does not open here")]
    Refused,
    /// Whoever holds the keys gave no answer.
    #[error("the holder of the keys is away")]
    Away(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl DataKey {
    /// Whose key this is.
    pub const fn org(&self) -> OrgId {
        self.org
    }

    /// Which of the organisation's data keys this is.
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// Encrypts `plain` for `place`.
    pub fn seal(&self, place: &Place<'_>, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        if plain.len() > LONGEST_SECRET {
            return Err(SealError::TooLong);
        }
        if place.org != self.org {
            return Err(SealError::Misplaced);
        }
        let sealed = self.key.seal(&self.aad(place), plain);
        let sealed = sealed.map_err(|_| SealError::Failed)?;
        let mut record = Vec::with_capacity(HEAD + sealed.len());
        record.push(FORMAT);
        record.extend_from_slice(&self.version.to_be_bytes());
        record.extend_from_slice(&sealed);
        Ok(record)
    }

    /// Decrypts `record` if it was sealed for `place` with this key.
    pub fn open(&self, place: &Place<'_>, record: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let (head, sealed) = record.split_at_checked(HEAD).ok_or(OpenError::Refused)?;
        let ours = head[0] == FORMAT && head[1..] == self.version.to_be_bytes();
        if !ours || sealed.len() < OVERHEAD {
            return Err(OpenError::Refused);
        }
        let plain = self.key.open(&self.aad(place), sealed);
        plain.map_err(|_| OpenError::Refused)
    }

    fn aad(&self, place: &Place<'_>) -> Vec<u8> {
        aad(&[
            b"voxanne.vault.v2",
            b"secret",
            place.org.as_uuid().as_bytes(),
            place.provider.as_bytes(),
            place.field.as_bytes(),
            &place.version.to_be_bytes(),
            &self.version.to_be_bytes(),
        ])
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataKey")
            .field("org", &self.org)
            .field("version", &self.version)
            .field("key", &self.key)
            .finish()
    }
}

/// What a wrapped data key is bound to.
pub(crate) fn wrapping(org: OrgId, version: u32) -> Vec<u8> {
    aad(&[
        b"voxanne.vault.v2",
        b"data key",
        org.as_uuid().as_bytes(),
        &version.to_be_bytes(),
    ])
}

impl fmt::Debug for Wrapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wrapped")
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}
