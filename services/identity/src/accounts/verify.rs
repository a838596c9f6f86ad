//! Proving that an address is its user's.

use jiff::Timestamp;
use sqlx::PgConnection;

use crate::{
    Error, Identity,
    links::{self, Purpose},
    mail::Mail,
    sessions::Member,
};

impl Identity {
    /// Queues a mail with a link that proves the address of `member`.
    pub(crate) async fn ask_to_verify(
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
