//! Asking for a link that sets a new password.

use voxanne_pg::SystemTx;

use super::Email;
use crate::{
    Error, Identity,
    mail::{Mail, is_full},
};

impl Identity {
    /// Queues the request. Whether the address has an account is found out by whoever sends the
    /// mail, so neither the answer nor its time tells.
    #[tracing::instrument(name = "account.forgot", skip_all)]
    pub(crate) async fn forgot_password(&self, email: Option<Email>) -> Result<(), Error> {
        // What is no address has no account, and everybody can see that.
        let Some(email) = email else { return Ok(()) };
        let why = "a mail goes to a person, not to an organisation";
        let mut tx = SystemTx::begin(&self.pool, "identity", why).await?;
        if is_full(&mut tx).await? {
            return Err(Error::MailsFull);
        }
        let mail = Mail::ResetRequested;
        self.mails
            .queue(&mut tx, email.expose(), mail, self.clock.now())
            .await?;
        tx.commit().await?;
        self.mails.wake();
        Ok(())
    }
}
