//! `POST /api/org/{orgId}/bookings/{id}/reschedule`

use axum::{Json, extract::State};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use voxanne_privacy::Private;
use voxanne_problem::Violations;
use voxanne_proto::booking::v1::RescheduleBookingRequest;

use super::Booking;
use crate::{
    App,
    auth::Member,
    body::{Body, Form, is_given},
    reply::Refusal,
    routes::{id::Id, moment, part::promised},
};

/// Where to move a booking: to `startsAt`, or to the slot `slotId`.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Rescheduling {
    #[schema(value_type = Option<String>, format = "date-time")]
    starts_at: Option<Timestamp>,
    /// The provider it has unless said.
    #[schema(format = "provider-id")]
    provider_id: Option<String>,
    /// As `GET …/slots` gave it, instead of `startsAt` and `providerId`.
    slot_id: Option<String>,
    /// Moves only this version of the booking.
    #[schema(minimum = 1)]
    version: Option<i64>,
    #[schema(value_type = Option<String>, max_length = 500)]
    reason: Option<Private<String>>,
    /// Moves it over what is taken and outside of opening hours, for this reason.
    #[schema(value_type = Option<String>, max_length = 500)]
    overbook_reason: Option<Private<String>>,
}

impl Form for Rescheduling {
    fn rules(form: &Value, wrong: &mut Violations) {
        if !is_given(form, "startsAt") && !is_given(form, "slotId") {
            wrong.add("startsAt", "REQUIRED", "must be given, or `slotId`");
        }
    }
}

/// Moves a booking to another slot; when that is taken, the booking stays where it is.
#[utoipa::path(post, path = "/bookings/{id}/reschedule", tag = "bookings",
    request_body = Rescheduling,
    params(("id" = String, Path, description = "`bkg_…`")), responses(
    (status = 200, description = "The booking", body = Booking),
    (status = 404, description = "BOOKING_NOT_FOUND, PROVIDER_NOT_FOUND, SERVICE_NOT_FOUND"),
    (status = 409, description = "SLOT_TAKEN with `alternatives`, PATIENT_BUSY, STALE_VERSION, \
        BOOKING_NOT_ACTIVE, STATE_CONFLICT, BOOKING_STARTED")))]
pub(crate) async fn reschedule(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
    Body(form): Body<Rescheduling>,
) -> Result<Json<Booking>, Refusal> {
    let booking = &app.clients.booking;
    let message = RescheduleBookingRequest {
        id,
        version: form.version,
        slot_id: form.slot_id.unwrap_or_default(),
        starts_at: moment::to_proto(form.starts_at),
        provider_id: form.provider_id.unwrap_or_default(),
        reason: form.reason.unwrap_or_default().into_exposed(),
        call_id: String::new(),
        overbook_reason: form.overbook_reason.unwrap_or_default().into_exposed(),
    };
    let request = booking.request(&tenant, message);
    let answer = booking
        .client()
        .reschedule_booking(request)
        .await?
        .into_inner();
    Ok(Json(promised(answer.booking)?.into()))
}
