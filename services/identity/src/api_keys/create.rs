//! Making an API key.

use secrecy::SecretString;
use voxanne_pg::OrgTx;
use voxanne_tenant::{ApiKey, Permission, Tenant};

use super::{NewKey, Shown, store};
use crate::{Error, Identity, callers};

impl Identity {
    /// Makes a key; its secret leaves in the answer and is stored nowhere.
    #[tracing::instrument(name = "api_key.create", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn create_api_key(
        &self,
        tenant: &Tenant,
        new: NewKey,
    ) -> Result<(Shown, SecretString), Error> {
        let (user, _session) = callers::signed_in(tenant)?;
        callers::require(tenant, Permission::ApiKeysWrite)?;
        let key = ApiKey::fresh().map_err(|_unspecified| Error::NoRandomness)?;
        let now = self.clock.now();
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        store::lock(&mut tx).await?;
        let id = store::insert(&mut tx, &new, &key, (user, now)).await?;
        let id = id.ok_or(Error::TooManyKeys)?;
        let shown = store::load(&mut tx, id).await?;
        let shown = shown.ok_or(Error::Unreadable("API key"))?;
        tx.note("api_key.created", [id.as_uuid()]);
        tx.commit().await?;
        Ok((shown, key.reveal()))
    }
}
