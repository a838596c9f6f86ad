//! A clinic's open invitations.

use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{Shown, store};
use crate::{
    Error, Identity, callers,
    page::{Listed, Page},
};

impl Identity {
    #[tracing::instrument(name = "invitation.list", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn list_invitations(
        &self,
        tenant: &Tenant,
        page: Page,
    ) -> Result<Listed<Shown>, Error> {
        callers::require(tenant, Permission::MembersRead)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let rows = store::list(&mut tx, &page, self.clock.now()).await?;
        tx.commit().await?;
        Ok(page.cut(rows, |one| one.id.as_uuid()))
    }
}
