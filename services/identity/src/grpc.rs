//! The service on the wire: decode, do, encode.

mod account;
mod api_keys;
mod audit;
mod credentials;
mod invitations;
mod members;
mod refusals;
mod sessions;

use tonic::{Request, Response, Status, async_trait};
use voxanne_problem::Problem;
use voxanne_proto::identity::v1::{
    DeleteCredentialRequest, DeleteCredentialResponse, FindWebhookSecretsRequest,
    FindWebhookSecretsResponse, GetCredentialRequest, GetCredentialResponse, GetJwksRequest,
    GetJwksResponse, GetOrgRequest, GetOrgResponse, GetSessionRequest, GetSessionResponse,
    LoginRequest, LoginResponse, LogoutRequest, LogoutResponse, OpenCredentialRequest,
    OpenCredentialResponse, PutCredentialRequest, PutCredentialResponse, RefreshRequest,
    RefreshResponse, SignUpRequest, SignUpResponse, identity_service_server::IdentityService,
};
use voxanne_tenant::{System, Tenant};

use crate::{
    Error, Identity,
    accounts::login::Claim,
    callers,
    credentials::wire::{missing, webhook_secret},
    sessions::refresh_token::RefreshToken,
};

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        Problem::from(error).into()
    }
}

#[async_trait]
impl IdentityService for Identity {
    async fn sign_up(
        &self,
        request: Request<SignUpRequest>,
    ) -> Result<Response<SignUpResponse>, Status> {
        System::of(&request)?;
        let new = request.into_inner().try_into()?;
        let signed_in = Self::sign_up(self, new).await?;
        Ok(Response::new(signed_in.into()))
    }

    async fn login(
        &self,
        request: Request<LoginRequest>,
    ) -> Result<Response<LoginResponse>, Status> {
        let system = System::of(&request)?;
        let LoginRequest {
            email,
            password,
            device,
        } = request.into_inner();
        let claim = Claim {
            email: email.parse().ok(),
            password: password.into(),
        };
        let logged_in = Self::login(self, &system, claim, &device.into()).await?;
        Ok(Response::new(logged_in.into()))
    }

    async fn refresh(
        &self,
        request: Request<RefreshRequest>,
    ) -> Result<Response<RefreshResponse>, Status> {
        System::of(&request)?;
        let text = request.into_inner().refresh_token.into();
        let token = RefreshToken::parse(&text).ok_or(Error::InvalidRefreshToken)?;
        let signed_in = Self::refresh(self, token).await?;
        Ok(Response::new(signed_in.into()))
    }

    async fn logout(
        &self,
        request: Request<LogoutRequest>,
    ) -> Result<Response<LogoutResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let (_user, session) = callers::signed_in(&tenant)?;
        Self::logout(self, &tenant, session).await?;
        Ok(Response::new(LogoutResponse {}))
    }

    async fn get_session(
        &self,
        request: Request<GetSessionRequest>,
    ) -> Result<Response<GetSessionResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let (user, session) = callers::signed_in(&tenant)?;
        let member = self.show_session(&tenant, user, session).await?;
        Ok(Response::new(member.into()))
    }

    async fn get_jwks(
        &self,
        request: Request<GetJwksRequest>,
    ) -> Result<Response<GetJwksResponse>, Status> {
        System::of(&request)?;
        Ok(Response::new(GetJwksResponse {
            jwks: self.signing.jwks(),
        }))
    }

    async fn get_org(
        &self,
        request: Request<GetOrgRequest>,
    ) -> Result<Response<GetOrgResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let org = self.show_org(&tenant).await?;
        Ok(Response::new(GetOrgResponse {
            org: Some(org.into()),
        }))
    }

    async fn put_credential(
        &self,
        request: Request<PutCredentialRequest>,
    ) -> Result<Response<PutCredentialResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let new = request.into_inner().try_into()?;
        let credential = Self::put_credential(self, &tenant, new).await?;
        Ok(Response::new(PutCredentialResponse {
            credential: Some(credential.into()),
        }))
    }

    async fn get_credential(
        &self,
        request: Request<GetCredentialRequest>,
    ) -> Result<Response<GetCredentialResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let provider = request.into_inner().provider.parse()?;
        let credential = self.show_credential(&tenant, provider).await?;
        let shown = credential.map_or_else(|| missing(provider), Into::into);
        Ok(Response::new(GetCredentialResponse {
            credential: Some(shown),
        }))
    }

    async fn delete_credential(
        &self,
        request: Request<DeleteCredentialRequest>,
    ) -> Result<Response<DeleteCredentialResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let provider = request.into_inner().provider.parse()?;
        Self::delete_credential(self, &tenant, provider).await?;
        Ok(Response::new(DeleteCredentialResponse {}))
    }

    async fn open_credential(
        &self,
        request: Request<OpenCredentialRequest>,
    ) -> Result<Response<OpenCredentialResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let provider = request.into_inner().provider.parse()?;
        let opened = Self::open_credential(self, &tenant, provider).await?;
        Ok(Response::new(opened.into()))
    }

    async fn find_webhook_secrets(
        &self,
        request: Request<FindWebhookSecretsRequest>,
    ) -> Result<Response<FindWebhookSecretsResponse>, Status> {
        let system = System::of(&request)?;
        let FindWebhookSecretsRequest {
            provider,
            external_id,
        } = request.into_inner();
        let found = self
            .webhook_secrets(&system, provider.parse()?, &external_id)
            .await?;
        let secrets = found.into_iter().map(webhook_secret).collect();
        Ok(Response::new(FindWebhookSecretsResponse { secrets }))
    }
}
