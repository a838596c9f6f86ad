//! The sessions of one user.

pub(super) mod store;

use voxanne_ids::{SessionId, UserId};
use voxanne_pg::SystemTx;
use voxanne_tenant::Tenant;

use super::{REFRESH_FOR, Shown};
use crate::{Error, Identity};

impl Identity {
    /// The user's sessions that go on, in every organisation. The call has to come from one of
    /// them: another issuer's user could have the same id.
    #[tracing::instrument(name = "session.list", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn list_sessions(
        &self,
        tenant: &Tenant,
        (user, session): (UserId, SessionId),
    ) -> Result<Vec<Shown>, Error> {
        self.show_session(tenant, user, session).await?;
        let now = self.clock.now();
        let why = "a user may be signed in to several organisations";
        let mut tx = SystemTx::begin(&self.pool, "identity", why).await?;
        let sessions = store::list(&mut tx, user, (now - REFRESH_FOR, now)).await?;
        tx.commit().await?;
        Ok(sessions)
    }
}
