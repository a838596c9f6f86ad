//! Going on in another organisation.

use voxanne_ids::{OrgId, SessionId, UserId};
use voxanne_pg::SystemTx;
use voxanne_tenant::Tenant;

use super::{Device, Member, SignedIn, open, refresh_token::RefreshToken, store};
use crate::{Error, Identity, accounts::store::hold};

/// Where somebody goes on, and what shows that they hold the session and not its access token alone.
pub(crate) struct Move {
    pub(crate) to: OrgId,
    /// None: the text is no token.
    pub(crate) token: Option<RefreshToken>,
}

impl Identity {
    /// Begins a session of the user in another organisation and ends the session of the call.
    ///
    /// In this order, so that whoever ends all of the user's sessions meets one of the two at every
    /// moment. The refresh token is looked at and not used up: it ends with its session, and should
    /// that not come about it goes on with it.
    #[tracing::instrument(name = "session.switch", skip_all, fields(
        org.id = %tenant.org(), session.id = %session))]
    pub(crate) async fn switch(
        &self,
        tenant: &Tenant,
        (user, session): (UserId, SessionId),
        Move { to, token }: Move,
        device: &Device,
    ) -> Result<SignedIn, Error> {
        let why = "the other organisation is known by its member only";
        let mut tx = SystemTx::begin(&self.pool, "identity", why).await?;
        let member = store::load_member(&mut tx, user, to).await?;
        tx.commit().await?;
        let member = member.ok_or(Error::NoOrg)?;
        let is_own = |token: &RefreshToken| token.org == tenant.org() && token.session == session;
        let token = token.filter(is_own).ok_or(Error::InvalidRefreshToken)?;
        let judged = self.judge(&token, self.clock.now()).await?;
        judged.tx.rollback().await?;
        let mut tx = self.begin_personal().await?;
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
        let opened = open::open(&mut tx, &self.keys, member, device, self.clock.now()).await?;
        tx.commit().await?;
        self.signed_in(opened)
    }
}
