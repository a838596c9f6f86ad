//! Putting a mail into the queue.

use jiff::Timestamp;
use sqlx::PgConnection;
use voxanne_ids::MailId;
use zeroize::Zeroizing;

use super::{Addressed, Mail, Mails, row, store};
use crate::Error;

impl Mails {
    /// Queues `mail` to `to` in the caller's transaction: it is sent if that commits. Call
    /// [`Mails::wake`] after the commit to have it sent at once.
    pub(crate) async fn queue(
        &self,
        tx: &mut PgConnection,
        to: &str,
        mail: Mail,
        now: Timestamp,
    ) -> Result<(), Error> {
        let id = MailId::new();
        let (kind, expires_at) = (mail.kind(), now + mail.worth_sending_for());
        let addressed = Addressed {
            to: to.to_owned(),
            mail,
        };
        let sealed = self.seal(id, &addressed).await?;
        store::insert(tx, (id, kind), &sealed, (now, expires_at)).await?;
        Ok(())
    }

    pub(super) async fn seal(&self, id: MailId, addressed: &Addressed) -> Result<Vec<u8>, Error> {
        let json = Zeroizing::new(serde_json::to_vec(addressed).expect("texts serialise"));
        self.sealing.seal(row(id), &json).await
    }
}
