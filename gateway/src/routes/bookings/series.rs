//! `POST /api/org/{orgId}/bookings/series` and cancelling the rest of one.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use voxanne_privacy::Private;
use voxanne_problem::Violations;
use voxanne_proto::booking::v1::{self as proto, create_series_request::Who};

use super::{
    Booking,
    create::{BookedPatient, check_who},
};
use crate::{
    App,
    auth::Member,
    body::{Body, Form},
    idempotency::{Keyed, mark_replayed},
    reply::Refusal,
    routes::{id::Id, moment},
};

/// How often a visit comes again: either.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Every {
    #[schema(minimum = 1, maximum = 26)]
    weeks: Option<u32>,
    #[schema(minimum = 1, maximum = 182)]
    days: Option<u32>,
}

/// Visits that come again at the same time by the clinic's clock, for either `patient` or
/// `patientId`.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewSeries {
    #[schema(format = "service-id")]
    service_id: String,
    /// Any provider who is free unless said, if possible the same for all.
    #[schema(format = "provider-id")]
    provider_id: Option<String>,
    /// The first visit.
    #[schema(value_type = String, format = "date-time")]
    starts_at: Timestamp,
    every: Every,
    /// How many visits, the first included.
    #[schema(minimum = 1, maximum = 26)]
    count: u32,
    patient: Option<BookedPatient>,
    #[schema(format = "patient-id")]
    patient_id: Option<String>,
    #[schema(value_type = Option<String>, max_length = 2000)]
    notes: Option<Private<String>>,
    /// Books the others when some cannot be had; none of them unless said.
    #[serde(default)]
    #[schema(required = false)]
    skip_taken: bool,
}

impl Form for NewSeries {
    fn rules(form: &Value, wrong: &mut Violations) {
        check_who(form, wrong);
    }
}

/// What was booked of a series, and what was not.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Series {
    id: String,
    bookings: Vec<Booking>,
    not_booked: Vec<NotBooked>,
}

/// A visit that could not be had.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NotBooked {
    /// Civil time at the location, e.g. `2026-12-01T09:00`.
    local_time: String,
    /// Absent when the clock skips this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    starts_at: Option<String>,
    /// `SLOT_TAKEN`, `PATIENT_BUSY`, `NO_SUCH_TIME`, or what a start can be refused for, such as
    /// `OUTSIDE_HOURS`.
    reason: String,
}

/// How to cancel the rest of a series.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SeriesCancellation {
    /// Visits that start from then on; from now on unless said.
    #[schema(value_type = Option<String>, format = "date-time")]
    from: Option<Timestamp>,
    #[schema(value_type = Option<String>, max_length = 500)]
    reason: Option<Private<String>>,
}

impl Form for SeriesCancellation {
    const MAY_BE_ABSENT: bool = true;
}

/// What was cancelled of a series, and what was not.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CancelledSeries {
    cancelled: Vec<Booking>,
    kept: Vec<KeptVisit>,
}

/// A visit that stays.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeptVisit {
    booking_id: String,
    starts_at: String,
    /// `BOOKING_STARTED`, `NOTICE_TOO_SHORT`
    reason: String,
}

/// Books a series: all of it or none, unless told to skip what is taken.
#[utoipa::path(post, path = "/bookings/series", tag = "bookings", request_body = NewSeries,
    responses(
    (status = 201, description = "What was booked, and what was not", body = Series),
    (status = 404, description = "SERVICE_NOT_FOUND, PROVIDER_NOT_FOUND, PATIENT_NOT_FOUND"),
    (status = 409, description = "SERIES_NOT_BOOKED with `notBooked`")))]
pub(crate) async fn create_series(
    State(app): State<App>,
    Member(tenant): Member,
    keyed: Keyed,
    Body(new): Body<NewSeries>,
) -> Result<Response, Refusal> {
    let series = &app.clients.series;
    let request = keyed.attach(series.request(&tenant, message(new)));
    let answer = series.client().create_series(request).await?.into_inner();
    let replayed = answer.replayed;
    let mut response = (StatusCode::CREATED, Json(Series::from(answer))).into_response();
    if replayed {
        mark_replayed(&mut response);
    }
    Ok(response)
}

/// Cancels the visits of a series that are still ahead.
#[utoipa::path(post, path = "/bookings/series/{id}/cancel", tag = "bookings",
    request_body = Option<SeriesCancellation>,
    params(("id" = String, Path, description = "`srs_…`")), responses(
    (status = 200, description = "What was cancelled, and what stays", body = CancelledSeries),
    (status = 404, description = "SERIES_NOT_FOUND")))]
pub(crate) async fn cancel_series(
    State(app): State<App>,
    Member(tenant): Member,
    Id(id): Id,
    Body(form): Body<SeriesCancellation>,
) -> Result<Json<CancelledSeries>, Refusal> {
    let series = &app.clients.series;
    let message = proto::CancelSeriesRequest {
        id,
        from: moment::to_proto(form.from),
        reason: form.reason.unwrap_or_default().into_exposed(),
    };
    let request = series.request(&tenant, message);
    let answer = series.client().cancel_series(request).await?.into_inner();
    Ok(Json(CancelledSeries {
        cancelled: answer.cancelled.into_iter().map(Into::into).collect(),
        kept: answer.kept.into_iter().map(Into::into).collect(),
    }))
}

fn message(new: NewSeries) -> proto::CreateSeriesRequest {
    let named = new.patient.map(|patient| Who::Patient(patient.into()));
    proto::CreateSeriesRequest {
        service_id: new.service_id,
        provider_id: new.provider_id.unwrap_or_default(),
        starts_at: moment::to_proto(Some(new.starts_at)),
        every_weeks: new.every.weeks.unwrap_or(0),
        every_days: new.every.days.unwrap_or(0),
        count: new.count,
        who: named.or(new.patient_id.map(Who::PatientId)),
        notes: new.notes.unwrap_or_default().into_exposed(),
        skip_taken: new.skip_taken,
        source: "dashboard".to_owned(),
    }
}

impl From<proto::CreateSeriesResponse> for Series {
    fn from(answer: proto::CreateSeriesResponse) -> Self {
        Self {
            id: answer.id,
            bookings: answer.bookings.into_iter().map(Into::into).collect(),
            not_booked: answer.not_booked.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<proto::NotBooked> for NotBooked {
    fn from(missing: proto::NotBooked) -> Self {
        Self {
            local_time: missing.local_time,
            starts_at: missing.starts_at.map(|at| moment::written(Some(at))),
            reason: missing.reason,
        }
    }
}

impl From<proto::Kept> for KeptVisit {
    fn from(kept: proto::Kept) -> Self {
        Self {
            booking_id: kept.booking_id,
            starts_at: moment::written(kept.starts_at),
            reason: kept.reason,
        }
    }
}
