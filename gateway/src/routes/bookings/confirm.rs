//! `POST /api/org/{orgId}/bookings/{id}/confirm` and `POST /api/booking/confirm`

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::ToSchema;
use voxanne_proto::booking::v1::ConfirmBookingRequest;
use voxanne_tenant::Tenant;

use super::Booking;
use crate::{
    App,
    auth::Member,
    body::{Body, Form},
    reply::Refusal,
    routes::{id::Id, part::promised},
};

/// How to confirm.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Confirmation {
    /// Confirms only this version of the booking.
    #[schema(minimum = 1)]
    version: Option<i64>,
}

impl Form for Confirmation {
    const MAY_BE_ABSENT: bool = true;
}

/// A booking to confirm.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct BookingToConfirm {
    #[schema(format = "booking-id")]
    booking_id: String,
    /// Confirms only this version of the booking.
    #[schema(minimum = 1)]
    version: Option<i64>,
}

impl Form for BookingToConfirm {}

/// Confirms a booking.
#[utoipa::path(post, path = "/bookings/{id}/confirm", tag = "bookings",
    request_body = Option<Confirmation>,
    params(("id" = String, Path, description = "`bkg_…`")), responses(
    (status = 200, description = "The booking", body = Booking),
    (status = 404, description = "BOOKING_NOT_FOUND"),
    (status = 409, description = "STALE_VERSION, BOOKING_NOT_ACTIVE")))]
pub(crate) async fn confirm(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
    Body(form): Body<Confirmation>,
) -> Result<Json<Booking>, Refusal> {
    confirmed(&app, &tenant, id, form.version).await
}

/// Confirms a booking; the organisation is the token's.
#[utoipa::path(post, path = "/api/booking/confirm", tag = "bookings",
    request_body = BookingToConfirm, responses(
    (status = 200, description = "The booking", body = Booking),
    (status = 404, description = "BOOKING_NOT_FOUND"),
    (status = 409, description = "STALE_VERSION, BOOKING_NOT_ACTIVE")))]
pub(crate) async fn confirm_named(
    State(app): State<App>,
    Member(tenant): Member,
    Body(form): Body<BookingToConfirm>,
) -> Result<Json<Booking>, Refusal> {
    confirmed(&app, &tenant, form.booking_id, form.version).await
}

async fn confirmed(
    app: &App,
    tenant: &Tenant,
    id: String,
    version: Option<i64>,
) -> Result<Json<Booking>, Refusal> {
    let booking = &app.clients.booking;
    let request = booking.request(tenant, ConfirmBookingRequest { id, version });
    let answer = booking
        .client()
        .confirm_booking(request)
        .await?
        .into_inner();
    Ok(Json(promised(answer.booking)?.into()))
}
