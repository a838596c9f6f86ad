//! Proving that an address is its user's.

use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use sqlx::PgConnection;
use voxanne_ids::{SessionId, UserId};
use voxanne_tenant::Tenant;

use super::{reset::note_everywhere, store};
use crate::{
    Error, Identity,
    links::{self, AN_HOUR, HOUR, Purpose},
    mail::Mail,
    sessions::Member,
};

impl Identity {
    /// Uses the link up and writes down that its user reads the address.
    #[tracing::instrument(name = "account.verify", skip_all)]
    pub(crate) async fn verify_email(&self, token: SecretString) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.begin_personal().await?;
        let user = links::take(&mut tx, Purpose::VerifyEmail, &token, now).await?;
        store::update_email_verified(&mut tx, user, now).await?;
        note_everywhere(&mut tx, user, "user.email_verified").await?;
        tx.commit().await?;
        Ok(())
    }

    /// Sends the link again, unless the address is proven.
    #[tracing::instrument(name = "account.send_verification", skip_all, fields(
        org.id = %tenant.org(), session.id = %session))]
    pub(crate) async fn send_verification(
        &self,
        tenant: &Tenant,
        (user, session): (UserId, SessionId),
    ) -> Result<(), Error> {
        let member = self.show_session(tenant, user, session).await?;
        if member.email_verified {
            return Ok(());
        }
        let now = self.clock.now();
        let mut tx = self.begin_personal().await?;
        let since = now - HOUR;
        let sent = links::store::count_since(&mut tx, user, Purpose::VerifyEmail, since).await?;
        if sent >= AN_HOUR {
            return Err(Error::TooManyMails(Duration::from_secs(3600)));
        }
        self.ask_to_verify(&mut tx, &member, now).await?;
        tx.note(tenant, "user.verification_sent", [user.as_uuid()]);
        tx.commit().await?;
        self.mails.wake();
        Ok(())
    }

    /// Queues a mail with a link that proves the address of `member`.
    pub(super) async fn ask_to_verify(
        &self,
        tx: &mut PgConnection,
        member: &Member,
        now: Timestamp,
    ) -> Result<(), Error> {
        let token = links::issue(tx, member.user, Purpose::VerifyEmail, now).await?;
        let mail = Mail::VerifyEmail { token };
        self.mails.queue(tx, member.email.expose(), mail, now).await
    }
}
