//! The key of a provider's feed.

use voxanne_ids::ProviderId;
use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{Calendars, secret, store::feeds};
use crate::{Error, error::What, providers, rights};

impl Calendars {
    /// Makes a new key, which is told once; an earlier one opens nothing any more.
    #[tracing::instrument(name = "calendar.make_feed_key", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn make_feed_key(
        &self,
        tenant: &Tenant,
        provider: ProviderId,
    ) -> Result<String, Error> {
        rights::require(tenant, Permission::CredentialsWrite)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        if providers::store::load(&mut tx, provider).await?.is_none() {
            return Err(Error::NotFound(What::Provider));
        }
        let key = secret::make();
        feeds::put(&mut tx, provider, &secret::hash(&key), self.clock.now()).await?;
        tx.note("calendar.feed_key_made", [provider.as_uuid()]);
        tx.commit().await?;
        Ok(key)
    }
}
