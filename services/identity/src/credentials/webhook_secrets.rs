//! Finding out which organisation a signed webhook belongs to.

use secrecy::SecretString;
use voxanne_ids::OrgId;
use voxanne_pg::SystemTx;
use voxanne_tenant::System;

use super::{Provider, store};
use crate::{Error, Identity, callers};

impl Identity {
    /// The webhook secrets of the organisations that use this account. One that cannot be opened
    /// is left out and reported: the others must not suffer for it.
    #[tracing::instrument(name = "credential.webhook_secrets", skip_all)]
    pub(crate) async fn webhook_secrets(
        &self,
        system: &System,
        provider: Provider,
        external_id: &str,
    ) -> Result<Vec<(OrgId, SecretString)>, Error> {
        callers::gateway(system)?;
        let Some(field) = provider.webhook_secret() else {
            return Ok(Vec::new());
        };
        let why = "a webhook names an account and no organisation";
        let mut tx = SystemTx::begin(&self.pool, "identity", why).await?;
        let sealed = store::list_by_account(&mut tx, provider, external_id, field).await?;
        tx.commit().await?;
        let mut secrets = Vec::with_capacity(sealed.len());
        for (org, bytes) in sealed {
            match self.unseal(org, provider, field, &bytes) {
                Ok(secret) => secrets.push((org, secret)),
                Err(error) => {
                    tracing::error!(org.id = %org, %error, "a stored secret does not open");
                }
            }
        }
        Ok(secrets)
    }
}
