//! The rpcs of `DayService`.

use voxanne_proto::booking::v1 as proto;

use super::Fence;
use crate::desk::{TEN, proto_at};

pub(super) async fn rpcs(fence: &mut Fence) {
    rooms(fence).await;
    exceptions(fence).await;
    blocks(fence).await;
}

async fn rooms(fence: &mut Fence) {
    let theirs = fence
        .desk
        .room(&fence.acme.tenant, "One", "treatment")
        .await;
    let location = fence.acme.location.clone();
    same_as_unknown!(fence, days.create_room, location, |id| {
        proto::CreateRoomRequest {
            name: "X".into(),
            location_id: id.clone(),
            kind: "treatment".into(),
        }
    });
    same_as_unknown!(fence, days.get_room, theirs.id.clone(), |id| {
        proto::GetRoomRequest { id: id.clone() }
    });
    same_as_unknown!(fence, days.update_room, theirs.id.clone(), |id| {
        proto::UpdateRoomRequest {
            id: id.clone(),
            active: Some(false),
            ..Default::default()
        }
    });
    same_as_unknown!(fence, days.delete_room, theirs.id.clone(), |id| {
        proto::DeleteRoomRequest { id: id.clone() }
    });
    sees!(fence, globex, days.list_rooms, rooms, 0);
    sees!(fence, acme, days.list_rooms, rooms, 1);
    let time = proto::CreateBlockRequest {
        starts_at: proto_at(TEN),
        ends_at: proto_at("2026-12-02T11:00:00Z"),
        ..Default::default()
    };
    same_as_unknown!(fence, days.create_block, theirs.id, |id| {
        proto::CreateBlockRequest {
            room_id: id.clone(),
            ..time.clone()
        }
    });
}

async fn exceptions(fence: &mut Fence) {
    let closed = proto::CreateExceptionRequest {
        date: "2026-12-24".into(),
        kind: "closed".into(),
        ..Default::default()
    };
    let (desk, acme) = (&fence.desk, &fence.acme.tenant);
    let theirs = desk.exception(acme, closed.clone()).await.unwrap();
    let own = desk.exception(&fence.globex.tenant, closed.clone()).await;
    own.expect("another clinic's day is no second one");
    let provider = fence.acme.provider.clone();
    same_as_unknown!(fence, days.create_exception, provider, |id| {
        proto::CreateExceptionRequest {
            provider_id: id.clone(),
            ..closed.clone()
        }
    });
    same_as_unknown!(fence, days.delete_exception, theirs.id, |id| {
        proto::DeleteExceptionRequest { id: id.clone() }
    });
    sees!(fence, globex, days.list_exceptions, exceptions, 1);
    sees!(fence, acme, days.list_exceptions, exceptions, 1);
}

async fn blocks(fence: &mut Fence) {
    let time = proto::CreateBlockRequest {
        provider_id: fence.acme.provider.clone(),
        starts_at: proto_at(TEN),
        ends_at: proto_at("2026-12-02T11:00:00Z"),
        ..Default::default()
    };
    let theirs = fence.desk.block(&fence.acme.tenant, time.clone()).await;
    let provider = fence.acme.provider.clone();
    same_as_unknown!(fence, days.create_block, provider, |id| {
        proto::CreateBlockRequest {
            provider_id: id.clone(),
            ..time.clone()
        }
    });
    same_as_unknown!(fence, days.delete_block, theirs.unwrap().id, |id| {
        proto::DeleteBlockRequest { id: id.clone() }
    });
    sees!(fence, globex, days.list_blocks, blocks, 0);
    sees!(fence, acme, days.list_blocks, blocks, 1);
}
