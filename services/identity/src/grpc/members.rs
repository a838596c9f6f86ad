//! Members on the wire.

use tonic::{Request, Response, Status, async_trait};
use voxanne_ids::UserId;
use voxanne_problem::{Problem, Violations};
use voxanne_proto::identity::v1::{
    ChangeRoleRequest, ChangeRoleResponse, ListMembersRequest, ListMembersResponse,
    RemoveMemberRequest, RemoveMemberResponse, member_service_server::MemberService,
};
use voxanne_tenant::{Role, Tenant};

use crate::{Error, Identity, page::Page};

#[async_trait]
impl MemberService for Identity {
    async fn list_members(
        &self,
        request: Request<ListMembersRequest>,
    ) -> Result<Response<ListMembersResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let ListMembersRequest { limit, cursor } = request.into_inner();
        let page = Page::of(limit, &cursor)?;
        let listed = Self::list_members(self, &tenant, page).await?;
        Ok(Response::new(listed.into()))
    }

    async fn change_role(
        &self,
        request: Request<ChangeRoleRequest>,
    ) -> Result<Response<ChangeRoleResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let ChangeRoleRequest { id, role } = request.into_inner();
        let role = read_role(&role)?;
        let member = Self::change_role(self, &tenant, user(&id)?, role).await?;
        Ok(Response::new(ChangeRoleResponse {
            member: Some(member.into()),
        }))
    }

    async fn remove_member(
        &self,
        request: Request<RemoveMemberRequest>,
    ) -> Result<Response<RemoveMemberResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let target = user(&request.into_inner().id)?;
        Self::remove_member(self, &tenant, target).await?;
        Ok(Response::new(RemoveMemberResponse {}))
    }
}

fn user(id: &str) -> Result<UserId, Error> {
    id.parse().map_err(|_unknown| Error::NoMember)
}

fn read_role(text: &str) -> Result<Role, Problem> {
    let mut bad = Violations::default();
    let role = bad.take("role", "ONE_OF", text.parse::<Role>());
    bad.finish(role)
}
