//! AES-256-GCM-SIV: a nonce that came twice would reveal no more than that two plaintexts are
//! equal.

use std::fmt;

use aws_lc_rs::{
    aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    error::Unspecified,
    rand::{SecureRandom as _, SystemRandom},
};
use zeroize::Zeroizing;

/// Bytes of a key.
pub(crate) const KEY_BYTES: usize = 32;
/// Bytes by which a ciphertext is longer than its plaintext: the nonce in front, the tag behind.
pub(crate) const OVERHEAD: usize = NONCE_LEN + TAG_BYTES;
const TAG_BYTES: usize = 16;

/// One AES key. aws-lc clears its memory when it is freed.
pub struct Key(LessSafeKey);

impl Key {
    /// The key with these 32 bytes.
    ///
    /// # Errors
    /// There are more or fewer of them.
    pub fn new(bytes: &[u8]) -> Result<Self, Unspecified> {
        UnboundKey::new(&AES_256_GCM_SIV, bytes)
            .map(LessSafeKey::new)
            .map(Self)
    }

    /// `nonce | ciphertext | tag`, which opens with the same `aad` only.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub fn seal(&self, aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, Unspecified> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce)?;
        let mut out = Vec::with_capacity(plain.len() + OVERHEAD);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(plain);
        let tag = self.0.seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(aad),
            &mut out[NONCE_LEN..],
        )?;
        out.extend_from_slice(tag.as_ref());
        Ok(out)
    }

    /// What was sealed; it is cleared from memory when dropped.
    ///
    /// # Errors
    /// It was altered, or sealed with another key or for another `aad`.
    pub fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unspecified> {
        let (nonce, body) = sealed.split_at_checked(NONCE_LEN).ok_or(Unspecified)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce)?;
        let mut plain = Zeroizing::new(body.to_vec());
        let length = self
            .0
            .open_in_place(nonce, Aad::from(aad), &mut plain)?
            .len();
        plain.truncate(length);
        Ok(plain)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key([REDACTED])")
    }
}

/// The bytes of a new key.
pub(crate) fn fresh_key() -> Result<Zeroizing<[u8; KEY_BYTES]>, Unspecified> {
    let mut bytes = Zeroizing::new([0; KEY_BYTES]);
    SystemRandom::new().fill(&mut *bytes)?;
    Ok(bytes)
}

/// Authenticated data of several parts. Lengths precede them, so that no two lists share it.
pub(crate) fn aad(parts: &[&[u8]]) -> Vec<u8> {
    let mut aad = Vec::with_capacity(160);
    for part in parts {
        aad.extend_from_slice(&(part.len() as u64).to_be_bytes());
        aad.extend_from_slice(part);
    }
    aad
}
