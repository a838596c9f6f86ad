//! Turning the second factor off.

use secrecy::SecretString;
use voxanne_ids::{SessionId, UserId};
use voxanne_pg::SystemTx;
use voxanne_tenant::Tenant;

use super::{check::Checked, store};
use crate::{
    Error, Identity,
    accounts::store::{PasswordVersion, lock_password},
    mail::Mail,
};

/// What shows that the user wants it.
pub(crate) enum Proof {
    Password(SecretString),
    Code(String),
}

/// What is left to look at while the user is locked.
enum Claimed {
    /// It was this one.
    Password(PasswordVersion),
    Code(String),
}

impl Identity {
    /// Forgets the secret and the recovery codes, and tells the user.
    #[tracing::instrument(name = "second_factor.remove", skip_all, fields(
        org.id = %tenant.org(), session.id = %session))]
    pub(crate) async fn remove_second_factor(
        &self,
        tenant: &Tenant,
        (user, session): (UserId, SessionId),
        proof: Proof,
    ) -> Result<(), Error> {
        self.show_session(tenant, user, session).await?;
        let claimed = match proof {
            Proof::Password(password) => {
                Claimed::Password(self.check_password(tenant, user, password).await?)
            }
            Proof::Code(code) => Claimed::Code(code),
        };
        let mut tx = self.begin_personal().await?;
        if !store::lock_is_on(&mut tx, user).await? {
            return Err(Error::SecondFactorOff);
        }
        let checked = self.check_claim(&mut tx, user, &claimed).await?;
        if checked == Checked::Right {
            store::delete(&mut tx, user).await?;
            let email = store::update_on(&mut tx, user, None).await?;
            let (mail, now) = (Mail::SecondFactorOff, self.clock.now());
            self.mails.queue(&mut tx, email.expose(), mail, now).await?;
            tx.note(tenant, "user.second_factor_off", [user.as_uuid()]);
        }
        tx.commit().await?;
        self.mails.wake();
        checked.into_result().inspect_err(|_refused| {
            self.refusals.own(tenant, "user.code_refused", user);
        })
    }

    async fn check_claim(
        &self,
        tx: &mut SystemTx,
        user: UserId,
        claimed: &Claimed,
    ) -> Result<Checked, Error> {
        match claimed {
            Claimed::Code(code) => self.check_code(tx, user, code, self.clock.now()).await,
            // The password may have become another while it was checked.
            Claimed::Password(checked) => match lock_password(tx, user).await? {
                Some(present) if present == *checked => Ok(Checked::Right),
                _ => Err(Error::InvalidCredentials),
            },
        }
    }
}
