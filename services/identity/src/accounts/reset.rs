//! A new password in the place of a forgotten one.

use jiff::Timestamp;
use secrecy::SecretString;
use voxanne_ids::UserId;
use voxanne_pg::SystemTx;
use voxanne_tenant::Tenant;

use super::{NewPassword, store};
use crate::{
    Error, Identity,
    links::{self, Purpose},
    mail::Mail,
    second_factor::challenges,
};

impl Identity {
    /// Uses the link up, sets the password and ends every session of the user, in every
    /// organisation. The link has proven the address too.
    #[tracing::instrument(name = "account.reset", skip_all)]
    pub(crate) async fn reset_password(
        &self,
        token: SecretString,
        password: NewPassword,
    ) -> Result<(), Error> {
        let purpose = Purpose::ResetPassword;
        let mut tx = self.begin_personal().await?;
        // Hashing is dear, so it is not done for a link that leads nowhere.
        let user = links::check(&mut tx, purpose, &token, self.clock.now()).await?;
        tx.commit().await?;
        let hash = self.passwords.hash(password.0).await?;
        self.revoke_all(user, None).await?;
        let now = self.clock.now();
        let mut tx = self.begin_personal().await?;
        let user = links::take(&mut tx, purpose, &token, now).await?;
        store::update_email_verified(&mut tx, user, now).await?;
        self.set_password(&mut tx, user, &hash, now).await?;
        note_everywhere(&mut tx, user, "user.password_reset").await?;
        tx.commit().await?;
        self.mails.wake();
        self.revoke_all(user, None).await
    }

    /// What every change of a password entails: other ways in are closed, and its user is told.
    pub(super) async fn set_password(
        &self,
        tx: &mut SystemTx,
        user: UserId,
        hash: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        let email = store::update_password(tx, user, hash).await?;
        links::store::delete_of(tx, user, Purpose::ResetPassword).await?;
        challenges::delete_of(tx, user).await?;
        self.mails
            .queue(tx, email.expose(), Mail::PasswordChanged, now)
            .await
    }

    /// A transaction about one person, whatever organisations they belong to.
    pub(crate) async fn begin_personal(&self) -> Result<SystemTx, sqlx::Error> {
        let why = "a person's account stands outside the organisations";
        SystemTx::begin(&self.pool, "identity", why).await
    }
}

/// Notes for the audit log of every organisation that `user` belongs to.
pub(super) async fn note_everywhere(
    tx: &mut SystemTx,
    user: UserId,
    action: &'static str,
) -> Result<(), Error> {
    for org in store::list_orgs(tx, user).await? {
        tx.note(&Tenant::for_job(org, "account"), action, [user.as_uuid()]);
    }
    Ok(())
}
