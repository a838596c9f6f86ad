//! Giving a task to a member, or to nobody.

use voxanne_ids::{TaskId, UserId};
use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{Task, store};
use crate::{Desk, Error, error::What, rights};

/// Who is to look after a task.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Assignment {
    pub(crate) id: TaskId,
    pub(crate) owner: Option<UserId>,
    /// The version its caller has seen.
    pub(crate) seen: Option<i64>,
}

impl Desk {
    pub(crate) async fn assign_task(
        &self,
        tenant: &Tenant,
        assignment: Assignment,
    ) -> Result<Task, Error> {
        rights::require_desk(tenant, Permission::TasksWrite)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let task = store::lock(&mut tx, assignment.id).await?;
        let mut task = task.ok_or(Error::NotFound(What::Task))?;
        task.check(assignment.seen)?;
        let action = if task.owner == assignment.owner {
            "task.read"
        } else {
            task.owner = assignment.owner;
            task.version += 1;
            store::save(&mut tx, &task).await?;
            "task.assigned"
        };
        tx.note(action, task.records());
        tx.commit().await?;
        Ok(task)
    }
}
