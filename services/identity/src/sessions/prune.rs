//! Sessions that are over are forgotten, with their tokens and revocations.

use jiff::SignedDuration;
use voxanne_pg::SystemTx;

use super::store;
use crate::{Error, Identity};

/// Ended sessions are kept a day, so that a late client still hears that its session ended.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);

impl Identity {
    /// Deletes a bounded number of ended sessions; returns how many.
    #[tracing::instrument(name = "session.prune", skip_all)]
    pub(crate) async fn prune_sessions(&self) -> Result<u64, Error> {
        let why = "sessions of every organisation come to their end";
        let mut tx = SystemTx::begin(&self.pool, "identity", why).await?;
        let pruned = store::delete_ended(&mut tx, self.clock.now() - KEPT_FOR).await?;
        tx.commit().await?;
        Ok(pruned)
    }
}
