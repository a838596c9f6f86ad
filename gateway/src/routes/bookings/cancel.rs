//! `POST /api/org/{orgId}/bookings/{id}/cancel`

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::ToSchema;
use voxanne_privacy::Private;
use voxanne_proto::booking::v1::CancelBookingRequest;

use super::Booking;
use crate::{
    App,
    auth::Member,
    body::{Body, Form},
    reply::Refusal,
    routes::{id::Id, part::promised},
};

/// How to cancel.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Cancellation {
    /// Cancels only this version of the booking.
    #[schema(minimum = 1)]
    version: Option<i64>,
    #[schema(value_type = Option<String>, max_length = 500)]
    reason: Option<Private<String>>,
}

impl Form for Cancellation {
    const MAY_BE_ABSENT: bool = true;
}

/// Cancels a booking; its time is free again.
#[utoipa::path(post, path = "/bookings/{id}/cancel", tag = "bookings",
    request_body = Option<Cancellation>,
    params(("id" = String, Path, description = "`bkg_…`")), responses(
    (status = 200, description = "The booking", body = Booking),
    (status = 404, description = "BOOKING_NOT_FOUND"),
    (status = 409, description = "STALE_VERSION")))]
pub(crate) async fn cancel(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
    Body(form): Body<Cancellation>,
) -> Result<Json<Booking>, Refusal> {
    let booking = &app.clients.booking;
    let message = CancelBookingRequest {
        id,
        version: form.version,
        reason: form.reason.unwrap_or_default().into_exposed(),
    };
    let request = booking.request(&tenant, message);
    let answer = booking.client().cancel_booking(request).await?.into_inner();
    Ok(Json(promised(answer.booking)?.into()))
}
