//! Signing in with a password.

use metrics::counter;
use secrecy::SecretString;
use voxanne_telemetry::names;
use voxanne_tenant::Role;

use super::{
    Email,
    store::{self, Account},
};
use crate::{
    Error, Identity,
    orgs::Org,
    sessions::{Device, Member, SignedIn},
};

/// Somebody who signed in, and every organisation they belong to, the session's first.
pub(crate) struct LoggedIn {
    pub(crate) signed_in: SignedIn,
    pub(crate) memberships: Vec<(Org, Role)>,
}

impl Identity {
    /// Opens a session for the user with this address and password, or asks for their second
    /// factor. A wrong password and an unknown address get one answer, after the same work.
    #[tracing::instrument(name = "account.login", skip_all)]
    pub(crate) async fn login(
        &self,
        email: Option<Email>,
        password: SecretString,
        device: &Device,
    ) -> Result<LoggedIn, Error> {
        let account = match email {
            Some(email) => self.find_account(&email).await?,
            None => None,
        };
        let hash = account
            .as_ref()
            .map(|account| account.password_hash.clone());
        let fits = self.passwords.fits(password, hash).await?;
        let Some(account) = account.filter(|_| fits) else {
            counter!(names::LOGINS, "outcome" => "refused").increment(1);
            return Err(Error::InvalidCredentials);
        };
        if account.last_used().second_factor {
            let challenge = self.challenge(account.last_used().user).await?;
            return Err(Error::SecondFactorRequired(challenge));
        }
        self.enter_last_used(account.members, device).await
    }

    /// Begins a session in the organisation that the user was in last.
    pub(crate) async fn enter_last_used(
        &self,
        members: Vec<Member>,
        device: &Device,
    ) -> Result<LoggedIn, Error> {
        let memberships = members
            .iter()
            .map(|member| (member.org.clone(), member.role))
            .collect();
        let last_used = members.into_iter().next();
        let last_used = last_used.ok_or(Error::InvalidCredentials)?;
        let signed_in = self.enter(last_used, device).await?;
        counter!(names::LOGINS, "outcome" => "accepted").increment(1);
        Ok(LoggedIn {
            signed_in,
            memberships,
        })
    }

    async fn find_account(&self, email: &Email) -> Result<Option<Account>, Error> {
        let mut tx = self.begin_personal().await?;
        let account = store::load_account(&mut tx, email).await?;
        tx.commit().await?;
        Ok(account)
    }
}
