//! Refresh tokens, which identity keeps sealed.

use std::{collections::HashMap, time::Duration};

use secrecy::{ExposeSecret as _, SecretString};
use voxanne_ids::ProviderId;
use voxanne_problem::{Kind, Problem};
use voxanne_proto::identity::v1::{
    DeleteCredentialRequest, OpenCredentialRequest, PutCredentialRequest,
    identity_service_client::IdentityServiceClient,
};
use voxanne_resilience::Client;
use voxanne_tenant::{Outbound, Tenant};

const PATIENCE: Duration = Duration::from_secs(5);
const FIELD: &str = "refreshToken";
/// The account's own name is an address of a person; nobody needs it.
const ACCOUNT: &str = "primary";

/// Where consents are kept.
#[derive(Clone)]
pub(crate) struct Grants {
    identity: IdentityServiceClient<Client>,
    outbound: Outbound,
}

impl Grants {
    pub(crate) fn new(identity: Client, outbound: Outbound) -> Self {
        Self {
            identity: IdentityServiceClient::new(identity),
            outbound,
        }
    }

    /// Keeps a token in the place of an earlier one.
    pub(super) async fn put(
        &self,
        job: &Tenant,
        provider: ProviderId,
        token: &SecretString,
    ) -> Result<(), Problem> {
        let message = PutCredentialRequest {
            provider: name(provider),
            external_id: ACCOUNT.to_owned(),
            secrets: HashMap::from([(FIELD.to_owned(), token.expose_secret().to_owned())]),
            settings: HashMap::new(),
        };
        let request = self
            .outbound
            .request(&job.clone().within(PATIENCE), message);
        self.identity.clone().put_credential(request).await?;
        Ok(())
    }

    /// None when nothing is kept.
    pub(super) async fn open(
        &self,
        job: &Tenant,
        provider: ProviderId,
    ) -> Result<Option<SecretString>, Problem> {
        let message = OpenCredentialRequest {
            provider: name(provider),
        };
        let request = self
            .outbound
            .request(&job.clone().within(PATIENCE), message);
        match self.identity.clone().open_credential(request).await {
            Ok(answer) => {
                let mut secrets = answer.into_inner().secrets;
                Ok(secrets.remove(FIELD).map(Into::into))
            }
            Err(status) => match Problem::from(status) {
                none if none.kind == Kind::NotFound => Ok(None),
                problem => Err(problem),
            },
        }
    }

    /// Idempotent.
    pub(super) async fn delete(&self, job: &Tenant, provider: ProviderId) -> Result<(), Problem> {
        let message = DeleteCredentialRequest {
            provider: name(provider),
        };
        let request = self
            .outbound
            .request(&job.clone().within(PATIENCE), message);
        self.identity.clone().delete_credential(request).await?;
        Ok(())
    }
}

/// What identity calls the credential of this person's calendar.
fn name(provider: ProviderId) -> String {
    format!("google:{}", provider.as_uuid().simple())
}
