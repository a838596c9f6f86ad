//! One call with everything known of it.

use voxanne_ids::CallId;
use voxanne_pg::{OrgTx, problem};
use voxanne_problem::Problem;
use voxanne_tenant::Tenant;

use crate::{
    VoiceTooling,
    calls::{Call, ToolRun, store},
};

impl VoiceTooling {
    pub(crate) async fn call(
        &self,
        tenant: &Tenant,
        id: CallId,
    ) -> Result<(Call, Vec<ToolRun>), Problem> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await.map_err(problem)?;
        let call = store::load(&mut tx, id)
            .await
            .map_err(problem)?
            .ok_or_else(|| Problem::not_found("CALL_NOT_FOUND", "there is no such call"))?;
        let runs = store::list_runs(&mut tx, &[&call.vapi_call_id])
            .await
            .map_err(problem)?;
        let booked = runs.iter().filter_map(|(_, run)| run.booking_id);
        let mut shown = vec![id.as_uuid()];
        shown.extend(booked.map(|id| id.as_uuid()));
        tx.note("call.read", shown);
        tx.commit().await.map_err(problem)?;
        Ok((call, runs.into_iter().map(|(_, run)| run).collect()))
    }
}
