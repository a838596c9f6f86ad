//! Whose an assistant is.

use voxanne_ids::{AgentId, OrgId};
use voxanne_pg::{SystemTx, problem};
use voxanne_problem::Problem;

use crate::{SERVICE, VoiceTooling, agents::store};

impl VoiceTooling {
    /// The organisation that owns a Vapi assistant. The answer comes from committed rows only:
    /// nothing a webhook says about an organisation counts.
    pub(crate) async fn find_assistant(
        &self,
        vapi_assistant_id: &str,
    ) -> Result<(OrgId, AgentId), Problem> {
        let mut tx = SystemTx::begin(&self.pool, SERVICE, "find the owner of an assistant")
            .await
            .map_err(problem)?;
        let owner = store::load_owner(&mut tx, vapi_assistant_id)
            .await
            .map_err(problem)?;
        tx.commit().await.map_err(problem)?;
        owner.ok_or_else(|| Problem::not_found("ASSISTANT_NOT_FOUND", "nobody owns this assistant"))
    }
}
