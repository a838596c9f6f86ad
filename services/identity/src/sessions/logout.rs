//! Ending the session of the call.

use voxanne_ids::SessionId;
use voxanne_tenant::Tenant;

use crate::{Error, Identity};

impl Identity {
    /// Ends the session, also one that another issuer began. Doing it again changes nothing.
    #[tracing::instrument(name = "session.logout", skip_all, fields(
        org.id = %tenant.org(), session.id = %session))]
    pub(crate) async fn logout(&self, tenant: &Tenant, session: SessionId) -> Result<(), Error> {
        self.end_one(tenant, session).await.map(drop)
    }
}
