//! The rpc that tests credentials.

use std::sync::Arc;

use tonic::{Request, Response, Status};
use voxanne_proto::notification::v1::{
    TestCredentialRequest, TestCredentialResponse, TestOutcome,
    credential_test_service_server::CredentialTestService,
};
use voxanne_tenant::Tenant;

use crate::{credentials::Credentials, twilio::verify::Verdict};

/// The service as gRPC sees it.
#[derive(Clone)]
pub(crate) struct CredentialsGrpc(pub(crate) Arc<Credentials>);

#[tonic::async_trait]
impl CredentialTestService for CredentialsGrpc {
    async fn test_credential(
        &self,
        request: Request<TestCredentialRequest>,
    ) -> Result<Response<TestCredentialResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let verdict = self.0.test(&tenant, &request.get_ref().provider).await?;
        Ok(Response::new(verdict.into()))
    }
}

impl From<Verdict> for TestCredentialResponse {
    fn from(verdict: Verdict) -> Self {
        let (outcome, words) = match verdict {
            Verdict::Accepted(words) => (TestOutcome::Accepted, words),
            Verdict::Rejected(words) => (TestOutcome::Rejected, words),
            Verdict::Unavailable(words) => (TestOutcome::Unavailable, words),
        };
        Self {
            outcome: outcome.into(),
            words: words.to_owned(),
        }
    }
}
