//! Showing how far Vapi is from what is saved.

use voxanne_problem::Problem;
use voxanne_proto::voice_tooling::v1::GetSyncResponse;
use voxanne_tenant::Tenant;

use crate::VoiceTooling;

impl VoiceTooling {
    pub(crate) async fn sync(&self, tenant: &Tenant) -> Result<GetSyncResponse, Problem> {
        let shown = self.agent(tenant).await?;
        Ok(GetSyncResponse { sync: shown.sync })
    }
}
