//! The sessions of one user.

use voxanne_ids::UserId;
use voxanne_pg::SystemTx;

use super::{REFRESH_FOR, Shown, store};
use crate::{Error, Identity};

impl Identity {
    /// The user's sessions that go on, in every organisation.
    #[tracing::instrument(name = "session.list", skip_all)]
    pub(crate) async fn list_sessions(&self, user: UserId) -> Result<Vec<Shown>, Error> {
        let now = self.clock.now();
        let why = "a user may be signed in to several organisations";
        let mut tx = SystemTx::begin(&self.pool, "identity", why).await?;
        let sessions = store::list_sessions(&mut tx, user, (now - REFRESH_FOR, now)).await?;
        tx.commit().await?;
        Ok(sessions)
    }
}
