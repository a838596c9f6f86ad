//! Providers on the wire.

use voxanne_problem::{Problem, Violations};
use voxanne_proto::booking::v1 as proto;

use super::{Changes, NewProvider, Provider};
use crate::{
    fields::{changed, optional_id},
    page::Listed,
};

impl TryFrom<proto::CreateProviderRequest> for NewProvider {
    type Error = Problem;

    fn try_from(request: proto::CreateProviderRequest) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let name = bad.take("name", "NAME", request.name.parse());
        let location = optional_id(&mut bad, "locationId", &request.location_id);
        let new = (|| {
            Some(Self {
                name: name?,
                location: location?,
            })
        })();
        bad.finish(new)
    }
}

impl TryFrom<&proto::UpdateProviderRequest> for Changes {
    type Error = Problem;

    fn try_from(request: &proto::UpdateProviderRequest) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let name = changed(&mut bad, "name", "NAME", request.name.as_ref());
        let location = changed(&mut bad, "locationId", "ID", request.location_id.as_ref());
        let changes = (|| {
            Some(Self {
                name: name?,
                location: location?,
                active: request.active,
            })
        })();
        bad.finish(changes)
    }
}

impl From<Provider> for proto::Provider {
    fn from(provider: Provider) -> Self {
        Self {
            id: provider.id.to_string(),
            name: provider.name,
            location_id: provider.location_id.to_string(),
            active: provider.active,
        }
    }
}

impl From<Listed<Provider>> for proto::ListProvidersResponse {
    fn from(listed: Listed<Provider>) -> Self {
        Self {
            providers: listed.items.into_iter().map(Into::into).collect(),
            next_cursor: listed.next_cursor,
        }
    }
}
