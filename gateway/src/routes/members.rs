//! Who belongs to a clinic.

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use voxanne_proto::identity::v1 as proto;

use super::{
    id::Id,
    list::{List, Paging},
    moment,
    part::promised,
};
use crate::{
    App, auth,
    body::{Body, Form, Parameters},
    reply::Refusal,
};

/// A user in the clinic.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Member {
    /// The user's.
    id: String,
    email: String,
    /// owner, admin, staff, provider or auditor.
    role: String,
    /// RFC 3339, UTC.
    joined_at: String,
}

impl From<proto::Member> for Member {
    fn from(member: proto::Member) -> Self {
        Self {
            id: member.id,
            email: member.email,
            role: member.role,
            joined_at: moment::written(member.joined_at),
        }
    }
}

/// What is to change of a member.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct MemberChange {
    /// owner, admin, staff, provider or auditor.
    #[schema(min_length = 1, max_length = 20)]
    role: String,
}

impl Form for MemberChange {}

/// Lists the members.
#[utoipa::path(get, path = "/members", tag = "members",
    params(Paging), responses((status = 200, description = "A page of members", body = List<Member>)))]
pub(crate) async fn list(
    State(app): State<App>,
    auth::Member(tenant): auth::Member,
    Parameters(paging): Parameters<Paging>,
) -> Result<Json<List<Member>>, Refusal> {
    let (limit, cursor) = paging.parts();
    let members = &app.clients.members;
    let request = members.request(&tenant, proto::ListMembersRequest { limit, cursor });
    let page = members.client().list_members(request).await?.into_inner();
    Ok(Json(List::new(page.members, page.next_cursor)))
}

/// Gives a member another role; their sessions in this clinic end.
#[utoipa::path(patch, path = "/members/{id}", tag = "members",
    request_body = MemberChange, params(("id" = String, Path, description = "`usr_…`")), responses(
    (status = 200, description = "The member", body = Member),
    (status = 404, description = "MEMBER_NOT_FOUND"),
    (status = 409, description = "LAST_OWNER")))]
pub(crate) async fn update(
    State(app): State<App>,
    auth::Member(tenant): auth::Member,
    Id(id): Id,
    Body(change): Body<MemberChange>,
) -> Result<Json<Member>, Refusal> {
    let members = &app.clients.members;
    let message = proto::ChangeRoleRequest {
        id,
        role: change.role,
    };
    let request = members.request(&tenant, message);
    let answer = members.client().change_role(request).await?.into_inner();
    Ok(Json(promised(answer.member)?.into()))
}

/// Removes a member, whose sessions in this clinic end; anybody may leave.
#[utoipa::path(delete, path = "/members/{id}", tag = "members",
    params(("id" = String, Path, description = "`usr_…`")), responses(
    (status = 204, description = "They are no member any more"),
    (status = 404, description = "MEMBER_NOT_FOUND"),
    (status = 409, description = "LAST_OWNER")))]
pub(crate) async fn remove(
    State(app): State<App>,
    auth::Member(tenant): auth::Member,
    Id(id): Id,
) -> Result<StatusCode, Refusal> {
    let members = &app.clients.members;
    let request = members.request(&tenant, proto::RemoveMemberRequest { id });
    members.client().remove_member(request).await?;
    Ok(StatusCode::NO_CONTENT)
}
