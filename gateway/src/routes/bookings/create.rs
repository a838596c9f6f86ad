//! `POST /api/org/{orgId}/bookings`

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use voxanne_privacy::Private;
use voxanne_problem::Violations;
use voxanne_proto::booking::v1::{self as proto, create_booking_request::Who};

use super::Booking;
use crate::{
    App,
    auth::Member,
    body::{Body, Form, is_given},
    idempotency::{Keyed, mark_replayed},
    reply::Refusal,
    routes::{moment, part::promised},
};

/// A patient as booked.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct BookedPatient {
    #[schema(value_type = String, min_length = 1, max_length = 120)]
    name: Private<String>,
    #[schema(value_type = String, min_length = 3, max_length = 40)]
    phone: Private<String>,
    #[schema(value_type = Option<String>, format = "email", max_length = 254)]
    email: Option<Private<String>>,
    /// Tells two of one name and number apart.
    #[schema(value_type = Option<String>, format = "date")]
    date_of_birth: Option<Private<String>>,
}

impl From<BookedPatient> for proto::BookedPatient {
    fn from(patient: BookedPatient) -> Self {
        Self {
            name: patient.name.into_exposed(),
            phone: patient.phone.into_exposed(),
            email: patient.email.unwrap_or_default().into_exposed(),
            date_of_birth: patient.date_of_birth.unwrap_or_default().into_exposed(),
        }
    }
}

/// Notes when it is not said, or said twice, who is to be seen.
pub(crate) fn check_who(form: &Value, wrong: &mut Violations) {
    match (is_given(form, "patient"), is_given(form, "patientId")) {
        (false, false) => wrong.add("patient", "REQUIRED", "give `patient` or `patientId`"),
        (true, true) => {
            wrong.add(
                "patientId",
                "CONFLICT",
                "give `patient` or `patientId`, not both",
            );
        }
        _ => {}
    }
}

/// An appointment to book, for either `patient` or `patientId`. With `holdId` the slot may be left
/// out.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewBooking {
    #[schema(format = "service-id")]
    service_id: Option<String>,
    /// Any provider who is free unless said.
    #[schema(format = "provider-id")]
    provider_id: Option<String>,
    #[schema(value_type = Option<String>, format = "date-time")]
    starts_at: Option<Timestamp>,
    patient: Option<BookedPatient>,
    #[schema(format = "patient-id")]
    patient_id: Option<String>,
    #[schema(value_type = Option<String>, max_length = 2000)]
    notes: Option<Private<String>>,
    /// Books what this hold keeps.
    #[schema(format = "hold-id")]
    hold_id: Option<String>,
    /// Books over what is taken and outside of opening hours, for this reason.
    #[schema(value_type = Option<String>, max_length = 500)]
    overbook_reason: Option<Private<String>>,
}

impl Form for NewBooking {
    fn rules(form: &Value, wrong: &mut Violations) {
        if !is_given(form, "holdId") {
            for field in ["serviceId", "startsAt"] {
                if !is_given(form, field) {
                    wrong.add(field, "REQUIRED", "must be given, or `holdId`");
                }
            }
        }
        check_who(form, wrong);
    }
}

/// Books an appointment, or none of it.
#[utoipa::path(post, path = "/bookings", tag = "bookings", request_body = NewBooking, responses(
    (status = 201, description = "The booking", body = Booking),
    (status = 404, description = "SERVICE_NOT_FOUND, PROVIDER_NOT_FOUND, PATIENT_NOT_FOUND, \
        HOLD_NOT_FOUND"),
    (status = 409, description = "PATIENT_AMBIGUOUS, SLOT_TAKEN with `alternatives`, PATIENT_BUSY, \
        PATIENT_NOT_ELIGIBLE")))]
pub(crate) async fn create(
    State(app): State<App>,
    Member(tenant): Member,
    keyed: Keyed,
    Body(new): Body<NewBooking>,
) -> Result<Response, Refusal> {
    let booking = &app.clients.booking;
    let request = keyed.attach(booking.request(&tenant, message(new)));
    let answer = booking.client().create_booking(request).await?.into_inner();
    let made: Booking = promised(answer.booking)?.into();
    let mut response = (StatusCode::CREATED, Json(made)).into_response();
    if answer.replayed {
        mark_replayed(&mut response);
    }
    Ok(response)
}

fn message(new: NewBooking) -> proto::CreateBookingRequest {
    let booked = new.patient.map(|patient| Who::Patient(patient.into()));
    proto::CreateBookingRequest {
        service_id: new.service_id.unwrap_or_default(),
        provider_id: new.provider_id.unwrap_or_default(),
        starts_at: moment::to_proto(new.starts_at),
        who: booked.or(new.patient_id.map(Who::PatientId)),
        notes: new.notes.unwrap_or_default().into_exposed(),
        source: "dashboard".to_owned(),
        hold_id: new.hold_id.unwrap_or_default(),
        overbook_reason: new.overbook_reason.unwrap_or_default().into_exposed(),
        ..proto::CreateBookingRequest::default()
    }
}
