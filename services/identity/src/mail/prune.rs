//! Settled mails and unused links and invitations are forgotten.

use jiff::SignedDuration;
use voxanne_pg::SystemTx;

use super::store;
use crate::{Error, Identity, invitations, links, second_factor::challenges};

/// Long enough to look into why somebody got no mail.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Identity {
    /// Deletes a bounded number of settled mails; returns how many.
    pub(crate) async fn prune_mails(&self) -> Result<u64, Error> {
        let why = "mails go to people, not to organisations";
        let mut tx = SystemTx::begin(&self.pool, "identity", why).await?;
        let pruned = store::delete_settled(&mut tx, self.clock.now() - KEPT_FOR).await?;
        tx.commit().await?;
        Ok(pruned)
    }

    /// Deletes links, challenges and invitations that nobody used in time.
    pub(crate) async fn prune_links(&self) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.begin_personal().await?;
        links::store::delete_expired(&mut tx, now).await?;
        challenges::delete_expired(&mut tx, now).await?;
        invitations::store::delete_expired(&mut tx, now).await?;
        tx.commit().await?;
        Ok(())
    }
}
