//! Revocations that no token can outlive are forgotten.

use voxanne_pg::SystemTx;

use super::{MATTERS_FOR, store};
use crate::{Error, Identity};

impl Identity {
    /// Deletes a bounded number of them; returns how many.
    #[tracing::instrument(name = "revocations.prune", skip_all)]
    pub(crate) async fn prune_revocations(&self) -> Result<u64, Error> {
        let why = "revocations of every organisation lose their meaning";
        let mut tx = SystemTx::begin(&self.pool, "identity", why).await?;
        let pruned = store::delete_old(&mut tx, self.clock.now() - MATTERS_FOR).await?;
        tx.commit().await?;
        Ok(pruned)
    }
}
