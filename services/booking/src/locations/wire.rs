//! Locations on the wire.

use voxanne_problem::{Problem, Violations};
use voxanne_proto::booking::v1 as proto;

use super::{Changes, Location, NewLocation};
use crate::{fields::changed, page::Listed};

impl TryFrom<proto::CreateLocationRequest> for NewLocation {
    type Error = Problem;

    fn try_from(request: proto::CreateLocationRequest) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let name = bad.take("name", "NAME", request.name.parse());
        let time_zone = bad.take("timeZone", "TIME_ZONE", request.time_zone.parse());
        let new = (|| {
            Some(Self {
                name: name?,
                time_zone: time_zone?,
            })
        })();
        bad.finish(new)
    }
}

impl TryFrom<&proto::UpdateLocationRequest> for Changes {
    type Error = Problem;

    fn try_from(request: &proto::UpdateLocationRequest) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let name = changed(&mut bad, "name", "NAME", request.name.as_ref());
        let time_zone = changed(
            &mut bad,
            "timeZone",
            "TIME_ZONE",
            request.time_zone.as_ref(),
        );
        let changes = (|| {
            Some(Self {
                name: name?,
                time_zone: time_zone?,
                active: request.active,
            })
        })();
        bad.finish(changes)
    }
}

impl From<Location> for proto::Location {
    fn from(location: Location) -> Self {
        Self {
            id: location.id.to_string(),
            name: location.name,
            time_zone: location.time_zone,
            active: location.active,
        }
    }
}

impl From<Listed<Location>> for proto::ListLocationsResponse {
    fn from(listed: Listed<Location>) -> Self {
        Self {
            locations: listed.items.into_iter().map(Into::into).collect(),
            next_cursor: listed.next_cursor,
        }
    }
}
