//! Noting what a provider said to its credentials.

use voxanne_pg::OrgTx;
use voxanne_tenant::{Permission, Tenant};

use super::{Provider, store};
use crate::{Error, Identity, callers};

/// What the provider said to one version of a credential.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tested {
    pub(crate) provider: Provider,
    pub(crate) version: i64,
    pub(crate) accepted: bool,
}

impl Identity {
    /// Notes the outcome for the member who asked for it, unless the credential is another one by
    /// now.
    #[tracing::instrument(name = "credential.record_test", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn record_test(&self, tenant: &Tenant, tested: Tested) -> Result<(), Error> {
        callers::require(tenant, Permission::CredentialsWrite)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        match store::lock(&mut tx, tested.provider).await? {
            None => return Err(Error::NoCredential(tested.provider.name())),
            Some(version) if version != tested.version => return Err(Error::CredentialChanged),
            Some(_) => {}
        }
        store::record_test(&mut tx, tested, self.clock.now()).await?;
        tx.note("credential.tested", []);
        tx.commit().await?;
        Ok(())
    }
}
