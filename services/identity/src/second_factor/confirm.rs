//! Turning the second factor on.

use voxanne_ids::{SessionId, UserId};
use voxanne_tenant::Tenant;

use super::{
    check::Checked,
    recovery::{self, CODES},
    store,
};
use crate::{Error, Identity, mail::Mail};

impl Identity {
    /// Turns it on when `code` shows that the app has the secret, tells the user, and gives the
    /// recovery codes.
    #[tracing::instrument(name = "second_factor.confirm", skip_all, fields(
        org.id = %tenant.org(), session.id = %session))]
    pub(crate) async fn confirm_second_factor(
        &self,
        tenant: &Tenant,
        (user, session): (UserId, SessionId),
        code: &str,
    ) -> Result<Vec<String>, Error> {
        self.show_session(tenant, user, session).await?;
        let now = self.clock.now();
        let mut tx = self.begin_personal().await?;
        if store::lock_is_on(&mut tx, user).await? {
            return Err(Error::SecondFactorOn);
        }
        let checked = self.check_code(&mut tx, user, code, now).await?;
        let mut codes = Vec::with_capacity(CODES);
        if checked == Checked::Right {
            let email = store::update_on(&mut tx, user, Some(now)).await?;
            let mail = Mail::SecondFactorOn;
            self.mails.queue(&mut tx, email.expose(), mail, now).await?;
            for _ in 0..CODES {
                let code = recovery::fresh()?;
                let hash = recovery::hash(user, &code).ok_or(Error::Unreadable("recovery code"))?;
                store::insert_recovery_code(&mut tx, user, &hash).await?;
                codes.push(code);
            }
            tx.note(tenant, "user.second_factor_on", [user.as_uuid()]);
        }
        tx.commit().await?;
        self.mails.wake();
        checked.into_result().map(|()| codes)
    }
}
