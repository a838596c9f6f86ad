//! `POST /api/org/{orgId}/bookings/{id}/{approve,decline,arrive,complete,no-show}`

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::ToSchema;
use voxanne_privacy::Private;
use voxanne_proto::booking::v1::{Mark, MarkBookingRequest};
use voxanne_tenant::Tenant;

use super::Booking;
use crate::{
    App,
    auth::Member,
    body::{Body, Form},
    reply::Refusal,
    routes::{id::Id, part::promised},
};

/// What goes with a change.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Marking {
    /// Changes only this version of the booking.
    #[schema(minimum = 1)]
    version: Option<i64>,
    #[schema(value_type = Option<String>, max_length = 500)]
    reason: Option<Private<String>>,
}

impl Form for Marking {
    const MAY_BE_ABSENT: bool = true;
}

async fn marked(
    app: &App,
    tenant: &Tenant,
    (id, mark): (String, Mark),
    form: Marking,
) -> Result<Json<Booking>, Refusal> {
    let booking = &app.clients.booking;
    let message = MarkBookingRequest {
        id,
        mark: mark.into(),
        version: form.version,
        reason: form.reason.unwrap_or_default().into_exposed(),
    };
    let request = booking.request(tenant, message);
    let answer = booking.client().mark_booking(request).await?.into_inner();
    Ok(Json(promised(answer.booking)?.into()))
}

/// Approves a requested booking.
#[utoipa::path(post, path = "/bookings/{id}/approve", tag = "bookings",
    request_body = Option<Marking>,
    params(("id" = String, Path, description = "`bkg_…`")), responses(
    (status = 200, description = "The booking", body = Booking),
    (status = 404, description = "BOOKING_NOT_FOUND"),
    (status = 409, description = "STALE_VERSION, BOOKING_NOT_ACTIVE, BOOKING_STARTED")))]
pub(crate) async fn approve(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
    Body(form): Body<Marking>,
) -> Result<Json<Booking>, Refusal> {
    marked(&app, &tenant, (id, Mark::Approved), form).await
}

/// Declines a requested booking; its time is free again.
#[utoipa::path(post, path = "/bookings/{id}/decline", tag = "bookings",
    request_body = Option<Marking>,
    params(("id" = String, Path, description = "`bkg_…`")), responses(
    (status = 200, description = "The booking", body = Booking),
    (status = 404, description = "BOOKING_NOT_FOUND"),
    (status = 409, description = "STALE_VERSION, BOOKING_NOT_ACTIVE, STATE_CONFLICT")))]
pub(crate) async fn decline(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
    Body(form): Body<Marking>,
) -> Result<Json<Booking>, Refusal> {
    marked(&app, &tenant, (id, Mark::Declined), form).await
}

/// Notes that the patient has come.
#[utoipa::path(post, path = "/bookings/{id}/arrive", tag = "bookings",
    request_body = Option<Marking>,
    params(("id" = String, Path, description = "`bkg_…`")), responses(
    (status = 200, description = "The booking", body = Booking),
    (status = 404, description = "BOOKING_NOT_FOUND"),
    (status = 409, description = "STALE_VERSION, BOOKING_NOT_ACTIVE, STATE_CONFLICT, TOO_EARLY")))]
pub(crate) async fn arrive(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
    Body(form): Body<Marking>,
) -> Result<Json<Booking>, Refusal> {
    marked(&app, &tenant, (id, Mark::Arrived), form).await
}

/// Notes that the visit is over.
#[utoipa::path(post, path = "/bookings/{id}/complete", tag = "bookings",
    request_body = Option<Marking>,
    params(("id" = String, Path, description = "`bkg_…`")), responses(
    (status = 200, description = "The booking", body = Booking),
    (status = 404, description = "BOOKING_NOT_FOUND"),
    (status = 409, description = "STALE_VERSION, BOOKING_NOT_ACTIVE, STATE_CONFLICT, TOO_EARLY")))]
pub(crate) async fn complete(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
    Body(form): Body<Marking>,
) -> Result<Json<Booking>, Refusal> {
    marked(&app, &tenant, (id, Mark::Completed), form).await
}

/// Notes that the patient has not come; the rest of the time is free again.
#[utoipa::path(post, path = "/bookings/{id}/no-show", tag = "bookings",
    request_body = Option<Marking>,
    params(("id" = String, Path, description = "`bkg_…`")), responses(
    (status = 200, description = "The booking", body = Booking),
    (status = 404, description = "BOOKING_NOT_FOUND"),
    (status = 409, description = "STALE_VERSION, BOOKING_NOT_ACTIVE, STATE_CONFLICT, TOO_EARLY")))]
pub(crate) async fn no_show(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
    Body(form): Body<Marking>,
) -> Result<Json<Booking>, Refusal> {
    marked(&app, &tenant, (id, Mark::NoShow), form).await
}
