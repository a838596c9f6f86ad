//! Signing in with a password.

use metrics::counter;
use secrecy::SecretString;
use voxanne_pg::SystemTx;
use voxanne_telemetry::names;

use super::{Email, store};
use crate::{
    Error, Identity,
    sessions::{self, Device, SignedIn},
};

impl Identity {
    /// Opens a session for the user with this address and password. A wrong password and an
    /// unknown address get one answer, after the same work.
    #[tracing::instrument(name = "account.login", skip_all)]
    pub(crate) async fn login(
        &self,
        email: Option<Email>,
        password: SecretString,
        device: &Device,
    ) -> Result<SignedIn, Error> {
        let account = match email {
            Some(email) => self.find_account(&email).await?,
            None => None,
        };
        let (hash, member) = account.unzip();
        let fits = self.passwords.fits(password, hash).await?;
        let Some(member) = member.filter(|_| fits) else {
            counter!(names::LOGINS, "outcome" => "refused").increment(1);
            return Err(Error::InvalidCredentials);
        };
        let signed_in = self.enter(member, device).await?;
        counter!(names::LOGINS, "outcome" => "accepted").increment(1);
        Ok(signed_in)
    }

    async fn find_account(
        &self,
        email: &Email,
    ) -> Result<Option<(String, sessions::Member)>, Error> {
        let why = "an address is looked up before its organisation is known";
        let mut tx = SystemTx::begin(&self.pool, "identity", why).await?;
        let account = store::load_account(&mut tx, email).await?;
        tx.commit().await?;
        Ok(account)
    }
}
