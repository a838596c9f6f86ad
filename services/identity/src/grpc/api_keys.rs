//! API keys on the wire: decode, do, encode.

use secrecy::ExposeSecret as _;
use tonic::{Request, Response, Status, async_trait};
use voxanne_proto::identity::v1::{
    CreateApiKeyRequest, CreateApiKeyResponse, FindApiKeyRequest, FindApiKeyResponse,
    ListApiKeysRequest, ListApiKeysResponse, RevokeApiKeyRequest, RevokeApiKeyResponse,
    api_key_service_server::ApiKeyService,
};
use voxanne_tenant::{System, Tenant};

use crate::{
    Error, Identity,
    api_keys::{NewKey, wire::listed},
    callers,
    page::Page,
};

#[async_trait]
impl ApiKeyService for Identity {
    async fn create_api_key(
        &self,
        request: Request<CreateApiKeyRequest>,
    ) -> Result<Response<CreateApiKeyResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let wanted = request.into_inner().try_into()?;
        let now = self.clock.now();
        let new = NewKey::check(wanted, callers::permissions(&tenant), now)?;
        let (key, secret) = Self::create_api_key(self, &tenant, new).await?;
        Ok(Response::new(CreateApiKeyResponse {
            key: Some(key.into_proto(now)),
            secret: secret.expose_secret().to_owned(),
        }))
    }

    async fn list_api_keys(
        &self,
        request: Request<ListApiKeysRequest>,
    ) -> Result<Response<ListApiKeysResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let ListApiKeysRequest { limit, cursor } = request.into_inner();
        let page = Page::of(limit, &cursor)?;
        let keys = Self::list_api_keys(self, &tenant, page).await?;
        Ok(Response::new(listed(keys, self.clock.now())))
    }

    async fn revoke_api_key(
        &self,
        request: Request<RevokeApiKeyRequest>,
    ) -> Result<Response<RevokeApiKeyResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let id = request.into_inner().id.parse();
        let id = id.map_err(|_invalid| Error::NoApiKey)?;
        Self::revoke_api_key(self, &tenant, id).await?;
        Ok(Response::new(RevokeApiKeyResponse {}))
    }

    async fn find_api_key(
        &self,
        request: Request<FindApiKeyRequest>,
    ) -> Result<Response<FindApiKeyResponse>, Status> {
        let system = System::of(&request)?;
        let hash = request.into_inner().hash;
        let found = Self::find_api_key(self, &system, &hash).await?;
        Ok(Response::new(found.into()))
    }
}
