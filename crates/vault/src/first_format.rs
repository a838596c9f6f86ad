//! Records from before organisations had data keys:
//! `1 | length of the key's name | name | wrapped record key | ciphertext`.
//!
//! They are only read; `rotate-keys` seals them anew with a data key.

use zeroize::Zeroizing;

use crate::{
    Keyring, OpenError, Place,
    aead::{KEY_BYTES, Key, OVERHEAD, aad},
};

const FORMAT: u8 = 1;
const WRAPPED_BYTES: usize = KEY_BYTES + OVERHEAD;

struct Parts<'a> {
    key_id: &'a str,
    wrapped: &'a [u8],
    ciphertext: &'a [u8],
}

pub(crate) fn open(
    keyring: &Keyring,
    place: &Place<'_>,
    record: &[u8],
) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let parts = Parts::of(record).ok_or(OpenError::Refused)?;
    let key = keyring
        .find(parts.key_id)
        .ok_or_else(|| OpenError::UnknownKey(parts.key_id.to_owned()))?;
    let record_key = key.open(
        &bound(place, &format!("key {}", parts.key_id)),
        parts.wrapped,
    );
    let record_key = record_key
        .and_then(|bytes| Key::new(&bytes))
        .map_err(|_| OpenError::Refused)?;
    let plain = record_key.open(&bound(place, "record"), parts.ciphertext);
    plain.map_err(|_| OpenError::Refused)
}

impl<'a> Parts<'a> {
    fn of(record: &'a [u8]) -> Option<Self> {
        let (&format, rest) = record.split_first()?;
        let (&length, rest) = rest.split_first()?;
        let (name, rest) = rest.split_at_checked(length.into())?;
        let (wrapped, ciphertext) = rest.split_at_checked(WRAPPED_BYTES)?;
        let known = format == FORMAT && ciphertext.len() >= OVERHEAD;
        known.then_some(Self {
            key_id: str::from_utf8(name).ok()?,
            wrapped,
            ciphertext,
        })
    }
}

fn bound(place: &Place<'_>, purpose: &str) -> Vec<u8> {
    let mut bound = aad(&[
        b"voxanne.vault.v1",
        purpose.as_bytes(),
        place.provider.as_bytes(),
        place.field.as_bytes(),
    ]);
    bound.extend_from_slice(place.org.as_uuid().as_bytes());
    bound
}
