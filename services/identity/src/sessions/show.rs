//! The caller's own session.

use voxanne_ids::{SessionId, UserId};
use voxanne_pg::OrgTx;
use voxanne_tenant::Tenant;

use super::{Member, store};
use crate::{Error, Identity};

impl Identity {
    /// The user and organisation of a session that is still going on.
    #[tracing::instrument(name = "session.show", skip_all, fields(
        org.id = %tenant.org(), session.id = %session))]
    pub(crate) async fn show_session(
        &self,
        tenant: &Tenant,
        user: UserId,
        session: SessionId,
    ) -> Result<Member, Error> {
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let found = store::load_session(&mut tx, session).await?;
        tx.commit().await?;
        let now = self.clock.now();
        found
            .filter(|(life, member)| !life.is_revoked && life.ends_at > now && member.user == user)
            .map(|(_, member)| member)
            .ok_or(Error::SessionRevoked)
    }
}
