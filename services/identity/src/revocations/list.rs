//! The feed from a position on.

use voxanne_pg::SystemTx;

use super::{MATTERS_FOR, Revocation, store};
use crate::{Error, Identity};

impl Identity {
    /// What ended after `position`, in order, and the position to ask with next. A reader that starts
    /// at 0 is spared what no longer matters.
    #[tracing::instrument(name = "revocations.list", skip_all)]
    pub(crate) async fn list_revocations(
        &self,
        position: i64,
    ) -> Result<(Vec<Revocation>, i64), Error> {
        let since = self.clock.now() - MATTERS_FOR;
        let why = "a gateway serves every organisation";
        let mut tx = SystemTx::begin(&self.pool, "identity", why).await?;
        let page = store::list(&mut tx, position, since).await?;
        tx.commit().await?;
        let last = page.last().map_or(position, |last| last.position);
        Ok((page, last))
    }
}
