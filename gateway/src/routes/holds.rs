//! `/api/org/{orgId}/holds`

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use voxanne_proto::booking::v1 as proto;

use super::{id::Id, moment, part::promised};
use crate::{
    App,
    auth::Member,
    body::{Body, Form},
    reply::Refusal,
};

/// A slot that is kept for a while.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Hold {
    id: String,
    starts_at: String,
    ends_at: String,
    /// Civil time at the location, e.g. `2026-12-01T09:00`.
    local_time: String,
    /// IANA name.
    time_zone: String,
    provider_id: String,
    service_id: String,
    /// When it ends unless it is booked.
    expires_at: String,
}

/// A slot to hold.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewHold {
    /// As `GET …/slots` gave it.
    slot_id: String,
}

impl Form for NewHold {}

impl From<proto::Hold> for Hold {
    fn from(hold: proto::Hold) -> Self {
        Self {
            id: hold.id,
            starts_at: moment::written(hold.starts_at),
            ends_at: moment::written(hold.ends_at),
            local_time: hold.local_time,
            time_zone: hold.time_zone,
            provider_id: hold.provider_id,
            service_id: hold.service_id,
            expires_at: moment::written(hold.expires_at),
        }
    }
}

/// Holds a slot for a few minutes, so that nobody else books it.
#[utoipa::path(post, path = "/holds", tag = "bookings", request_body = NewHold, responses(
    (status = 201, description = "The hold", body = Hold),
    (status = 404, description = "SERVICE_NOT_FOUND, PROVIDER_NOT_FOUND"),
    (status = 409, description = "SLOT_TAKEN with `alternatives`, TOO_MANY_HOLDS")))]
pub(crate) async fn create(
    State(app): State<App>,
    Member(tenant): Member,
    Body(new): Body<NewHold>,
) -> Result<(StatusCode, Json<Hold>), Refusal> {
    let holds = &app.clients.holds;
    let message = proto::CreateHoldRequest {
        slot_id: new.slot_id,
        call_id: String::new(),
    };
    let request = holds.request(&tenant, message);
    let answer = holds.client().create_hold(request).await?.into_inner();
    Ok((StatusCode::CREATED, Json(promised(answer.hold)?.into())))
}

/// Gives a held slot back.
#[utoipa::path(delete, path = "/holds/{id}", tag = "bookings",
    params(("id" = String, Path, description = "`hld_…`")), responses(
    (status = 204, description = "It is free again"),
    (status = 404, description = "HOLD_NOT_FOUND: it has ended")))]
pub(crate) async fn release(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
) -> Result<StatusCode, Refusal> {
    let holds = &app.clients.holds;
    let message = proto::ReleaseHoldRequest {
        id,
        call_id: String::new(),
    };
    let request = holds.request(&tenant, message);
    holds.client().release_hold(request).await?;
    Ok(StatusCode::NO_CONTENT)
}
