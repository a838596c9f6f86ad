//! `GET /api/org/{orgId}/bookings/{id}`

use axum::{Json, extract::State};
use voxanne_proto::booking::v1::GetBookingRequest;

use super::Booking;
use crate::{
    App,
    auth::Member,
    reply::Refusal,
    routes::{id::Id, part::promised},
};

/// Shows a booking with its history.
#[utoipa::path(get, path = "/bookings/{id}", tag = "bookings",
    params(("id" = String, Path, description = "`bkg_…`")), responses(
    (status = 200, description = "The booking", body = Booking),
    (status = 404, description = "BOOKING_NOT_FOUND")))]
pub(crate) async fn show(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
) -> Result<Json<Booking>, Refusal> {
    let booking = &app.clients.booking;
    let request = booking.request(&tenant, GetBookingRequest { id });
    let answer = booking.client().get_booking(request).await?.into_inner();
    Ok(Json(promised(answer.booking)?.into()))
}
