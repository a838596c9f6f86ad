//! Ending one of one's own sessions, wherever it goes on.

use voxanne_ids::{OrgId, SessionId, UserId};
use voxanne_pg::{OrgTx, SystemTx};
use voxanne_tenant::Tenant;

use super::list::store;
use crate::{Error, Identity, revocations::store::end_session};

impl Identity {
    /// Ends `session` if it is the user's, whose call comes from another one or the same. Doing it
    /// again changes nothing.
    #[tracing::instrument(name = "session.end", skip_all, fields(session.id = %session))]
    pub(crate) async fn end_session(
        &self,
        tenant: &Tenant,
        (user, own): (UserId, SessionId),
        session: SessionId,
    ) -> Result<(), Error> {
        self.show_session(tenant, user, own).await?;
        let why = "a user may be signed in to several organisations";
        let mut tx = SystemTx::begin(&self.pool, "identity", why).await?;
        let org = store::load_org(&mut tx, session, user).await?;
        tx.commit().await?;
        let org = org.ok_or(Error::NoSession)?;
        self.end_one(&within(tenant, org), session).await.map(drop)
    }

    /// Ends a session of the organisation, ours or another issuer's, and tells every gateway; says
    /// whether it went on until now.
    pub(super) async fn end_one(&self, tenant: &Tenant, session: SessionId) -> Result<bool, Error> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let ended = end_session(&mut tx, session, self.clock.now()).await?;
        if ended {
            tx.note("session.ended", [session.as_uuid()]);
        }
        tx.commit().await?;
        self.bell.ring();
        Ok(ended)
    }
}

/// The caller's own scope, or that of another organisation of theirs.
fn within(tenant: &Tenant, org: OrgId) -> Tenant {
    if org == tenant.org() {
        tenant.clone()
    } else {
        Tenant::for_job(org, "sign-out")
    }
}
