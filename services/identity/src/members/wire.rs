//! Members on the wire.

use voxanne_clock::to_proto;
use voxanne_proto::identity::v1 as proto;

use super::Shown;

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
