//! Whether a session has ended, for a gateway whose copy of the feed may be old.

use voxanne_ids::SessionId;
use voxanne_pg::OrgTx;
use voxanne_tenant::Tenant;

use super::store;
use crate::{Error, Identity};

impl Identity {
    /// Refuses a session that has ended. One that is not known here is another issuer's and goes on
    /// until it is revoked.
    #[tracing::instrument(name = "session.check", skip_all, fields(
        org.id = %tenant.org(), session.id = %session))]
    pub(crate) async fn check_session(
        &self,
        tenant: &Tenant,
        session: SessionId,
    ) -> Result<(), Error> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let has_ended = store::session_has_ended(&mut tx, session).await?;
        tx.commit().await?;
        if has_ended {
            Err(Error::SessionRevoked)
        } else {
            Ok(())
        }
    }
}
