//! Times at which a provider or a room cannot be booked.

use axum::{Json, extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use voxanne_privacy::Private;
use voxanne_proto::booking::v1 as proto;

use super::{
    id::Id,
    list::{List, Paging},
    moment,
    part::{promised, told},
};
use crate::{
    App,
    auth::Member,
    body::{Body, Form, Parameters},
    reply::Refusal,
};

/// A time at which a provider or a room cannot be booked.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Block {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    room_id: Option<String>,
    starts_at: String,
    ends_at: String,
    #[schema(value_type = String)]
    reason: Private<String>,
}

impl From<proto::Block> for Block {
    fn from(block: proto::Block) -> Self {
        Self {
            id: block.id,
            provider_id: told(block.provider_id),
            room_id: told(block.room_id),
            starts_at: moment::written(block.starts_at),
            ends_at: moment::written(block.ends_at),
            reason: block.reason.into(),
        }
    }
}

/// A time to block, of a provider or a room. What is booked already stays.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewBlock {
    #[schema(format = "provider-id")]
    provider_id: Option<String>,
    #[schema(format = "room-id")]
    room_id: Option<String>,
    #[schema(value_type = String, format = "date-time")]
    starts_at: Timestamp,
    /// At most 366 days later.
    #[schema(value_type = String, format = "date-time")]
    ends_at: Timestamp,
    /// For staff.
    #[schema(value_type = Option<String>, max_length = 200)]
    reason: Option<Private<String>>,
}

impl Form for NewBlock {}

/// Lists the blocks.
#[utoipa::path(get, path = "/blocks", tag = "clinic", params(Paging),
    responses((status = 200, description = "A page of blocks", body = List<Block>)))]
pub(crate) async fn list(
    State(app): State<App>,
    Member(tenant): Member,
    Parameters(paging): Parameters<Paging>,
) -> Result<Json<List<Block>>, Refusal> {
    let (limit, cursor) = paging.parts();
    let days = &app.clients.days;
    let request = days.request(&tenant, proto::ListBlocksRequest { limit, cursor });
    let page = days.client().list_blocks(request).await?.into_inner();
    Ok(Json(List::new(page.blocks, page.next_cursor)))
}

/// Blocks a time.
#[utoipa::path(post, path = "/blocks", tag = "clinic", request_body = NewBlock, responses(
    (status = 201, description = "The block", body = Block),
    (status = 404, description = "PROVIDER_NOT_FOUND, ROOM_NOT_FOUND")))]
pub(crate) async fn create(
    State(app): State<App>,
    Member(tenant): Member,
    Body(new): Body<NewBlock>,
) -> Result<(StatusCode, Json<Block>), Refusal> {
    let message = proto::CreateBlockRequest {
        provider_id: new.provider_id.unwrap_or_default(),
        room_id: new.room_id.unwrap_or_default(),
        starts_at: moment::to_proto(Some(new.starts_at)),
        ends_at: moment::to_proto(Some(new.ends_at)),
        reason: new.reason.map(Private::into_exposed).unwrap_or_default(),
    };
    let days = &app.clients.days;
    let request = days.request(&tenant, message);
    let answer = days.client().create_block(request).await?.into_inner();
    Ok((StatusCode::CREATED, Json(promised(answer.block)?.into())))
}

/// Gives a blocked time back.
#[utoipa::path(delete, path = "/blocks/{id}", tag = "clinic",
    params(("id" = String, Path, description = "`blk_…`")), responses(
    (status = 204, description = "It is gone"),
    (status = 404, description = "BLOCK_NOT_FOUND")))]
pub(crate) async fn delete(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
) -> Result<StatusCode, Refusal> {
    let days = &app.clients.days;
    let request = days.request(&tenant, proto::DeleteBlockRequest { id });
    days.client().delete_block(request).await?;
    Ok(StatusCode::NO_CONTENT)
}
