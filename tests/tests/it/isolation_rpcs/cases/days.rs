//! Rooms, and the days and times that differ from the weeks.

use voxanne_proto::booking::v1::{
    CreateBlockRequest, CreateExceptionRequest, CreateRoomRequest, DeleteBlockRequest,
    DeleteExceptionRequest, DeleteRoomRequest, GetRoomRequest, ListBlocksRequest,
    ListExceptionsRequest, ListRoomsRequest, UpdateRoomRequest,
};

use super::{Case, Of, Who};

const OF: Of = Of("booking.v1.DayService", Who::Owner);

pub(super) fn cases() -> Vec<Case> {
    let mut cases = what_names_nothing();
    cases.extend(what_builds_on_one());
    cases.extend(what_is_about_one());
    cases
}

fn what_names_nothing() -> Vec<Case> {
    vec![
        OF.nothing("ListRooms", ListRoomsRequest::default()),
        OF.nothing("ListExceptions", ListExceptionsRequest::default()),
        OF.nothing("ListBlocks", ListBlocksRequest::default()),
    ]
}

fn what_builds_on_one() -> Vec<Case> {
    let time = |second| {
        Some(prost_types::Timestamp {
            seconds: second,
            nanos: 0,
        })
    };
    vec![
        OF.id(
            "CreateRoom",
            |it| &it.location,
            |_, id| CreateRoomRequest {
                name: "Lab".into(),
                location_id: id.into(),
                kind: "laboratory".into(),
            },
        ),
        OF.id(
            "CreateException",
            |it| &it.provider,
            |_, id| CreateExceptionRequest {
                provider_id: id.into(),
                date: "2099-12-24".into(),
                kind: "closed".into(),
                ..Default::default()
            },
        ),
        OF.id(
            "CreateBlock",
            |it| &it.room,
            move |_, id| CreateBlockRequest {
                room_id: id.into(),
                starts_at: time(4_000_000_000),
                ends_at: time(4_000_003_600),
                ..Default::default()
            },
        ),
    ]
}

fn what_is_about_one() -> Vec<Case> {
    vec![
        OF.id(
            "GetRoom",
            |it| &it.room,
            |_, id| GetRoomRequest { id: id.into() },
        ),
        OF.id(
            "UpdateRoom",
            |it| &it.room,
            |_, id| UpdateRoomRequest {
                id: id.into(),
                name: Some("Renamed".into()),
                ..Default::default()
            },
        ),
        OF.id(
            "DeleteRoom",
            |it| &it.room,
            |_, id| DeleteRoomRequest { id: id.into() },
        ),
        OF.id(
            "DeleteException",
            |it| &it.exception,
            |_, id| DeleteExceptionRequest { id: id.into() },
        ),
        OF.id(
            "DeleteBlock",
            |it| &it.block,
            |_, id| DeleteBlockRequest { id: id.into() },
        ),
    ]
}
