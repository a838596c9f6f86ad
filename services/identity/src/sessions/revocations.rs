//! The feed of sessions that ended early.

use voxanne_ids::SessionId;
use voxanne_pg::SystemTx;

use super::{ACCESS_FOR, store};
use crate::{Error, Identity};

impl Identity {
    /// Sessions revoked after `position`, in order, and the position to ask with next.
    ///
    /// A revocation matters only while an access token of its session can still be valid; a reader
    /// that starts at 0 is spared the older ones.
    #[tracing::instrument(name = "session.revocations", skip_all)]
    pub(crate) async fn revocations(&self, position: i64) -> Result<(Vec<SessionId>, i64), Error> {
        let since = self.clock.now() - 2 * ACCESS_FOR;
        let why = "a gateway serves every organisation";
        let mut tx = SystemTx::begin(&self.pool, "identity", why).await?;
        let revoked = store::list_revocations(&mut tx, position, since).await?;
        tx.commit().await?;
        let last = revoked.last().map_or(position, |(_, position)| *position);
        Ok((
            revoked.into_iter().map(|(session, _)| session).collect(),
            last,
        ))
    }
}
