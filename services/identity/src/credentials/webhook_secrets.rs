//! Finding out which organisation a signed webhook belongs to.

use secrecy::SecretString;
use voxanne_ids::OrgId;
use voxanne_pg::SystemTx;
use voxanne_tenant::System;

use super::{
    Provider,
    secrets::{Opener, store},
};
use crate::{Error, Identity, callers};

impl Identity {
    /// The webhook secrets of the organisations that use this account, also one that was replaced a
    /// moment ago. One that cannot be opened is left out and reported: the others must not suffer
    /// for it.
    #[tracing::instrument(name = "credential.webhook_secrets", skip_all)]
    pub(crate) async fn webhook_secrets(
        &self,
        system: &System,
        provider: Provider,
        external_id: &str,
    ) -> Result<Vec<(OrgId, SecretString)>, Error> {
        callers::gateway(system)?;
        let why = "a webhook names an account and no organisation";
        let mut tx = SystemTx::begin(&self.pool, "identity", why).await?;
        let account = (provider, external_id);
        let sealed = store::list_by_account(&mut tx, account, self.clock.now()).await?;
        tx.commit().await?;
        let mut opener = Opener::new(&self.data_keys);
        let mut secrets = Vec::with_capacity(sealed.len());
        for stored in sealed {
            match opener.open(&stored).await {
                Ok(secret) => secrets.push((stored.org, secret)),
                Err(error) => {
                    tracing::error!(org.id = %stored.org, %error, "a stored secret does not open");
                }
            }
        }
        Ok(secrets)
    }

    /// Forgets replaced secrets that nobody signs with any more.
    pub(crate) async fn prune_replaced_secrets(&self) -> Result<u64, Error> {
        let why = "replaced secrets of every organisation expire";
        let mut tx = SystemTx::begin(&self.pool, "identity", why).await?;
        let pruned = store::delete_replaced(&mut tx, self.clock.now()).await?;
        tx.commit().await?;
        Ok(pruned)
    }
}
