//! Signing out everywhere.

use voxanne_ids::{OrgId, SessionId, UserId};
use voxanne_pg::OrgTx;
use voxanne_tenant::Tenant;

use super::list::store;
use crate::{Error, Identity, accounts::store::lock_password, revocations::store::end_sessions_of};

/// Somebody who goes from one clinic to another meanwhile is followed so many times.
const ROUNDS: usize = 10;

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
        // Another issuer's session has no row of ours.
        self.end_one(tenant, session).await.map(drop)
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
        for _ in 0..ROUNDS {
            let orgs = self.signed_in_to(user, keep).await?;
            if orgs.is_empty() {
                return Ok(());
            }
            for org in orgs {
                self.revoke_in(org, user, keep).await?;
            }
        }
        Err(Error::Contended)
    }

    /// Where the user is signed in, once every session that is just being begun is there to see.
    async fn signed_in_to(
        &self,
        user: UserId,
        keep: Option<SessionId>,
    ) -> Result<Vec<OrgId>, Error> {
        let mut tx = self.begin_personal().await?;
        lock_password(&mut tx, user).await?;
        let orgs = store::list_orgs(&mut tx, user, keep).await?;
        tx.commit().await?;
        Ok(orgs)
    }

    async fn revoke_in(
        &self,
        org: OrgId,
        user: UserId,
        keep: Option<SessionId>,
    ) -> Result<(), Error> {
        let tenant = Tenant::for_job(org, "sign-out");
        let mut tx = OrgTx::begin(&self.pool, &tenant).await?;
        let ended = end_sessions_of(&mut tx, user, keep, self.clock.now()).await?;
        if !ended.is_empty() {
            tx.note("session.ended", ended.iter().map(SessionId::as_uuid));
        }
        tx.commit().await?;
        self.bell.ring();
        Ok(())
    }
}
