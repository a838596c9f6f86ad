//! Asking for another attempt now.

use voxanne_pg::{OrgTx, problem};
use voxanne_problem::Problem;
use voxanne_proto::voice_tooling::v1::StartSyncResponse;
use voxanne_tenant::Tenant;

use crate::{VoiceTooling, agents, sync::store};

impl VoiceTooling {
    /// Makes the agent due, as if it had been saved again.
    pub(crate) async fn start_sync(&self, tenant: &Tenant) -> Result<StartSyncResponse, Problem> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await.map_err(problem)?;
        let agent = store::update_due(&mut tx).await.map_err(problem)?;
        let agent = agent.ok_or_else(agents::not_found)?;
        tx.note("agent.sync_started", [agent.as_uuid()]);
        tx.commit().await.map_err(problem)?;
        self.wake.notify_one();
        let shown = self.sync(tenant).await?;
        Ok(StartSyncResponse { sync: shown.sync })
    }
}
