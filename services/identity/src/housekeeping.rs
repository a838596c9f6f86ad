//! What has to be done now and then, whoever calls.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::Identity;

const EVERY: Duration = Duration::from_secs(600);

impl Identity {
    /// Forgets ended sessions, settled mails and replaced secrets, and learns what stored passwords
    /// cost, until `shutdown`. A failed
    /// round is made up for by the next one; several replicas may do it at once.
    pub(crate) async fn keep_house(self, shutdown: CancellationToken) {
        while !shutdown.is_cancelled() {
            if let Err(error) = self.learn_costs().await {
                tracing::warn!(%error, "what stored passwords cost was not read");
            }
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
            match self.prune_revocations().await {
                Ok(0) => {}
                Ok(pruned) => tracing::info!(pruned, "old revocations were deleted"),
                Err(error) => tracing::warn!(%error, "old revocations were not deleted"),
            }
            if let Err(error) = self.prune_links().await {
                tracing::warn!(%error, "old links were not deleted");
            }
            match self.prune_replaced_secrets().await {
                Ok(0) => {}
                Ok(pruned) => tracing::info!(pruned, "replaced secrets were deleted"),
                Err(error) => tracing::warn!(%error, "replaced secrets were not deleted"),
            }
            shutdown
                .run_until_cancelled(tokio::time::sleep(EVERY))
                .await;
        }
    }
}
