//! API keys on the wire.

use jiff::Timestamp;
use voxanne_clock::{from_proto, to_proto};
use voxanne_problem::{Problem, Violations};
use voxanne_proto::identity::v1 as proto;

use super::{Shown, Wanted, find::Found};
use crate::page::Listed;

impl TryFrom<proto::CreateApiKeyRequest> for Wanted {
    type Error = Problem;

    fn try_from(request: proto::CreateApiKeyRequest) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let expires_at = request.expires_at.as_ref().map(from_proto).transpose();
        let expires_at = bad.take("expiresAt", "TIME", expires_at);
        bad.finish(expires_at.map(|expires_at| Self {
            name: request.name,
            scopes: request.scopes,
            expires_at,
        }))
    }
}

impl Shown {
    pub(crate) fn into_proto(self, now: Timestamp) -> proto::ApiKey {
        proto::ApiKey {
            id: self.id.to_string(),
            name: self.name,
            last_four: self.last_four,
            scopes: self.scopes.iter().map(|one| one.to_string()).collect(),
            created_at: Some(to_proto(self.created_at)),
            created_by: Some(proto::ApiKeyMaker {
                id: self.created_by.user.to_string(),
                is_member: self.created_by.email.is_some(),
                email: self
                    .created_by
                    .email
                    .map(|email| email.expose().clone())
                    .unwrap_or_default(),
            }),
            expires_at: self.life.expires_at.map(to_proto),
            last_used_at: self.last_used_at.map(to_proto),
            revoked_at: self.life.revoked_at.map(to_proto),
            status: self.life.at(now).as_str().to_owned(),
        }
    }
}

pub(crate) fn listed(listed: Listed<Shown>, now: Timestamp) -> proto::ListApiKeysResponse {
    let keys = listed.items.into_iter();
    proto::ListApiKeysResponse {
        keys: keys.map(|key| key.into_proto(now)).collect(),
        next_cursor: listed.next_cursor,
    }
}

impl From<Found> for proto::FindApiKeyResponse {
    fn from(found: Found) -> Self {
        Self {
            id: found.id.to_string(),
            org_id: found.org.to_string(),
            scopes: found.scopes.iter().map(|one| one.to_string()).collect(),
            expires_at: found.expires_at().map(to_proto),
        }
    }
}
