//! Which keys are in use, and whether this process has them all.

use std::{collections::BTreeMap, time::Duration};

use anyhow::bail;
use tokio_util::sync::CancellationToken;
use voxanne_pg::SystemTx;

use super::{DataKeys, store};
use crate::{Error, sealing};

const ASK_AGAIN: Duration = Duration::from_millis(500);

/// How many rows each key of `VAULT_KEYS` is needed for, by its id.
pub(crate) type InUse = BTreeMap<String, u64>;

impl DataKeys {
    pub(crate) async fn in_use(&self) -> Result<InUse, Error> {
        let why = "whether a key can be dropped depends on every organisation";
        let mut tx = SystemTx::begin(&self.pool, "identity", why).await?;
        let mut in_use = store::count_by_key(&mut tx).await?;
        sealing::store::count_by_key(&mut tx, &mut in_use).await?;
        tx.commit().await?;
        Ok(in_use)
    }

    /// The ids of keys that stored rows need and this process was not given.
    pub(crate) async fn missing(&self) -> Result<Vec<String>, Error> {
        let in_use = self.in_use().await?;
        Ok(in_use
            .into_keys()
            .filter(|id| !self.vault.knows(id))
            .collect())
    }

    /// Waits until Postgres says which keys are needed, or until `shutdown`.
    ///
    /// # Errors
    /// One of them is not here. A service that started without it would fail some organisations'
    /// calls, one after the other, long after whoever changed the keys had left.
    pub(crate) async fn require(&self, shutdown: &CancellationToken) -> anyhow::Result<()> {
        while !shutdown.is_cancelled() {
            match self.missing().await {
                Ok(missing) if missing.is_empty() => break,
                Ok(missing) => bail!(
                    "stored secrets need keys that VAULT_KEYS lacks: {}",
                    missing.join(", ")
                ),
                Err(error) => tracing::warn!(%error, "not known yet which vault keys are needed"),
            }
            shutdown
                .run_until_cancelled(tokio::time::sleep(ASK_AGAIN))
                .await;
        }
        Ok(())
    }
}
