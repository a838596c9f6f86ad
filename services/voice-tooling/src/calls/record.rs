//! Taking in what Vapi says of a call.

use voxanne_events::New;
use voxanne_ids::CallId;
use voxanne_pg::{OrgTx, problem};
use voxanne_problem::Problem;
use voxanne_tenant::Tenant;

use crate::{
    VoiceTooling,
    calls::{Call, Change, Report, store},
};

impl VoiceTooling {
    pub(crate) async fn record_call(
        &self,
        tenant: &Tenant,
        report: &Report,
    ) -> Result<(), Problem> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await.map_err(problem)?;
        let (call, events) = self.hear(&mut tx, report).await.map_err(problem)?;
        // A message that says nothing new changes nothing.
        if !events.is_empty() {
            tx.note("call.recorded", [call.id.as_uuid()]);
        }
        self.log.commit(tx, events).await.map_err(problem)
    }

    /// Takes `report` in and says what is to be announced of it.
    pub(crate) async fn hear(
        &self,
        tx: &mut OrgTx,
        report: &Report,
    ) -> Result<(Call, Vec<New>), sqlx::Error> {
        let now = self.clock.now();
        let unheard = Call::unheard(CallId::new(), report);
        let new = store::insert_unless_known(tx, &unheard).await?;
        let mut call = store::lock(tx, &report.vapi_call_id).await?;
        let started = call.event("call.started", now);
        let change = call.hear(report);
        if change != Change::Nothing {
            store::update(tx, &call).await?;
        }
        let mut events = Vec::new();
        if new {
            events.push(started);
        }
        match change {
            Change::Ended => events.push(call.event("call.ended", now)),
            Change::Updated if !new => events.push(call.event("call.updated", now)),
            Change::Updated | Change::Nothing => {}
        }
        Ok((call, events))
    }
}
