//! Invitations on the wire: decode, do, encode.

use tonic::{Request, Response, Status, async_trait};
use voxanne_proto::identity::v1::{
    AcceptInvitationRequest, AcceptInvitationResponse, InviteRequest, InviteResponse, JoinRequest,
    JoinResponse, ListInvitationsRequest, ListInvitationsResponse, RevokeInvitationRequest,
    RevokeInvitationResponse, invitation_service_server::InvitationService,
};
use voxanne_tenant::{System, Tenant};

use crate::{Error, Identity, callers, page::Page};

#[async_trait]
impl InvitationService for Identity {
    async fn invite(
        &self,
        request: Request<InviteRequest>,
    ) -> Result<Response<InviteResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let new = request.into_inner().try_into()?;
        let invitation = Self::invite(self, &tenant, new).await?;
        Ok(Response::new(InviteResponse {
            invitation: Some(invitation.into()),
        }))
    }

    async fn list_invitations(
        &self,
        request: Request<ListInvitationsRequest>,
    ) -> Result<Response<ListInvitationsResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let ListInvitationsRequest { limit, cursor } = request.into_inner();
        let page = Page::of(limit, &cursor)?;
        let listed = Self::list_invitations(self, &tenant, page).await?;
        Ok(Response::new(listed.into()))
    }

    async fn revoke_invitation(
        &self,
        request: Request<RevokeInvitationRequest>,
    ) -> Result<Response<RevokeInvitationResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let id = request.into_inner().id.parse();
        let id = id.map_err(|_invalid| Error::NoInvitation)?;
        Self::revoke_invitation(self, &tenant, id).await?;
        Ok(Response::new(RevokeInvitationResponse {}))
    }

    async fn accept_invitation(
        &self,
        request: Request<AcceptInvitationRequest>,
    ) -> Result<Response<AcceptInvitationResponse>, Status> {
        System::of(&request)?;
        let AcceptInvitationRequest { token, password } = request.into_inner();
        let joined = Self::accept_invitation(self, &token.into(), password.into()).await?;
        Ok(Response::new(joined.into()))
    }

    async fn join(&self, request: Request<JoinRequest>) -> Result<Response<JoinResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let caller = callers::signed_in(&tenant)?;
        let token = request.into_inner().token.into();
        let joined = self.join_invited(&tenant, caller, &token).await?;
        Ok(Response::new(joined.into()))
    }
}
