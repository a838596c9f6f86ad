//! Invitations on the wire.

use voxanne_clock::to_proto;
use voxanne_problem::{Problem, Violations};
use voxanne_proto::identity::v1 as proto;
use voxanne_tenant::Role;

use super::{NewInvitation, Shown, accept::Joined};
use crate::{accounts::Email, page::Listed};

impl TryFrom<proto::InviteRequest> for NewInvitation {
    type Error = Problem;

    fn try_from(request: proto::InviteRequest) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let email = bad.take("email", "EMAIL", request.email.parse::<Email>());
        let role = bad.take("role", "ONE_OF", request.role.parse::<Role>());
        let both = email.zip(role);
        bad.finish(both.map(|(email, role)| Self { email, role }))
    }
}

impl From<Shown> for proto::Invitation {
    fn from(invitation: Shown) -> Self {
        Self {
            id: invitation.id.to_string(),
            email: invitation.email.into_exposed(),
            role: invitation.role.as_str().to_owned(),
            invited_at: Some(to_proto(invitation.invited_at)),
            expires_at: Some(to_proto(invitation.expires_at)),
        }
    }
}

impl From<Listed<Shown>> for proto::ListInvitationsResponse {
    fn from(listed: Listed<Shown>) -> Self {
        Self {
            invitations: listed.items.into_iter().map(Into::into).collect(),
            next_cursor: listed.next_cursor,
        }
    }
}

macro_rules! joined {
    ($($answer:ident),*) => {$(
        impl From<Joined> for proto::$answer {
            fn from(joined: Joined) -> Self {
                Self {
                    org: Some(joined.org.into()),
                    role: joined.role.as_str().to_owned(),
                }
            }
        }
    )*};
}

joined!(AcceptInvitationResponse, JoinResponse);
