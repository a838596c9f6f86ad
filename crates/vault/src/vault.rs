//! Making, unwrapping and re-wrapping data keys.

use std::{fmt, sync::Arc, time::Duration};

use voxanne_ids::OrgId;
use zeroize::Zeroizing;

use crate::{
    Answer, DataKey, Keyring, OpenError, Place, Wrapped, Wrapper, WrapperError,
    aead::{Key, fresh_key},
    data_key::wrapping,
    first_format,
};

/// A key service answers within this time or counts as away.
const PATIENCE: Duration = Duration::from_secs(3);

/// Where data keys come from.
#[derive(Clone)]
pub struct Vault {
    pub(crate) wrapper: Arc<dyn Wrapper>,
    /// Opens what was sealed before organisations had data keys.
    first_format: Option<Keyring>,
}

impl Vault {
    /// Data keys wrapped by `wrapper`; `first_format` holds the keys of records that are older than
    /// data keys, where there can be any.
    pub fn new(wrapper: Arc<dyn Wrapper>, first_format: Option<Keyring>) -> Self {
        Self {
            wrapper,
            first_format,
        }
    }

    /// The id of the key that wraps from now on.
    pub fn current(&self) -> &str {
        self.wrapper.current()
    }

    /// Whether what `key_id` wrapped can be unwrapped here.
    pub fn knows(&self, key_id: &str) -> bool {
        self.wrapper.knows(key_id)
    }

    /// Makes a data key of 32 random bytes, with the form in which it is stored.
    ///
    /// # Errors
    /// The holder of the keys is away, or the system gives no randomness.
    pub async fn make(&self, org: OrgId, version: u32) -> Result<(DataKey, Wrapped), OpenError> {
        let bytes = fresh_key().map_err(|_| OpenError::Refused)?;
        let aad = wrapping(org, version);
        let wrapped = in_time(self.wrapper.wrap(&aad, &*bytes)).await?;
        Ok((data_key(org, version, &*bytes)?, wrapped))
    }

    /// The data key that `wrapped` is.
    ///
    /// # Errors
    /// It is another's, it is damaged, or its wrapping key is not here.
    pub async fn unwrap(
        &self,
        org: OrgId,
        version: u32,
        wrapped: &Wrapped,
    ) -> Result<DataKey, OpenError> {
        let aad = wrapping(org, version);
        let bytes = in_time(self.wrapper.unwrap(&aad, wrapped)).await?;
        data_key(org, version, &bytes)
    }

    /// The same data key under the current wrapping key; nothing when it is there already.
    ///
    /// # Errors
    /// As for [`Vault::unwrap`].
    pub async fn rewrap(
        &self,
        org: OrgId,
        version: u32,
        wrapped: &Wrapped,
    ) -> Result<Option<Wrapped>, OpenError> {
        if wrapped.key_id == self.current() {
            return Ok(None);
        }
        let aad = wrapping(org, version);
        let bytes = in_time(self.wrapper.unwrap(&aad, wrapped)).await?;
        let fresh = in_time(self.wrapper.wrap(&aad, &bytes)).await?;
        Ok(Some(fresh))
    }

    /// Opens a record of the first format, which `VAULT_KEYS` sealed without a data key.
    ///
    /// # Errors
    /// It is no such record of this place, or its key is not here.
    pub fn open_first_format(
        &self,
        place: &Place<'_>,
        record: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let keyring = self.first_format.as_ref().ok_or(OpenError::Refused)?;
        first_format::open(keyring, place, record)
    }
}

impl From<Keyring> for Vault {
    fn from(keyring: Keyring) -> Self {
        Self::new(Arc::new(keyring.clone()), Some(keyring))
    }
}

fn data_key(org: OrgId, version: u32, bytes: &[u8]) -> Result<DataKey, OpenError> {
    let key = Key::new(bytes).map_err(|_| OpenError::Refused)?;
    Ok(DataKey { org, version, key })
}

pub(crate) async fn in_time<T>(answer: Answer<'_, T>) -> Result<T, OpenError> {
    match tokio::time::timeout(PATIENCE, answer).await {
        Ok(answer) => answer.map_err(OpenError::from),
        Err(late) => Err(OpenError::Away(late.into())),
    }
}

impl From<WrapperError> for OpenError {
    fn from(error: WrapperError) -> Self {
        match error {
            WrapperError::UnknownKey(id) => Self::UnknownKey(id),
            WrapperError::Refused => Self::Refused,
            WrapperError::Away(source) => Self::Away(source),
        }
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault")
            .field("current", &self.current())
            .finish_non_exhaustive()
    }
}
