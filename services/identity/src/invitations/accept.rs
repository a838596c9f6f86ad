//! Joining with the token of a link, which proves that its bearer reads the address.

use secrecy::{ExposeSecret as _, SecretString};
use voxanne_ids::{SessionId, UserId};
use voxanne_pg::OrgTx;
use voxanne_problem::Problem;
use voxanne_tenant::{Role, Tenant};

use super::store::{self, Open};
use crate::{
    Error, Identity,
    accounts::{
        store::{insert_member, insert_user},
        wire::new_password,
    },
    orgs::{self, Org},
    sessions::{Member, store::hold_member},
    single_use::{SingleUse, Use},
};

/// What somebody has become a member of, and as what.
pub(crate) struct Joined {
    pub(crate) org: Org,
    pub(crate) role: Role,
}

/// Who joins.
enum Guest {
    Known(UserId),
    /// Nobody has an account with the address; this is the hash of the password for it.
    New(String),
}

impl Identity {
    /// Lets in whoever has the token and the password of the account with the address. Where there
    /// is none it is made, with this password.
    #[tracing::instrument(name = "invitation.accept", skip_all)]
    pub(crate) async fn accept_invitation(
        &self,
        token: &SecretString,
        password: SecretString,
    ) -> Result<Joined, Problem> {
        let open = self.open_invitation(token).await?;
        let guest = match open.account() {
            Some((user, hash)) => {
                let fits = self.passwords.fits(password, hash).await?;
                if !fits {
                    return Err(Error::InvalidCredentials.into());
                }
                Guest::Known(user)
            }
            None => {
                let password = new_password("password", password.expose_secret())?;
                Guest::New(self.passwords.hash(password.0).await?)
            }
        };
        Ok(self.let_in(open, guest).await?)
    }

    /// Lets the signed-in user in, if the link was sent to their own address.
    #[tracing::instrument(name = "invitation.join", skip_all, fields(
        org.id = %tenant.org(), session.id = %session))]
    pub(crate) async fn join_invited(
        &self,
        tenant: &Tenant,
        (user, session): (UserId, SessionId),
        token: &SecretString,
    ) -> Result<Joined, Error> {
        self.show_session(tenant, user, session).await?;
        let open = self.open_invitation(token).await?;
        match open.account() {
            Some((invited, _hash)) if invited == user => {
                self.let_in(open, Guest::Known(user)).await
            }
            _ => Err(Error::WrongAddress),
        }
    }

    async fn open_invitation(&self, token: &SecretString) -> Result<Open, Error> {
        let token = SingleUse::parse(Use::Invitation, token).ok_or(Error::LinkExpired)?;
        let mut tx = self.begin_personal().await?;
        let open = store::find(&mut tx, &token.hash(), self.clock.now()).await?;
        tx.commit().await?;
        open.ok_or(Error::LinkExpired)
    }

    /// Uses the invitation up. Of two who use one at the same time, one joins.
    async fn let_in(&self, open: Open, guest: Guest) -> Result<Joined, Error> {
        let now = self.clock.now();
        let tenant = Tenant::for_job(open.org_id, "invitation");
        let mut tx = OrgTx::begin(&self.pool, &tenant).await?;
        let role = store::delete(&mut tx, open.id, now).await?;
        let role = role.ok_or(Error::LinkExpired)?;
        let org = orgs::store::load(&mut tx).await?.ok_or(Error::NoOrg)?;
        let (user, hash) = match guest {
            Guest::Known(user) => (user, None),
            Guest::New(hash) => (UserId::new(), Some(hash)),
        };
        let member = Member {
            user,
            email: open.email,
            // The link has proven it.
            email_verified: true,
            second_factor: false,
            role,
            org,
        };
        match hash {
            Some(hash) => insert_user(&mut tx, &member, &hash, now).await?,
            None if hold_member(&mut tx, user).await?.is_some() => {
                return Err(Error::AlreadyMember);
            }
            None => {}
        }
        insert_member(&mut tx, &member, now).await?;
        tx.note("invitation.accepted", [open.id.as_uuid(), user.as_uuid()]);
        tx.commit().await?;
        let Member { org, role, .. } = member;
        Ok(Joined { org, role })
    }
}
