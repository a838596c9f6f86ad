//! Rooms on the wire.

use voxanne_problem::{Problem, Violations};
use voxanne_proto::booking::v1 as proto;

use super::{Changes, NewRoom, Room};
use crate::{
    fields::{changed, optional_id},
    page::Listed,
};

impl TryFrom<proto::CreateRoomRequest> for NewRoom {
    type Error = Problem;

    fn try_from(request: proto::CreateRoomRequest) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let name = bad.take("name", "NAME", request.name.parse());
        let location = optional_id(&mut bad, "locationId", &request.location_id);
        let kind = bad.take("kind", "KIND", request.kind.parse());
        let new = (|| {
            Some(Self {
                name: name?,
                location: location?,
                kind: kind?,
            })
        })();
        bad.finish(new)
    }
}

impl TryFrom<&proto::UpdateRoomRequest> for Changes {
    type Error = Problem;

    fn try_from(request: &proto::UpdateRoomRequest) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let name = changed(&mut bad, "name", "NAME", request.name.as_ref());
        let kind = changed(&mut bad, "kind", "KIND", request.kind.as_ref());
        let changes = (|| {
            Some(Self {
                name: name?,
                kind: kind?,
                active: request.active,
            })
        })();
        bad.finish(changes)
    }
}

impl From<Room> for proto::Room {
    fn from(room: Room) -> Self {
        Self {
            id: room.id.to_string(),
            name: room.name,
            location_id: room.location_id.to_string(),
            kind: room.kind,
            active: room.active,
        }
    }
}

impl From<Listed<Room>> for proto::ListRoomsResponse {
    fn from(listed: Listed<Room>) -> Self {
        Self {
            rooms: listed.items.into_iter().map(Into::into).collect(),
            next_cursor: listed.next_cursor,
        }
    }
}
