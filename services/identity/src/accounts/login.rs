//! Signing in with a password.

use metrics::counter;
use secrecy::SecretString;
use voxanne_pg::{OrgTx, SystemTx};
use voxanne_telemetry::names;
use voxanne_tenant::Tenant;

use super::{Email, store};
use crate::{
    Error, Identity,
    sessions::{self, SignedIn},
};

impl Identity {
    /// Opens a session for the user with this address and password. A wrong password and an
    /// unknown address get one answer, after the same work.
    #[tracing::instrument(name = "account.login", skip_all)]
    pub(crate) async fn login(
        &self,
        email: Option<Email>,
        password: SecretString,
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
        let tenant = Tenant::for_job(member.org.id, "login");
        let mut tx = OrgTx::begin(&self.pool, &tenant).await?;
        let opened = sessions::open::open(&mut tx, &member, self.clock.now()).await?;
        tx.commit().await?;
        counter!(names::LOGINS, "outcome" => "accepted").increment(1);
        self.signed_in(member, opened)
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
