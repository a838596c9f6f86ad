//! Giving a consent back.

use voxanne_ids::ProviderId;
use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{Calendars, store};
use crate::{Error, error::What, rights};

impl Calendars {
    /// Revokes the consent at Google, then forgets its token and everything that was read. Events
    /// that were written stay: they are their owner's. A second attempt goes on where one ended.
    #[tracing::instrument(name = "calendar.disconnect", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn disconnect(
        &self,
        tenant: &Tenant,
        provider: ProviderId,
    ) -> Result<(), Error> {
        rights::require(tenant, Permission::CredentialsWrite)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        if store::load(&mut tx, provider).await?.is_none() {
            return Err(Error::NotFound(What::Provider));
        }
        let connection = store::connection(&mut tx, provider).await?;
        tx.rollback().await?;
        let Some(connection) = connection else {
            return Ok(());
        };
        let link = self.link()?;
        let job = Self::job(tenant.org());
        if let Some(token) = link.grants.open(&job, provider).await?
            && let Err(failure) = link.oauth.revoke(&token).await
        {
            // The clinic's wish does not depend on Google; the token is forgotten either way.
            tracing::warn!(failure = failure.word(), "a consent was not given back");
        }
        link.grants.delete(&job, provider).await?;
        link.forget(connection).await;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        if store::delete(&mut tx, connection).await? {
            tx.note("calendar.disconnected", [provider.as_uuid()]);
        }
        tx.commit().await?;
        Ok(())
    }
}
