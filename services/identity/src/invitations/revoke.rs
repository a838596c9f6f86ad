//! Taking an invitation back.

use voxanne_ids::{InvitationId, UserId};
use voxanne_pg::OrgTx;
use voxanne_tenant::Tenant;

use super::{may_invite, store};
use crate::{Error, Identity, callers, sessions::store::hold_member};

impl Identity {
    /// Ends an open invitation; its link leads nowhere any more.
    #[tracing::instrument(name = "invitation.revoke", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn revoke_invitation(
        &self,
        tenant: &Tenant,
        id: InvitationId,
    ) -> Result<(), Error> {
        let (actor, _session) = callers::signed_in(tenant)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let held = hold_member(&mut tx, actor).await?;
        let role = store::delete(&mut tx, id, self.clock.now()).await?;
        may_invite(held, role.ok_or(Error::NoInvitation)?)?;
        tx.note("invitation.revoked", [id.as_uuid()]);
        tx.commit().await?;
        Ok(())
    }
}

/// Ends what a member invited who does not hold the role any more that allowed it.
pub(crate) async fn revoke_by(tx: &mut OrgTx, user: UserId) -> Result<(), Error> {
    let ended = store::delete_by(tx, user).await?;
    if !ended.is_empty() {
        tx.note(
            "invitation.revoked",
            ended.into_iter().map(|id| id.as_uuid()),
        );
    }
    Ok(())
}
