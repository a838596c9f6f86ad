//! Handing secrets to the service that uses them.

use std::collections::BTreeMap;

use voxanne_pg::OrgTx;
use voxanne_tenant::Tenant;

use super::{
    Opened, Provider,
    secrets::{self, Opener},
    store,
};
use crate::{Error, Identity, callers};

impl Identity {
    /// The secrets of `provider`, for a job of the organisation only: what a user's request could
    /// reach, a stolen session could.
    #[tracing::instrument(name = "credential.open", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn open_credential(
        &self,
        tenant: &Tenant,
        provider: Provider,
    ) -> Result<Opened, Error> {
        callers::job(tenant)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let credential = store::load(&mut tx, provider)
            .await?
            .ok_or_else(|| Error::NoCredential(provider.name()))?;
        let stored = secrets::store::list(&mut tx, provider).await?;
        tx.commit().await?;
        let mut opener = Opener::new(&self.data_keys);
        let mut secrets = BTreeMap::new();
        for secret in stored.iter().filter(|secret| secret.valid_until.is_none()) {
            secrets.insert(secret.field.clone(), opener.open(secret).await?);
        }
        Ok(Opened {
            credential,
            secrets,
        })
    }
}
