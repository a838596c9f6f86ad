//! Sessions on the wire.

use tonic::{Request, Response, Status, async_trait};
use voxanne_proto::identity::v1::{
    CheckSessionRequest, CheckSessionResponse, EndAllSessionsRequest, EndAllSessionsResponse,
    EndSessionRequest, EndSessionResponse, ListRevocationsRequest, ListRevocationsResponse,
    ListSessionsRequest, ListSessionsResponse, SwitchRequest, SwitchResponse,
    session_service_server::SessionService,
};
use voxanne_tenant::{System, Tenant};

use crate::{
    Error, Identity, callers,
    sessions::{refresh_token::RefreshToken, switch::Move},
};

#[async_trait]
impl SessionService for Identity {
    async fn list_revocations(
        &self,
        request: Request<ListRevocationsRequest>,
    ) -> Result<Response<ListRevocationsResponse>, Status> {
        System::of(&request)?;
        let after = request.into_inner().after;
        let (page, position) = Self::list_revocations(self, after).await?;
        Ok(Response::new(ListRevocationsResponse {
            revocations: page.into_iter().map(Into::into).collect(),
            position,
        }))
    }

    async fn check_session(
        &self,
        request: Request<CheckSessionRequest>,
    ) -> Result<Response<CheckSessionResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let (_user, session) = callers::signed_in(&tenant)?;
        Self::check_session(self, &tenant, session).await?;
        Ok(Response::new(CheckSessionResponse {}))
    }

    async fn list_sessions(
        &self,
        request: Request<ListSessionsRequest>,
    ) -> Result<Response<ListSessionsResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let caller = callers::signed_in(&tenant)?;
        let sessions = Self::list_sessions(self, &tenant, caller).await?;
        let sessions = sessions.into_iter().map(|shown| shown.told(caller.1));
        Ok(Response::new(ListSessionsResponse {
            sessions: sessions.collect(),
        }))
    }

    async fn end_session(
        &self,
        request: Request<EndSessionRequest>,
    ) -> Result<Response<EndSessionResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let caller = callers::signed_in(&tenant)?;
        let id = request.into_inner().id.parse();
        let session = id.map_err(|_unknown| Error::NoSession)?;
        Self::end_session(self, &tenant, caller, session).await?;
        Ok(Response::new(EndSessionResponse {}))
    }

    async fn end_all_sessions(
        &self,
        request: Request<EndAllSessionsRequest>,
    ) -> Result<Response<EndAllSessionsResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let (user, session) = callers::signed_in(&tenant)?;
        Self::end_all_sessions(self, &tenant, user, session).await?;
        Ok(Response::new(EndAllSessionsResponse {}))
    }

    async fn switch(
        &self,
        request: Request<SwitchRequest>,
    ) -> Result<Response<SwitchResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let caller = callers::signed_in(&tenant)?;
        let SwitchRequest {
            to,
            device,
            refresh_token,
        } = request.into_inner();
        let moving = Move {
            to: to.parse().map_err(|_unknown| Error::NoOrg)?,
            token: RefreshToken::parse(&refresh_token.into()),
        };
        let signed_in = Self::switch(self, &tenant, caller, moving, &device.into()).await?;
        Ok(Response::new(signed_in.into()))
    }
}
