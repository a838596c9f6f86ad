//! Members on the wire.

use voxanne_clock::to_proto;
use voxanne_proto::identity::v1 as proto;

use super::Shown;
use crate::page::Listed;

impl From<Shown> for proto::Member {
    fn from(member: Shown) -> Self {
        Self {
            id: member.user.to_string(),
            email: member.email.into_exposed(),
            role: member.role.as_str().to_owned(),
            joined_at: Some(to_proto(member.joined_at)),
        }
    }
}

impl From<Listed<Shown>> for proto::ListMembersResponse {
    fn from(listed: Listed<Shown>) -> Self {
        Self {
            members: listed.items.into_iter().map(Into::into).collect(),
            next_cursor: listed.next_cursor,
        }
    }
}
