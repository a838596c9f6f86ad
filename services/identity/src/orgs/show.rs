//! The caller's organisation.

use voxanne_pg::OrgTx;
use voxanne_tenant::Tenant;

use super::{Org, store};
use crate::{Error, Identity};

impl Identity {
    #[tracing::instrument(name = "org.show", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn show_org(&self, tenant: &Tenant) -> Result<Org, Error> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let org = store::load(&mut tx).await?;
        tx.commit().await?;
        org.ok_or(Error::NoOrg)
    }
}
