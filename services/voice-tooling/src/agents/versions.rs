//! What was saved before.

use voxanne_pg::{OrgTx, problem};
use voxanne_problem::Problem;
use voxanne_tenant::Tenant;

use crate::{
    VoiceTooling,
    agents::{Agent, store},
    page::Page,
};

/// A prompt may take 80 kB, and a gRPC message 4 MB: longer pages are cut short.
const LONGEST: u32 = 40;

impl VoiceTooling {
    /// Versions of the agent, newest first, and where the next page begins.
    pub(crate) async fn versions(
        &self,
        tenant: &Tenant,
        mut page: Page<8>,
    ) -> Result<(Vec<Agent>, String), Problem> {
        page.limit = page.limit.min(LONGEST);
        let before = page.after.map_or(i64::MAX, i64::from_be_bytes);
        let mut tx = OrgTx::begin(&self.pool, tenant).await.map_err(problem)?;
        let mut versions = store::list_versions(&mut tx, before, page.rows())
            .await
            .map_err(problem)?;
        tx.commit().await.map_err(problem)?;
        let next = page.cut(&mut versions, |agent| agent.version.to_be_bytes());
        Ok((versions, next))
    }
}
