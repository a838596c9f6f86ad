//! Ending a sign-in with a code.

use metrics::counter;
use secrecy::SecretString;
use voxanne_telemetry::names;
use voxanne_tenant::System;

use super::{challenges::TRIES, check::Checked, store};
use crate::{
    Error, Identity,
    accounts::{
        login::LoggedIn,
        store::{hold, load_members},
    },
    sessions::Device,
    single_use::{SingleUse, Use},
};

impl Identity {
    /// Opens a session for whoever gave the right password before and gives the right code. The
    /// challenge is used up by the right code, and by a few wrong ones.
    #[tracing::instrument(name = "account.login_with_code", skip_all)]
    pub(crate) async fn login_with_code(
        &self,
        system: &System,
        challenge: SecretString,
        code: &str,
        device: &Device,
    ) -> Result<LoggedIn, Error> {
        let now = self.clock.now();
        let challenge = SingleUse::parse(Use::Challenge, &challenge).ok_or(Error::LinkExpired)?;
        let hash = challenge.hash();
        let mut tx = self.begin_personal().await?;
        let user = store::find_challenge(&mut tx, &hash, now).await?;
        let user = user.ok_or(Error::LinkExpired)?;
        // Whoever changes the password locks the user first and ends the challenges then.
        hold(&mut tx, user).await?;
        let failures = store::lock_challenge(&mut tx, &hash).await?;
        let failures = failures.ok_or(Error::LinkExpired)?;
        let checked = self.check_code(&mut tx, user, code, now).await?;
        match checked {
            Checked::Right => store::delete_challenge(&mut tx, &hash).await?,
            Checked::Wrong if failures + 1 >= TRIES => {
                store::delete_challenge(&mut tx, &hash).await?;
            }
            Checked::Wrong => store::update_challenge_failed(&mut tx, &hash).await?,
            Checked::TooMany(_) => {}
        }
        if let Err(refused) = checked.into_result() {
            tx.commit().await?;
            counter!(names::LOGINS, "outcome" => "refused").increment(1);
            self.refusals.sign_in(system, "user.code_refused", user);
            return Err(refused);
        }
        let members = load_members(&mut tx, user).await?;
        self.enter_last_used(tx, members, device).await
    }
}
