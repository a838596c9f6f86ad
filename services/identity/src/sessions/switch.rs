//! Going on in another organisation.

use voxanne_ids::{OrgId, SessionId, UserId};
use voxanne_pg::SystemTx;
use voxanne_tenant::Tenant;

use super::{Device, Member, SignedIn, open, store};
use crate::{Error, Identity, accounts::store::hold};

impl Identity {
    /// Begins a session of the user in the organisation `to` and ends the session of the call.
    ///
    /// In this order, so that whoever ends all of the user's sessions meets one of the two at every
    /// moment.
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
        let member = member.ok_or(Error::NoOrg)?;
        hold(&mut tx, user).await?;
        let (from, now) = ((tenant.org(), session), self.clock.now());
        if !store::goes_on(&mut tx, from, user, now).await? {
            return Err(Error::SessionRevoked);
        }
        let signed_in = self.enter(tx, member, device).await?;
        if self.end_one(tenant, session).await? {
            return Ok(signed_in);
        }
        // Somebody ended the session meanwhile, or switched from it too: it led nowhere.
        let there = Tenant::for_job(to, "sign-out");
        self.end_one(&there, signed_in.session).await?;
        Err(Error::SessionRevoked)
    }

    /// Begins a session of somebody who has proved who they are; `tx` holds what they proved it by.
    pub(crate) async fn enter(
        &self,
        tx: SystemTx,
        member: Member,
        device: &Device,
    ) -> Result<SignedIn, Error> {
        let tenant = Tenant::for_job(member.org.id, "sign-in");
        let mut tx = tx.go_on_in(&tenant).await?;
        let opened = open::open(&mut tx, member, device, self.clock.now()).await?;
        tx.commit().await?;
        self.signed_in(opened)
    }
}
