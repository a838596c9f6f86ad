//! Showing a task.

use voxanne_ids::TaskId;
use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{Task, store};
use crate::{Desk, Error, error::What, rights};

impl Desk {
    pub(crate) async fn get_task(&self, tenant: &Tenant, id: TaskId) -> Result<Task, Error> {
        rights::require_desk(tenant, Permission::TasksRead)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let task = store::load(&mut tx, id).await?;
        let task = task.ok_or(Error::NotFound(What::Task))?;
        tx.note("task.read", task.records());
        tx.commit().await?;
        Ok(task)
    }
}
