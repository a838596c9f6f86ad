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
    /// Ends every session of the user, in one organisation after the other, and last the one of the
    /// call: somebody who was interrupted is still signed in to do it again.
    #[tracing::instrument(name = "session.end_all", skip_all)]
    pub(crate) async fn end_all_sessions(
        &self,
        tenant: &Tenant,
        user: UserId,
        session: SessionId,
    ) -> Result<(), Error> {
        if self.show_session(tenant, user, session).await.is_ok() {
            self.end_sessions_elsewhere(tenant, user).await?;
        }
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let mut ended = end_sessions_of(&mut tx, user, self.clock.now()).await?;
        // Another issuer's session has no row of ours.
        end_session(&mut tx, session, self.clock.now()).await?;
        if !ended.contains(&session) {
            ended.push(session);
        }
        tx.note("session.ended", ended.iter().map(SessionId::as_uuid));
        tx.commit().await?;
        self.bell.ring();
        Ok(())
    }

    /// A session of ours proves that the user is: another issuer's could have the same id.
    async fn end_sessions_elsewhere(&self, tenant: &Tenant, user: UserId) -> Result<(), Error> {
        let why = "a user may be signed in to several organisations";
        let mut tx = SystemTx::begin(&self.pool, "identity", why).await?;
        let orgs = store::list_session_orgs(&mut tx, user).await?;
        tx.commit().await?;
        for org in orgs.into_iter().filter(|org| *org != tenant.org()) {
            let elsewhere = Tenant::for_job(org, "sign-out");
            let mut tx = OrgTx::begin(&self.pool, &elsewhere).await?;
            let ended = end_sessions_of(&mut tx, user, self.clock.now()).await?;
            tx.note("session.ended", ended.iter().map(SessionId::as_uuid));
            tx.commit().await?;
        }
        Ok(())
    }
}
