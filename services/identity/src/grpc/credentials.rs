//! What providers say of credentials, on the wire.

use tonic::{Request, Response, Status, async_trait};
use voxanne_proto::identity::v1::{
    RecordTestRequest, RecordTestResponse, credential_service_server::CredentialService,
};
use voxanne_tenant::Tenant;

use crate::{Identity, credentials::record_test::Tested};

#[async_trait]
impl CredentialService for Identity {
    async fn record_test(
        &self,
        request: Request<RecordTestRequest>,
    ) -> Result<Response<RecordTestResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let request = request.into_inner();
        let tested = Tested {
            provider: request.provider.parse()?,
            version: request.version,
            accepted: request.accepted,
        };
        Self::record_test(self, &tenant, tested).await?;
        Ok(Response::new(RecordTestResponse {}))
    }
}
