//! Records outside the organisations, such as a user's: each has a key of its own, wrapped beside
//! it: `3 | length of the key's name | name | length of the wrapped key | wrapped key | sealed`.

use zeroize::Zeroizing;

use crate::{
    OpenError, Vault, Wrapped,
    aead::{Key, aad, fresh_key},
    vault::in_time,
};

const FORMAT: u8 = 3;

struct Parts<'a> {
    wrapped: Wrapped,
    sealed: &'a [u8],
}

impl Vault {
    /// Encrypts `plain` with a key of its own; it opens with the same `bound` only.
    ///
    /// # Errors
    /// The holder of the keys is away, or the system gives no randomness.
    pub async fn seal_alone(&self, bound: &[u8], plain: &[u8]) -> Result<Vec<u8>, OpenError> {
        let bytes = fresh_key().map_err(|_| OpenError::Refused)?;
        let to_wrap = for_key(bound);
        let wrapped = in_time(self.wrapper.wrap(&to_wrap, &*bytes)).await?;
        let sealed = Key::new(&*bytes).and_then(|key| key.seal(&for_record(bound), plain));
        write(&wrapped, &sealed.map_err(|_| OpenError::Refused)?)
    }

    /// Decrypts what was sealed with `bound`.
    ///
    /// # Errors
    /// It was altered or moved, or its key is not here.
    pub async fn open_alone(
        &self,
        bound: &[u8],
        record: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let parts = Parts::of(record).ok_or(OpenError::Refused)?;
        let to_unwrap = for_key(bound);
        let bytes = in_time(self.wrapper.unwrap(&to_unwrap, &parts.wrapped)).await?;
        let plain = Key::new(&bytes).and_then(|key| key.open(&for_record(bound), parts.sealed));
        plain.map_err(|_| OpenError::Refused)
    }

    /// The same record with its key under the current wrapping key; nothing when it is there
    /// already.
    ///
    /// # Errors
    /// As for [`Vault::open_alone`].
    pub async fn rewrap_alone(
        &self,
        bound: &[u8],
        record: &[u8],
    ) -> Result<Option<Vec<u8>>, OpenError> {
        let parts = Parts::of(record).ok_or(OpenError::Refused)?;
        if parts.wrapped.key_id == self.current() {
            return Ok(None);
        }
        let to_wrap = for_key(bound);
        let bytes = in_time(self.wrapper.unwrap(&to_wrap, &parts.wrapped)).await?;
        let wrapped = in_time(self.wrapper.wrap(&to_wrap, &bytes)).await?;
        write(&wrapped, parts.sealed).map(Some)
    }
}

impl<'a> Parts<'a> {
    fn of(record: &'a [u8]) -> Option<Self> {
        let (&format, rest) = record.split_first()?;
        let (&length, rest) = rest.split_first()?;
        let (name, rest) = rest.split_at_checked(length.into())?;
        let (length, rest) = rest.split_at_checked(2)?;
        let length = u16::from_be_bytes([length[0], length[1]]);
        let (wrapped, sealed) = rest.split_at_checked(length.into())?;
        let wrapped = Wrapped {
            key_id: str::from_utf8(name).ok()?.to_owned(),
            bytes: wrapped.to_vec(),
        };
        (format == FORMAT).then_some(Self { wrapped, sealed })
    }
}

/// A key service may name its keys as it likes, but not endlessly.
fn write(wrapped: &Wrapped, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
    let name = wrapped.key_id.as_bytes();
    let length = u8::try_from(name.len()).map_err(|_| OpenError::Refused)?;
    let wrapped_length = u16::try_from(wrapped.bytes.len()).map_err(|_| OpenError::Refused)?;
    let mut record = vec![FORMAT, length];
    record.extend_from_slice(name);
    record.extend_from_slice(&wrapped_length.to_be_bytes());
    record.extend_from_slice(&wrapped.bytes);
    record.extend_from_slice(sealed);
    Ok(record)
}

fn for_key(bound: &[u8]) -> Vec<u8> {
    aad(&[b"voxanne.vault.v3", b"key", bound])
}

fn for_record(bound: &[u8]) -> Vec<u8> {
    aad(&[b"voxanne.vault.v3", b"record", bound])
}
