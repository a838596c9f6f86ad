//! `POST /api/org/{orgId}/waitlist`

use axum::{Json, extract::State, http::StatusCode};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use voxanne_privacy::Private;
use voxanne_problem::Violations;
use voxanne_proto::booking::v1::{self as proto, join_waitlist_request::Who};

use super::WaitlistEntry;
use crate::{
    App,
    auth::Member,
    body::{Body, Form},
    reply::Refusal,
    routes::{
        bookings::create::{BookedPatient, check_who},
        part::promised,
    },
};

/// A part of the clinic's day: before noon, from noon to five, from five on.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PartOfDay {
    Any,
    Morning,
    Afternoon,
    Evening,
}

impl PartOfDay {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Morning => "morning",
            Self::Afternoon => "afternoon",
            Self::Evening => "evening",
        }
    }
}

/// Somebody who wants to wait, either `patient` or `patientId`.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewWaitlistEntry {
    #[schema(format = "service-id")]
    service_id: String,
    /// Any provider unless said.
    #[schema(format = "provider-id")]
    provider_id: Option<String>,
    /// The first day at the clinic.
    #[schema(value_type = String, format = Date)]
    from_date: Date,
    /// The last day, at most 400 days later.
    #[schema(value_type = String, format = Date)]
    to_date: Date,
    /// Any unless said.
    #[schema(inline)]
    part_of_day: Option<PartOfDay>,
    /// Higher comes first; 0 unless said.
    #[schema(minimum = 0, maximum = 9)]
    priority: Option<u32>,
    #[schema(value_type = Option<String>, max_length = 500)]
    note: Option<Private<String>>,
    patient: Option<BookedPatient>,
    #[schema(format = "patient-id")]
    patient_id: Option<String>,
}

impl Form for NewWaitlistEntry {
    fn rules(form: &Value, wrong: &mut Violations) {
        check_who(form, wrong);
    }
}

/// Puts somebody on the waitlist; who fits is offered what becomes free.
#[utoipa::path(post, path = "/waitlist", tag = "bookings", request_body = NewWaitlistEntry,
    responses(
    (status = 201, description = "The entry", body = WaitlistEntry),
    (status = 404, description = "SERVICE_NOT_FOUND, PROVIDER_NOT_FOUND, PATIENT_NOT_FOUND"),
    (status = 409, description = "WAITLIST_FULL")))]
pub(crate) async fn join(
    State(app): State<App>,
    Member(tenant): Member,
    Body(new): Body<NewWaitlistEntry>,
) -> Result<(StatusCode, Json<WaitlistEntry>), Refusal> {
    let waitlist = &app.clients.waitlist;
    let request = waitlist.request(&tenant, message(new));
    let answer = waitlist.client().join_waitlist(request).await?.into_inner();
    Ok((StatusCode::CREATED, Json(promised(answer.entry)?.into())))
}

fn message(new: NewWaitlistEntry) -> proto::JoinWaitlistRequest {
    let named = new.patient.map(|patient| Who::Patient(patient.into()));
    proto::JoinWaitlistRequest {
        service_id: new.service_id,
        provider_id: new.provider_id.unwrap_or_default(),
        from_date: new.from_date.to_string(),
        to_date: new.to_date.to_string(),
        part_of_day: new.part_of_day.map_or("", PartOfDay::as_str).to_owned(),
        priority: new.priority.unwrap_or(0),
        note: new.note.unwrap_or_default().into_exposed(),
        who: named.or(new.patient_id.map(Who::PatientId)),
    }
}
