//! Sessions that are over are forgotten, with their tokens and revocations.

use std::time::Duration;

use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;
use voxanne_pg::SystemTx;

use super::store;
use crate::{Error, Identity};

/// Ended sessions are kept a day, so that a late client still hears that its session ended.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);
const EVERY: Duration = Duration::from_secs(600);

impl Identity {
    /// Deletes ended sessions until `shutdown`. A failed round is made up for by the next one.
    pub(crate) async fn prune_sessions(self, shutdown: CancellationToken) {
        while !shutdown.is_cancelled() {
            match self.prune_once().await {
                Ok(0) => {}
                Ok(pruned) => tracing::info!(pruned, "ended sessions were deleted"),
                Err(error) => tracing::warn!(%error, "ended sessions were not deleted"),
            }
            shutdown
                .run_until_cancelled(tokio::time::sleep(EVERY))
                .await;
        }
    }

    async fn prune_once(&self) -> Result<u64, Error> {
        let why = "sessions of every organisation come to their end";
        let mut tx = SystemTx::begin(&self.pool, "identity", why).await?;
        let pruned = store::delete_ended(&mut tx, self.clock.now() - KEPT_FOR).await?;
        tx.commit().await?;
        Ok(pruned)
    }
}
