//! Signing in with a password.

use metrics::counter;
use secrecy::SecretString;
use voxanne_pg::SystemTx;
use voxanne_telemetry::names;
use voxanne_tenant::{Role, System};

use super::{
    Email,
    store::{self, Account},
};
use crate::{
    Error, Identity,
    orgs::Org,
    sessions::{Device, Member, SignedIn},
};

/// What somebody claims to be and to know.
pub(crate) struct Claim {
    /// None: it is no address, so nobody has it.
    pub(crate) email: Option<Email>,
    pub(crate) password: SecretString,
}

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
        system: &System,
        claim: Claim,
        device: &Device,
    ) -> Result<LoggedIn, Error> {
        let account = self.check(system, &claim).await?;
        self.renew_hash(&account, claim.password).await;
        let (user, mut tx) = (account.last_used().user, self.begin_personal().await?);
        // Checking took its time, in which the password may have become another.
        let held = store::hold(&mut tx, user).await?;
        let held = held.filter(|held| held.password_version == account.password.version);
        if held.ok_or(Error::InvalidCredentials)?.second_factor {
            let challenge = self.challenge(tx, user).await?;
            return Err(Error::SecondFactorRequired(challenge));
        }
        self.enter_last_used(tx, account.members, device).await
    }

    /// The account of the claim, if its password fits.
    async fn check(&self, system: &System, claim: &Claim) -> Result<Account, Error> {
        let account = match &claim.email {
            Some(email) => self.find_account(email).await?,
            None => None,
        };
        let hash = match &account {
            Some(account) => account.password.hash.clone(),
            None => {
                let email = claim.email.as_ref().map_or("", Email::expose);
                self.passwords.decoys.of(email)
            }
        };
        let fits = self.passwords.fits(claim.password.clone(), hash).await?;
        match account {
            Some(account) if fits => Ok(account),
            unfit => {
                counter!(names::LOGINS, "outcome" => "refused").increment(1);
                if let Some(account) = unfit {
                    let user = account.last_used().user;
                    self.refusals.sign_in(system, "user.login_refused", user);
                }
                Err(Error::InvalidCredentials)
            }
        }
    }

    /// Begins a session in the organisation that the user was in last. `tx` holds the user.
    pub(crate) async fn enter_last_used(
        &self,
        tx: SystemTx,
        members: Vec<Member>,
        device: &Device,
    ) -> Result<LoggedIn, Error> {
        let memberships = members
            .iter()
            .map(|member| (member.org.clone(), member.role))
            .collect();
        let last_used = members.into_iter().next();
        let last_used = last_used.ok_or(Error::InvalidCredentials)?;
        let signed_in = self.enter(tx, last_used, device).await?;
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
