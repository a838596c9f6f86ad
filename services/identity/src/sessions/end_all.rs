//! Signing out everywhere.

use voxanne_ids::{SessionId, UserId};
use voxanne_pg::{OrgTx, SystemTx};
use voxanne_tenant::Tenant;

use super::store;
use crate::{
    Error, Identity,
    revocations::store::{end_session, end_sessions_of},
};

impl Identity {
    /// Ends every session of the user, and last the one of the call: somebody who was interrupted
    /// is still signed in to do it again.
    #[tracing::instrument(name = "session.end_all", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn end_all_sessions(
        &self,
        tenant: &Tenant,
        user: UserId,
        session: SessionId,
    ) -> Result<(), Error> {
        // A session of ours proves that the user is: another issuer's could have the same id.
        if self.show_session(tenant, user, session).await.is_ok() {
            self.revoke_all(user, Some(session)).await?;
        }
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        // Another issuer's session has no row of ours.
        if end_session(&mut tx, session, self.clock.now()).await? {
            tx.note("session.ended", [session.as_uuid()]);
        }
        tx.commit().await?;
        self.bell.ring();
        Ok(())
    }

    /// Ends every session of the user but the one to `keep`, in one organisation after the other;
    /// doing it again goes on where it was interrupted. A password is changed between two of these:
    /// the first leaves nothing behind should the second not be reached, and the second ends what
    /// the old password began in between.
    pub(crate) async fn revoke_all(
        &self,
        user: UserId,
        keep: Option<SessionId>,
    ) -> Result<(), Error> {
        let why = "a user may be signed in to several organisations";
        let mut tx = SystemTx::begin(&self.pool, "identity", why).await?;
        let orgs = store::list_session_orgs(&mut tx, user).await?;
        tx.commit().await?;
        for org in orgs {
            let tenant = Tenant::for_job(org, "sign-out");
            let mut tx = OrgTx::begin(&self.pool, &tenant).await?;
            let ended = end_sessions_of(&mut tx, user, keep, self.clock.now()).await?;
            if !ended.is_empty() {
                tx.note("session.ended", ended.iter().map(SessionId::as_uuid));
            }
            tx.commit().await?;
            self.bell.ring();
        }
        Ok(())
    }
}
