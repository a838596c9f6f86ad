//! Who is asked to join, and who joins.

use voxanne_proto::identity::v1::{
    InviteRequest, JoinRequest, ListInvitationsRequest, RevokeInvitationRequest,
};

use super::{Case, Of, Who};

pub(super) fn cases() -> Vec<Case> {
    let of = Of("identity.v1.InvitationService", Who::Owner);
    vec![
        of.nothing(
            "Invite",
            InviteRequest {
                email: "somebody@elsewhere.example".to_owned(),
                role: "staff".to_owned(),
            },
        ),
        of.nothing(
            "ListInvitations",
            ListInvitationsRequest {
                limit: 0,
                cursor: String::new(),
            },
        ),
        of.id(
            "RevokeInvitation",
            |it| &it.invitation,
            |_, id| RevokeInvitationRequest { id: id.into() },
        ),
        of.system("AcceptInvitation"),
        of.session("Join", JoinRequest::default()),
    ]
}
