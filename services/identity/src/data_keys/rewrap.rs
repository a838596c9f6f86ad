//! Wrapping data keys with the newest of `VAULT_KEYS`; what they have sealed stays as it is.

use voxanne_ids::OrgId;
use voxanne_pg::SystemTx;
use voxanne_vault::Wrapped;

use super::{DataKeys, Stored, store};
use crate::Error;

/// Where a batch ended.
pub(crate) type Position = (OrgId, u32);

/// What became of one batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Batch {
    pub(crate) done: u64,
    /// Keys that cannot be unwrapped here; they stay as they are.
    pub(crate) failed: u64,
}

impl DataKeys {
    /// Wraps the next `size` keys after `position` that another key than the current one wraps;
    /// nothing when there are none left.
    #[tracing::instrument(name = "data_key.rewrap", skip_all)]
    pub(crate) async fn rewrap(
        &self,
        position: &mut Option<Position>,
        size: u32,
    ) -> Result<Option<Batch>, Error> {
        let why = "every organisation's data key moves on to the new key";
        let mut tx = SystemTx::begin(&self.pool, "identity", why).await?;
        let page = store::wrapped_otherwise(&mut tx, self.vault.current(), *position, size).await?;
        tx.commit().await?;
        let Some(last) = page.last() else {
            return Ok(None);
        };
        *position = Some((last.org, last.version));
        let (pairs, failed) = self.wrap_anew(&page).await;
        let mut tx = SystemTx::begin(&self.pool, "identity", why).await?;
        let done = store::replace_wrapped(&mut tx, &pairs, self.clock.now()).await?;
        tx.commit().await?;
        Ok(Some(Batch { done, failed }))
    }

    async fn wrap_anew<'a>(&self, page: &'a [Stored]) -> (Vec<(&'a Stored, Wrapped)>, u64) {
        let mut pairs = Vec::with_capacity(page.len());
        let mut failed = 0;
        for stored in page {
            let Stored { org, version, .. } = stored;
            match self.vault.rewrap(*org, *version, &stored.wrapped).await {
                Ok(Some(fresh)) => pairs.push((stored, fresh)),
                Ok(None) => {}
                // The others must not wait for one key that cannot be helped from here.
                Err(error) => {
                    failed += 1;
                    tracing::error!(org.id = %org, %error, "a data key does not unwrap");
                }
            }
        }
        (pairs, failed)
    }
}
