//! Identity, as far as booking asks it: the vault of tokens.

use std::{
    collections::HashMap,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex},
};

use tonic::{Request, Response, Status, service::Routes};
use voxanne_clock::Clock;
use voxanne_ids::OrgId;
use voxanne_problem::Problem;
use voxanne_proto::identity::v1::{
    self as identity,
    identity_service_server::{IdentityService, IdentityServiceServer},
};
use voxanne_runtime::{Process, serve_grpc};
use voxanne_tenant::{Caller, Tenant};
use voxanne_testkit::{free_addr, keys};

type Kept = HashMap<(OrgId, String), identity::PutCredentialRequest>;

#[derive(Clone, Default)]
pub(crate) struct Vault(Arc<Mutex<Kept>>);

impl Vault {
    /// Names of the credentials that an organisation has.
    pub(crate) fn names(&self, org: OrgId) -> Vec<String> {
        let kept = self.0.lock().unwrap();
        let of_org = kept.keys().filter(|(owner, _)| *owner == org);
        of_org.map(|(_, name)| name.clone()).collect()
    }

    /// Puts something in the place of every secret that Google does not know.
    pub(crate) fn spoil(&self) {
        for credential in self.0.lock().unwrap().values_mut() {
            for secret in credential.secrets.values_mut() {
                "unknown".clone_into(secret);
            }
        }
    }

    pub(crate) async fn serve(&self, clock: Clock) -> SocketAddr {
        let (process, addr) = (Process::new("identity").with_clock(clock), free_addr());
        let routes = Routes::new(IdentityServiceServer::new(self.clone()));
        let listener = process.bind("gRPC", addr).await.unwrap();
        process.tasks.clone().spawn(async move {
            serve_grpc(&process, listener, keys(), routes)
                .await
                .unwrap();
        });
        addr
    }
}

type Answer<T> = Result<Response<T>, Status>;

/// Written as `async_trait` would: it does not look into macros.
macro_rules! not_asked {
    ($($rpc:ident: $request:ty => $answer:ty;)*) => {$(
        fn $rpc<'a, 'b>(
            &'a self,
            _: Request<$request>,
        ) -> Pin<Box<dyn Future<Output = Answer<$answer>> + Send + 'b>>
        where
            'a: 'b,
            Self: 'b,
        {
            Box::pin(async { Err(Status::unimplemented("this service does not ask it")) })
        }
    )*};
}

fn job<T>(request: &Request<T>) -> Result<OrgId, Problem> {
    let tenant = Tenant::of(request)?;
    assert!(matches!(tenant.caller(), Caller::Job(_)), "only a job may");
    Ok(tenant.org())
}

#[tonic::async_trait]
impl IdentityService for Vault {
    async fn put_credential(
        &self,
        request: Request<identity::PutCredentialRequest>,
    ) -> Answer<identity::PutCredentialResponse> {
        let key = (job(&request)?, request.get_ref().provider.clone());
        self.0.lock().unwrap().insert(key, request.into_inner());
        Ok(Response::new(Default::default()))
    }

    async fn open_credential(
        &self,
        request: Request<identity::OpenCredentialRequest>,
    ) -> Answer<identity::OpenCredentialResponse> {
        let key = (job(&request)?, request.into_inner().provider);
        let found = self.0.lock().unwrap().get(&key).cloned();
        let none = || Problem::not_found("CREDENTIAL_NOT_FOUND", "none is stored");
        let found = found.ok_or_else(none)?;
        Ok(Response::new(identity::OpenCredentialResponse {
            external_id: found.external_id,
            secrets: found.secrets,
            settings: found.settings,
            version: 1,
        }))
    }

    async fn delete_credential(
        &self,
        request: Request<identity::DeleteCredentialRequest>,
    ) -> Answer<identity::DeleteCredentialResponse> {
        let key = (job(&request)?, request.into_inner().provider);
        self.0.lock().unwrap().remove(&key);
        Ok(Response::new(Default::default()))
    }

    not_asked! {
        sign_up: identity::SignUpRequest => identity::SignUpResponse;
        login: identity::LoginRequest => identity::LoginResponse;
        refresh: identity::RefreshRequest => identity::RefreshResponse;
        logout: identity::LogoutRequest => identity::LogoutResponse;
        get_session: identity::GetSessionRequest => identity::GetSessionResponse;
        get_jwks: identity::GetJwksRequest => identity::GetJwksResponse;
        get_org: identity::GetOrgRequest => identity::GetOrgResponse;
        get_credential: identity::GetCredentialRequest => identity::GetCredentialResponse;
        find_webhook_secrets: identity::FindWebhookSecretsRequest => identity::FindWebhookSecretsResponse;
    }
}
