//! Storing a provider's credentials.

use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};
use voxanne_vault::Place;

use secrecy::ExposeSecret as _;

use super::{Credential, NewCredential, store};
use crate::{Error, Identity, callers};

impl Identity {
    /// Seals and stores the credentials in the place of earlier ones. They count as unverified
    /// until the provider has accepted them.
    #[tracing::instrument(name = "credential.put", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn put_credential(
        &self,
        tenant: &Tenant,
        new: NewCredential,
    ) -> Result<Credential, Error> {
        callers::require(tenant, Permission::CredentialsWrite)?;
        let sealed = self.seal(tenant, &new)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let credential = store::upsert(&mut tx, &new, self.clock.now()).await?;
        store::replace_secrets(&mut tx, new.provider, &sealed).await?;
        tx.commit().await?;
        Ok(credential)
    }

    fn seal(&self, tenant: &Tenant, new: &NewCredential) -> Result<Vec<(String, Vec<u8>)>, Error> {
        let mut sealed = Vec::with_capacity(new.secrets.len());
        for (field, secret) in &new.secrets {
            let place = Place {
                org: tenant.org(),
                provider: new.provider.as_str(),
                field,
            };
            let secret = self.vault.seal(&place, secret.expose_secret().as_bytes())?;
            sealed.push((field.clone(), secret.to_bytes()));
        }
        Ok(sealed)
    }
}
