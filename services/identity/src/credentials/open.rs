//! Handing secrets to the service that uses them.

use std::collections::BTreeMap;

use secrecy::SecretString;
use voxanne_ids::OrgId;
use voxanne_pg::OrgTx;
use voxanne_tenant::Tenant;
use voxanne_vault::{Place, Sealed};
use zeroize::Zeroizing;

use super::{Opened, Provider, store};
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
            .ok_or(Error::NoCredential(provider.as_str()))?;
        let sealed = store::list_secrets(&mut tx, provider).await?;
        tx.commit().await?;
        let mut secrets = BTreeMap::new();
        for (field, bytes) in sealed {
            let secret = self.unseal(tenant.org(), provider, &field, &bytes)?;
            secrets.insert(field, secret);
        }
        Ok(Opened {
            credential,
            secrets,
        })
    }

    pub(super) fn unseal(
        &self,
        org: OrgId,
        provider: Provider,
        field: &str,
        bytes: &[u8],
    ) -> Result<SecretString, Error> {
        let place = Place {
            org,
            provider: provider.as_str(),
            field,
        };
        let plain = self.vault.open(&place, &Sealed::from_bytes(bytes)?)?;
        let text = str::from_utf8(&plain).map_err(|_bytes| Error::Unreadable("secret"))?;
        let text = Zeroizing::new(text.to_owned());
        Ok(SecretString::from(text.as_str()))
    }
}
