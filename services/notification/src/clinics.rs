//! A clinic's name and Twilio account, asked of identity and kept for a moment.

use std::{sync::Arc, time::Duration};

use moka::future::Cache;
use voxanne_ids::OrgId;
use voxanne_problem::{Kind, Problem};
use voxanne_proto::identity::v1::{
    GetOrgRequest, OpenCredentialRequest, identity_service_client::IdentityServiceClient,
};
use voxanne_resilience::Client;
use voxanne_tenant::{Outbound, Tenant};

use crate::twilio::account::Account;

/// Clinics that are sending at one time.
const KEPT: u64 = 10_000;
const PATIENCE: Duration = Duration::from_secs(5);

/// What has to be known of a clinic to send a text for it.
#[derive(Debug)]
pub(crate) struct Clinic {
    pub(crate) name: String,
    /// Its Twilio account, or why there is none to use.
    pub(crate) account: Result<Account, &'static str>,
}

/// Where clinics are asked for.
#[derive(Clone)]
pub(crate) struct Clinics {
    identity: IdentityServiceClient<Client>,
    outbound: Outbound,
    cache: Cache<OrgId, Arc<Clinic>>,
}

impl Clinics {
    pub(crate) fn new(identity: Client, outbound: Outbound, keep: Duration) -> Self {
        Self {
            identity: IdentityServiceClient::new(identity),
            outbound,
            cache: Cache::builder()
                .max_capacity(KEPT)
                .time_to_live(keep)
                .build(),
        }
    }

    pub(crate) async fn get(&self, tenant: &Tenant) -> Result<Arc<Clinic>, Problem> {
        if let Some(clinic) = self.cache.get(&tenant.org()).await {
            return Ok(clinic);
        }
        let tenant = tenant.clone().within(PATIENCE);
        let (name, account) = tokio::try_join!(self.name(&tenant), self.account(&tenant))?;
        let clinic = Arc::new(Clinic { name, account });
        // A clinic that connects its account should not wait for a cache to notice.
        if clinic.account.is_ok() {
            self.cache.insert(tenant.org(), Arc::clone(&clinic)).await;
        }
        Ok(clinic)
    }

    /// Asks again next time, because what is kept turned out to be of no use.
    pub(crate) async fn forget(&self, org: OrgId) {
        self.cache.invalidate(&org).await;
    }

    async fn name(&self, tenant: &Tenant) -> Result<String, Problem> {
        let request = self.outbound.request(tenant, GetOrgRequest {});
        let answer = self.identity.clone().get_org(request).await?.into_inner();
        Ok(answer.org.unwrap_or_default().name)
    }

    async fn account(&self, tenant: &Tenant) -> Result<Result<Account, &'static str>, Problem> {
        let provider = "twilio".to_owned();
        let request = self
            .outbound
            .request(tenant, OpenCredentialRequest { provider });
        match self.identity.clone().open_credential(request).await {
            Ok(answer) => Ok(Account::read(answer.into_inner())),
            Err(status) => match Problem::from(status) {
                none if none.kind == Kind::NotFound => Ok(Err("no Twilio account is connected")),
                problem => Err(problem),
            },
        }
    }
}
