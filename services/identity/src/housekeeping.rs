//! What has to be done now and then, whoever calls.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::Identity;

const EVERY: Duration = Duration::from_secs(600);

impl Identity {
    /// Forgets ended sessions and settled mails, and moves secrets on to the newest key, until `shutdown`. A failed
    /// round is made up for by the next one; several replicas may do it at once.
    pub(crate) async fn keep_house(self, shutdown: CancellationToken) {
        while !shutdown.is_cancelled() {
            match self.prune_sessions().await {
                Ok(0) => {}
                Ok(pruned) => tracing::info!(pruned, "ended sessions were deleted"),
                Err(error) => tracing::warn!(%error, "ended sessions were not deleted"),
            }
            match self.prune_mails().await {
                Ok(0) => {}
                Ok(pruned) => tracing::info!(pruned, "settled mails were deleted"),
                Err(error) => tracing::warn!(%error, "settled mails were not deleted"),
            }
            match self.reseal_secrets().await {
                Ok(0) => {}
                Ok(resealed) => tracing::info!(resealed, "secrets moved on to the newest key"),
                Err(error) => tracing::warn!(%error, "secrets were not moved to the newest key"),
            }
            shutdown
                .run_until_cancelled(tokio::time::sleep(EVERY))
                .await;
        }
    }
}
