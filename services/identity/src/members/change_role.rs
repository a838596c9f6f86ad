//! Giving a member another role.

use voxanne_ids::UserId;
use voxanne_pg::OrgTx;
use voxanne_tenant::{Role, Tenant};

use super::{Scene, Shown, store};
use crate::{
    Error, Identity, callers, invitations::revoke::revoke_by, revocations::store::end_sessions_of,
};

impl Identity {
    /// Changes the role and ends the member's sessions here, whose tokens say the old one, and the
    /// invitations that the old one allowed.
    #[tracing::instrument(name = "member.change_role", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn change_role(
        &self,
        tenant: &Tenant,
        target: UserId,
        role: Role,
    ) -> Result<Shown, Error> {
        let (actor, _session) = callers::signed_in(tenant)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let locked = store::lock(&mut tx, actor, target).await?;
        let scene = Scene::of(&locked, actor, target)?;
        scene.may_give(role)?;
        let changes = scene.target.role != role;
        if changes {
            store::update_role(&mut tx, target, role).await?;
            end_sessions_of(&mut tx, target, None, self.clock.now()).await?;
            revoke_by(&mut tx, target).await?;
            tx.note("member.role_changed", [target.as_uuid()]);
        }
        let member = store::load(&mut tx, target).await?;
        tx.commit().await?;
        if changes {
            self.bell.ring();
        }
        member.ok_or(Error::NoMember)
    }
}
