//! Calls, newest first.

use std::collections::BTreeSet;

use uuid::Uuid;
use voxanne_pg::{OrgTx, problem};
use voxanne_problem::Problem;
use voxanne_tenant::Tenant;

use crate::{
    VoiceTooling,
    calls::{Call, ToolRun, store},
    page::Page,
};

impl VoiceTooling {
    /// Calls with their tool runs, without transcripts, and where the next page begins.
    pub(crate) async fn calls(
        &self,
        tenant: &Tenant,
        page: Page<16>,
    ) -> Result<(Vec<(Call, Vec<ToolRun>)>, String), Problem> {
        let before = Uuid::from_bytes(page.after.unwrap_or([0xff; 16]));
        let mut tx = OrgTx::begin(&self.pool, tenant).await.map_err(problem)?;
        let mut calls = store::list(&mut tx, before, page.rows())
            .await
            .map_err(problem)?;
        let next = page.cut(&mut calls, |call| call.id.as_uuid().into_bytes());
        let ids: Vec<_> = calls
            .iter()
            .map(|call| call.vapi_call_id.as_str())
            .collect();
        let runs = store::list_runs(&mut tx, &ids).await.map_err(problem)?;
        let booked = runs.iter().filter_map(|(_, run)| run.booking_id);
        let mut shown: BTreeSet<_> = booked.map(|id| id.as_uuid()).collect();
        shown.extend(calls.iter().map(|call| call.id.as_uuid()));
        tx.note("call.listed", shown);
        tx.commit().await.map_err(problem)?;
        let with_runs = |call: Call| {
            let its_own = runs.iter().filter(|(id, _)| *id == call.vapi_call_id);
            let its_own = its_own.map(|(_, run)| run.clone()).collect();
            (call, its_own)
        };
        Ok((calls.into_iter().map(with_runs).collect(), next))
    }
}
