//! Ending a session.

use voxanne_ids::SessionId;
use voxanne_pg::OrgTx;
use voxanne_tenant::Tenant;

use crate::{Error, Identity, revocations::store::end_session};

impl Identity {
    /// Ends the session, also one that another issuer began. Doing it again changes nothing.
    #[tracing::instrument(name = "session.logout", skip_all, fields(
        org.id = %tenant.org(), session.id = %session))]
    pub(crate) async fn logout(&self, tenant: &Tenant, session: SessionId) -> Result<(), Error> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        if end_session(&mut tx, session, self.clock.now()).await? {
            tx.note("session.ended", [session.as_uuid()]);
        }
        tx.commit().await?;
        self.bell.ring();
        Ok(())
    }
}
