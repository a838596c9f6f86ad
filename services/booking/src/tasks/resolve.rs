//! Ending a task with what came of it.

use voxanne_ids::TaskId;
use voxanne_pg::OrgTx;
use voxanne_privacy::Private;
use voxanne_tenant::{Permission, Tenant};

use super::{End, Task, store};
use crate::{Desk, Error, error::What, rights};

/// What came of a task.
#[derive(Clone, Debug)]
pub(crate) struct Resolution {
    pub(crate) id: TaskId,
    pub(crate) outcome: Private<String>,
    /// The version its caller has seen.
    pub(crate) seen: Option<i64>,
}

impl Desk {
    pub(crate) async fn resolve_task(
        &self,
        tenant: &Tenant,
        resolution: Resolution,
    ) -> Result<Task, Error> {
        rights::require_desk(tenant, Permission::TasksWrite)?;
        let now = self.clock.now();
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let task = store::lock(&mut tx, resolution.id).await?;
        let mut task = task.ok_or(Error::NotFound(What::Task))?;
        task.check(resolution.seen)?;
        task.end = Some(End {
            outcome: resolution.outcome,
            at: now,
            by: tenant.caller().to_string(),
        });
        task.version += 1;
        store::save(&mut tx, &task).await?;
        tx.note("task.resolved", task.records());
        self.log.commit(tx, vec![task.announce(now)]).await?;
        Ok(task)
    }
}
