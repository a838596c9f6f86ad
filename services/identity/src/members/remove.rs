//! Removing a member, or leaving.

use voxanne_ids::UserId;
use voxanne_pg::OrgTx;
use voxanne_tenant::Tenant;

use super::{Scene, store};
use crate::{
    Error, Identity, callers, invitations::revoke::revoke_by, revocations::store::end_sessions_of,
};

impl Identity {
    /// Ends the membership with its sessions and invitations. The account stays, and its other memberships.
    #[tracing::instrument(name = "member.remove", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn remove_member(&self, tenant: &Tenant, target: UserId) -> Result<(), Error> {
        let (actor, _session) = callers::signed_in(tenant)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let locked = store::lock(&mut tx, actor, target).await?;
        Scene::of(&locked, actor, target)?.may_remove()?;
        // Their rows go with the membership; that they have ended stays in the feed.
        end_sessions_of(&mut tx, target, None, self.clock.now()).await?;
        revoke_by(&mut tx, target).await?;
        store::delete(&mut tx, target).await?;
        tx.note("member.removed", [target.as_uuid()]);
        tx.commit().await?;
        self.bell.ring();
        Ok(())
    }
}
