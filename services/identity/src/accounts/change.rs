//! A new password in the place of the present one.

use secrecy::SecretString;
use voxanne_ids::{SessionId, UserId};
use voxanne_tenant::Tenant;

use super::{
    NewPassword,
    store::{self, PasswordVersion},
};
use crate::{Error, Identity};

impl Identity {
    /// Sets the password of somebody who knows the present one and ends their other sessions.
    #[tracing::instrument(name = "account.change_password", skip_all, fields(
        org.id = %tenant.org(), session.id = %session))]
    pub(crate) async fn change_password(
        &self,
        tenant: &Tenant,
        (user, session): (UserId, SessionId),
        current: SecretString,
        new: NewPassword,
    ) -> Result<(), Error> {
        self.show_session(tenant, user, session).await?;
        let stored = self.check_password(tenant, user, current).await?;
        let hash = self.passwords.hash(new.0).await?;
        self.revoke_all(user, Some(session)).await?;
        let now = self.clock.now();
        let mut tx = self.begin_personal().await?;
        // Two changes at once were both allowed by the password that the first one replaces.
        if store::lock_password(&mut tx, user).await? != Some(stored) {
            return Err(Error::InvalidCredentials);
        }
        self.set_password(&mut tx, user, &hash, now).await?;
        tx.note(tenant, "user.password_changed", [user.as_uuid()]);
        tx.commit().await?;
        self.mails.wake();
        self.revoke_all(user, Some(session)).await
    }

    /// Gives the version of the stored password, which `password` fits. It may be another a moment
    /// later: what follows has to compare the two while it locks the user.
    pub(crate) async fn check_password(
        &self,
        tenant: &Tenant,
        user: UserId,
        password: SecretString,
    ) -> Result<PasswordVersion, Error> {
        let mut tx = self.begin_personal().await?;
        let stored = store::load_password(&mut tx, user).await?;
        tx.commit().await?;
        let stored = stored.ok_or(Error::InvalidCredentials)?;
        if self.passwords.fits(password, stored.hash).await? {
            return Ok(stored.version);
        }
        self.refusals.own(tenant, "user.password_refused", user);
        Err(Error::InvalidCredentials)
    }
}
