//! Switching the agent on and off.

use voxanne_pg::{OrgTx, problem};
use voxanne_problem::Problem;
use voxanne_tenant::Tenant;

use crate::{
    VoiceTooling,
    agents::{Agent, not_found, store},
};

impl VoiceTooling {
    pub(crate) async fn set_enabled(
        &self,
        tenant: &Tenant,
        enabled: bool,
    ) -> Result<Agent, Problem> {
        let now = self.clock.now();
        let mut tx = OrgTx::begin(&self.pool, tenant).await.map_err(problem)?;
        let agent = store::update_enabled(&mut tx, enabled, now)
            .await
            .map_err(problem)?
            .ok_or_else(not_found)?;
        let action = if enabled {
            "agent.switched_on"
        } else {
            "agent.switched_off"
        };
        tx.note(action, [agent.id.as_uuid()]);
        self.log
            .commit(tx, vec![agent.saved(now)])
            .await
            .map_err(problem)?;
        Ok(agent)
    }
}
