//! Showing the agent and how far Vapi is from it.

use voxanne_pg::{OrgTx, problem};
use voxanne_problem::Problem;
use voxanne_proto::voice_tooling::v1::GetAgentResponse;
use voxanne_tenant::Tenant;

use crate::{
    VoiceTooling,
    agents::{not_found, store},
    sync,
};

impl VoiceTooling {
    pub(crate) async fn agent(&self, tenant: &Tenant) -> Result<GetAgentResponse, Problem> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await.map_err(problem)?;
        let saved = store::load(&mut tx).await.map_err(problem)?;
        let tools = sync::store::list_tools(&mut tx).await.map_err(problem)?;
        tx.commit().await.map_err(problem)?;
        let saved = saved.ok_or_else(not_found)?;
        Ok(GetAgentResponse {
            agent: Some(saved.agent.into()),
            sync: Some(saved.sync.into_proto(tools)),
        })
    }
}
