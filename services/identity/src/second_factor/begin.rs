//! Making a secret for the user's app.

use secrecy::SecretString;
use voxanne_ids::{SessionId, UserId};
use voxanne_tenant::Tenant;

use super::{Secret, row, store};
use crate::{Error, Identity, accounts::store::lock_password};

/// What the user gives their app.
pub(crate) struct Begun {
    pub(crate) secret: String,
    pub(crate) uri: String,
}

impl Identity {
    /// Stores a fresh secret, in the place of one that was never confirmed. Asks for the password:
    /// whoever has a session alone could shut its owner out with an app of their own.
    #[tracing::instrument(name = "second_factor.begin", skip_all, fields(
        org.id = %tenant.org(), session.id = %session))]
    pub(crate) async fn begin_second_factor(
        &self,
        tenant: &Tenant,
        (user, session): (UserId, SessionId),
        password: SecretString,
    ) -> Result<Begun, Error> {
        let member = self.show_session(tenant, user, session).await?;
        let checked = self.check_password(tenant, user, password).await?;
        let secret = Secret::fresh()?;
        let sealed = self.sealing.seal(row(user), &*secret.0).await?;
        let mut tx = self.begin_personal().await?;
        if store::lock_is_on(&mut tx, user).await? {
            return Err(Error::SecondFactorOn);
        }
        // The password may have become another while it was checked.
        if lock_password(&mut tx, user).await? != Some(checked) {
            return Err(Error::InvalidCredentials);
        }
        store::replace(&mut tx, user, &sealed, self.clock.now()).await?;
        tx.note(tenant, "user.second_factor_begun", [user.as_uuid()]);
        tx.commit().await?;
        let totp = secret.totp(member.email.expose())?;
        Ok(Begun {
            secret: totp.secret().to_base32(),
            uri: totp
                .to_url()
                .map_err(|_rule| Error::Unreadable("second factor"))?,
        })
    }
}
