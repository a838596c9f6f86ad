//! Going on in another organisation.

use voxanne_ids::{OrgId, SessionId, UserId};
use voxanne_pg::{OrgTx, SystemTx};
use voxanne_tenant::Tenant;

use super::{Device, Member, SignedIn, open, store};
use crate::{Error, Identity, revocations::store::end_session};

impl Identity {
    /// Ends the session of the call and begins one of the same user in the organisation `to`.
    #[tracing::instrument(name = "session.switch", skip_all, fields(
        org.id = %tenant.org(), session.id = %session))]
    pub(crate) async fn switch(
        &self,
        tenant: &Tenant,
        (user, session): (UserId, SessionId),
        to: OrgId,
        device: &Device,
    ) -> Result<SignedIn, Error> {
        let why = "the other organisation is known by its member only";
        let mut tx = SystemTx::begin(&self.pool, "identity", why).await?;
        let member = store::load_member(&mut tx, user, to).await?;
        tx.commit().await?;
        let member = member.ok_or(Error::NoOrg)?;
        self.leave(tenant, user, session).await?;
        self.enter(member, device).await
    }

    /// Ends the session that is switched from; one that has ended already leads nowhere.
    async fn leave(&self, tenant: &Tenant, user: UserId, session: SessionId) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        let found = store::lock_session(&mut tx, session).await?;
        found
            .filter(|(life, left)| !life.is_revoked && life.ends_at > now && left.user == user)
            .ok_or(Error::SessionRevoked)?;
        if end_session(&mut tx, session, now).await? {
            tx.note("session.ended", [session.as_uuid()]);
        }
        tx.commit().await?;
        self.bell.ring();
        Ok(())
    }

    /// Begins a session of somebody who has proved who they are.
    pub(crate) async fn enter(&self, member: Member, device: &Device) -> Result<SignedIn, Error> {
        let tenant = Tenant::for_job(member.org.id, "sign-in");
        let mut tx = OrgTx::begin(&self.pool, &tenant).await?;
        let opened = open::open(&mut tx, member, device, self.clock.now()).await?;
        tx.commit().await?;
        self.signed_in(opened)
    }
}
