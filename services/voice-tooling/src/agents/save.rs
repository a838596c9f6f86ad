//! Saving the agent; Vapi follows later.

use prost::Message as _;
use voxanne_idempotency::{
    KeyedRequest,
    record::{self, Claim},
};
use voxanne_ids::AgentId;
use voxanne_pg::{OrgTx, problem};
use voxanne_problem::Problem;
use voxanne_proto::voice_tooling::v1::SaveAgentResponse;
use voxanne_tenant::Tenant;

use crate::{
    VoiceTooling,
    agents::{Draft, store},
    sync,
};

const OPERATION: &str = "agent.save";

impl VoiceTooling {
    /// Stores `draft` as a new version and wakes the reconciler.
    pub(crate) async fn save(
        &self,
        tenant: &Tenant,
        draft: &Draft,
        keyed: Option<&KeyedRequest>,
    ) -> Result<SaveAgentResponse, Problem> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await.map_err(problem)?;
        if let Some(keyed) = keyed
            && let Claim::Replay(outcome) = record::claim(&mut tx, OPERATION, keyed).await?
        {
            let first = SaveAgentResponse::decode(&outcome[..]).map_err(Problem::internal)?;
            let id = first.agent.as_ref().and_then(|agent| agent.id.parse().ok());
            tx.note("agent.repeated", id.map(|id: AgentId| id.as_uuid()));
            tx.commit().await.map_err(problem)?;
            return Ok(SaveAgentResponse {
                replayed: true,
                ..first
            });
        }
        let now = self.clock.now();
        let saved = store::upsert(&mut tx, draft, now).await.map_err(problem)?;
        store::insert_version(&mut tx, &saved.agent, tenant.caller())
            .await
            .map_err(problem)?;
        sync::store::insert_missing_tools(&mut tx, &self.toolbox.names(), now)
            .await
            .map_err(problem)?;
        let tools = sync::store::list_tools(&mut tx).await.map_err(problem)?;
        let event = saved.agent.saved(now);
        tx.note("agent.saved", [saved.agent.id.as_uuid()]);
        let response = SaveAgentResponse {
            agent: Some(saved.agent.into()),
            sync: Some(saved.sync.into_proto(tools)),
            replayed: false,
        };
        if let Some(keyed) = keyed {
            record::keep(&mut tx, OPERATION, keyed, &response.encode_to_vec()).await?;
        }
        self.log.commit(tx, vec![event]).await.map_err(problem)?;
        self.wake.notify_one();
        Ok(response)
    }
}
