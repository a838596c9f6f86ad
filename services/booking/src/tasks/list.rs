//! Listing tasks, the oldest first.

use std::collections::BTreeSet;

use uuid::Uuid;
use voxanne_ids::UserId;
use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{Kind, State, Task, store};
use crate::{
    Desk, Error,
    page::{Listed, Page},
    rights,
};

/// Whose tasks are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    Anybody,
    Nobody,
    One(UserId),
}

/// Which tasks are asked for.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    pub(crate) state: Option<State>,
    pub(crate) kind: Option<Kind>,
    pub(crate) owner: Owner,
    pub(crate) page: Page<Uuid>,
}

impl Desk {
    pub(crate) async fn list_tasks(
        &self,
        tenant: &Tenant,
        filter: Filter,
    ) -> Result<Listed<Task>, Error> {
        rights::require_desk(tenant, Permission::TasksRead)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let rows = store::list(&mut tx, &filter).await?;
        let listed = filter.page.cut(rows, |task| task.id.as_uuid());
        let shown: BTreeSet<_> = listed.items.iter().flat_map(Task::records).collect();
        tx.note("task.listed", shown);
        tx.commit().await?;
        Ok(listed)
    }
}
