//! Ending a session.

use voxanne_ids::SessionId;
use voxanne_pg::OrgTx;
use voxanne_tenant::Tenant;

use super::store;
use crate::{Error, Identity};

impl Identity {
    /// Revokes the session and puts it into the feed that every gateway follows. Doing it again
    /// changes nothing.
    #[tracing::instrument(name = "session.logout", skip_all, fields(
        org.id = %tenant.org(), session.id = %session))]
    pub(crate) async fn logout(&self, tenant: &Tenant, session: SessionId) -> Result<(), Error> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        store::revoke(&mut tx, session, self.clock.now()).await?;
        tx.commit().await?;
        Ok(())
    }
}
