//! Listing the members.

use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{Shown, store};
use crate::{
    Error, Identity, callers,
    page::{Listed, Page},
};

impl Identity {
    #[tracing::instrument(name = "member.list", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn list_members(
        &self,
        tenant: &Tenant,
        page: Page,
    ) -> Result<Listed<Shown>, Error> {
        callers::require(tenant, Permission::MembersRead)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let rows = store::list(&mut tx, &page).await?;
        tx.commit().await?;
        Ok(page.cut(rows, |member| member.user.as_uuid()))
    }
}
