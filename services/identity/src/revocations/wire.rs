//! The feed on the wire.

use voxanne_proto::identity::v1::{Revocation as Told, revocation::Ended as What};

use super::{Ended, Revocation};

impl From<Revocation> for Told {
    fn from(revocation: Revocation) -> Self {
        let ended = match revocation.what {
            Ended::Session(session) => What::SessionId(session.to_string()),
            Ended::Key(key) => What::KeyId(key.to_string()),
        };
        Self {
            org_id: revocation.org.to_string(),
            ended: Some(ended),
        }
    }
}
