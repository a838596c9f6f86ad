//! Showing a provider.

use voxanne_ids::ProviderId;
use voxanne_pg::OrgTx;
use voxanne_tenant::Tenant;

use super::{Provider, store};
use crate::{Desk, Error, error::What};

impl Desk {
    pub(crate) async fn get_provider(
        &self,
        tenant: &Tenant,
        id: ProviderId,
    ) -> Result<Provider, Error> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let provider = store::load(&mut tx, id).await?;
        tx.commit().await?;
        provider.ok_or(Error::NotFound(What::Provider))
    }
}
