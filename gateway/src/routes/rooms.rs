//! Rooms and devices.

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use voxanne_proto::booking::v1 as proto;

use super::{
    id::Id,
    list::{List, Paging},
    part::promised,
};
use crate::{
    App,
    auth::Member,
    body::{Body, Form, Parameters},
    reply::Refusal,
};

/// A room or a device that visits may need.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Room {
    id: String,
    name: String,
    location_id: String,
    /// What a service asks for, in lower case.
    kind: String,
    /// An inactive room is not given away.
    active: bool,
}

impl From<proto::Room> for Room {
    fn from(room: proto::Room) -> Self {
        Self {
            id: room.id,
            name: room.name,
            location_id: room.location_id,
            kind: room.kind,
            active: room.active,
        }
    }
}

/// A room to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewRoom {
    #[schema(min_length = 1, max_length = 120)]
    name: String,
    /// What a service asks for, such as `treatment` or `x-ray`.
    #[schema(min_length = 1, max_length = 60)]
    kind: String,
    /// The clinic's first location unless said.
    #[schema(format = "location-id")]
    location_id: Option<String>,
}

impl Form for NewRoom {}

/// What is to change of a room.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RoomChange {
    #[schema(min_length = 1, max_length = 120)]
    name: Option<String>,
    #[schema(min_length = 1, max_length = 60)]
    kind: Option<String>,
    active: Option<bool>,
}

impl Form for RoomChange {}

/// Lists the rooms.
#[utoipa::path(get, path = "/rooms", tag = "clinic", params(Paging),
    responses((status = 200, description = "A page of rooms", body = List<Room>)))]
pub(crate) async fn list(
    State(app): State<App>,
    Member(tenant): Member,
    Parameters(paging): Parameters<Paging>,
) -> Result<Json<List<Room>>, Refusal> {
    let (limit, cursor) = paging.parts();
    let days = &app.clients.days;
    let request = days.request(&tenant, proto::ListRoomsRequest { limit, cursor });
    let page = days.client().list_rooms(request).await?.into_inner();
    Ok(Json(List::new(page.rooms, page.next_cursor)))
}

/// Adds a room.
#[utoipa::path(post, path = "/rooms", tag = "clinic", request_body = NewRoom, responses(
    (status = 201, description = "The room", body = Room),
    (status = 404, description = "LOCATION_NOT_FOUND")))]
pub(crate) async fn create(
    State(app): State<App>,
    Member(tenant): Member,
    Body(new): Body<NewRoom>,
) -> Result<(StatusCode, Json<Room>), Refusal> {
    let days = &app.clients.days;
    let message = proto::CreateRoomRequest {
        name: new.name,
        location_id: new.location_id.unwrap_or_default(),
        kind: new.kind,
    };
    let request = days.request(&tenant, message);
    let answer = days.client().create_room(request).await?.into_inner();
    Ok((StatusCode::CREATED, Json(promised(answer.room)?.into())))
}

/// Shows a room.
#[utoipa::path(get, path = "/rooms/{id}", tag = "clinic",
    params(("id" = String, Path, description = "`room_…`")), responses(
    (status = 200, description = "The room", body = Room),
    (status = 404, description = "ROOM_NOT_FOUND")))]
pub(crate) async fn get(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
) -> Result<Json<Room>, Refusal> {
    let days = &app.clients.days;
    let request = days.request(&tenant, proto::GetRoomRequest { id });
    let answer = days.client().get_room(request).await?.into_inner();
    Ok(Json(promised(answer.room)?.into()))
}

/// Changes a room.
#[utoipa::path(patch, path = "/rooms/{id}", tag = "clinic", request_body = RoomChange,
    params(("id" = String, Path, description = "`room_…`")), responses(
    (status = 200, description = "The room", body = Room),
    (status = 404, description = "ROOM_NOT_FOUND")))]
pub(crate) async fn update(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
    Body(change): Body<RoomChange>,
) -> Result<Json<Room>, Refusal> {
    let days = &app.clients.days;
    let message = proto::UpdateRoomRequest {
        id,
        name: change.name,
        kind: change.kind,
        active: change.active,
    };
    let request = days.request(&tenant, message);
    let answer = days.client().update_room(request).await?.into_inner();
    Ok(Json(promised(answer.room)?.into()))
}

/// Deletes a room, or deactivates one that visits of the past were in.
#[utoipa::path(delete, path = "/rooms/{id}", tag = "clinic",
    params(("id" = String, Path, description = "`room_…`")), responses(
    (status = 204, description = "It is gone"),
    (status = 409, description = "ROOM_IN_USE"),
    (status = 404, description = "ROOM_NOT_FOUND")))]
pub(crate) async fn delete(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
) -> Result<StatusCode, Refusal> {
    let days = &app.clients.days;
    let request = days.request(&tenant, proto::DeleteRoomRequest { id });
    days.client().delete_room(request).await?;
    Ok(StatusCode::NO_CONTENT)
}
