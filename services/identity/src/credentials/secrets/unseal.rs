//! Opening stored secrets.

use secrecy::SecretString;
use voxanne_vault::DataKey;

use super::StoredSecret;
use crate::{Error, data_keys::DataKeys};

/// Opens secrets; a data key that several of them share is unwrapped once.
pub(crate) struct Opener<'a> {
    keys: &'a DataKeys,
    last: Option<DataKey>,
}

impl<'a> Opener<'a> {
    pub(crate) const fn new(keys: &'a DataKeys) -> Self {
        Self { keys, last: None }
    }

    pub(crate) async fn open(&mut self, secret: &StoredSecret) -> Result<SecretString, Error> {
        let place = secret.place();
        let plain = match &secret.data_key {
            None => self.keys.vault.open_first_format(&place, &secret.sealed)?,
            Some(stored) => {
                let known = self.last.take();
                let known =
                    known.filter(|key| (key.org(), key.version()) == (stored.org, stored.version));
                let key = match known {
                    Some(key) => key,
                    None => self.keys.unwrap(stored).await?,
                };
                self.last.insert(key).open(&place, &secret.sealed)?
            }
        };
        let text = str::from_utf8(&plain).map_err(|_bytes| Error::Unreadable("secret"))?;
        Ok(SecretString::from(text))
    }
}
