//! Weekly hours, in the civil time of the location.

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use voxanne_proto::booking::v1 as proto;

use super::{
    id::Id,
    list::{List, Paging},
    part::{promised, told},
};
use crate::{
    App,
    auth::Member,
    body::{Body, Form, Parameters},
    reply::Refusal,
};

/// One stretch of a week.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Hours {
    /// 1 is Monday, 7 is Sunday.
    #[schema(minimum = 1, maximum = 7)]
    weekday: u32,
    #[schema(pattern = r"^([01]\d|2[0-3]):[0-5]\d$", example = "09:00")]
    opens: String,
    /// `24:00` is the end of the day.
    #[schema(pattern = r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$", example = "17:00")]
    closes: String,
}

/// The week of a provider, or the clinic's default week.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Schedule {
    /// Absent: the clinic's default week.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_id: Option<String>,
    hours: Vec<Hours>,
    /// Not bookable; each lies within the hours of its day.
    breaks: Vec<Hours>,
}

impl From<proto::Hours> for Hours {
    fn from(hours: proto::Hours) -> Self {
        Self {
            weekday: hours.weekday,
            opens: hours.opens,
            closes: hours.closes,
        }
    }
}

impl From<Hours> for proto::Hours {
    fn from(hours: Hours) -> Self {
        Self {
            weekday: hours.weekday,
            opens: hours.opens,
            closes: hours.closes,
        }
    }
}

impl From<proto::Schedule> for Schedule {
    fn from(schedule: proto::Schedule) -> Self {
        Self {
            provider_id: told(schedule.provider_id),
            hours: schedule.hours.into_iter().map(Into::into).collect(),
            breaks: schedule.breaks.into_iter().map(Into::into).collect(),
        }
    }
}

/// A week that replaces the one before as a whole.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewSchedule {
    /// Absent: the clinic's default week.
    #[schema(format = "provider-id")]
    provider_id: Option<String>,
    /// None at all means never open.
    #[schema(max_items = 50)]
    hours: Vec<Hours>,
    /// Within the hours of their day.
    #[schema(max_items = 50)]
    breaks: Option<Vec<Hours>>,
}

impl Form for NewSchedule {}

/// Lists the weeks.
#[utoipa::path(get, path = "/schedules", tag = "clinic", params(Paging),
    responses((status = 200, description = "The default week and each provider's own",
        body = List<Schedule>)))]
pub(crate) async fn list(
    State(app): State<App>,
    Member(tenant): Member,
    Parameters(paging): Parameters<Paging>,
) -> Result<Json<List<Schedule>>, Refusal> {
    let (limit, cursor) = paging.parts();
    let clinic = &app.clients.clinic;
    let request = clinic.request(&tenant, proto::ListSchedulesRequest { limit, cursor });
    let page = clinic.client().list_schedules(request).await?.into_inner();
    Ok(Json(List::new(page.schedules, page.next_cursor)))
}

/// Replaces a week.
#[utoipa::path(put, path = "/schedules", tag = "clinic", request_body = NewSchedule, responses(
    (status = 200, description = "The week", body = Schedule),
    (status = 404, description = "PROVIDER_NOT_FOUND")))]
pub(crate) async fn put(
    State(app): State<App>,
    Member(tenant): Member,
    Body(new): Body<NewSchedule>,
) -> Result<Json<Schedule>, Refusal> {
    let message = proto::PutScheduleRequest {
        provider_id: new.provider_id.unwrap_or_default(),
        hours: new.hours.into_iter().map(Into::into).collect(),
        breaks: new.breaks.into_iter().flatten().map(Into::into).collect(),
    };
    let clinic = &app.clients.clinic;
    let request = clinic.request(&tenant, message);
    let answer = clinic.client().put_schedule(request).await?.into_inner();
    Ok(Json(promised(answer.schedule)?.into()))
}

/// Takes a provider's own week away; it works the clinic's from then on.
#[utoipa::path(delete, path = "/schedules/{id}", tag = "clinic",
    params(("id" = String, Path, description = "The provider, `prv_…`")), responses(
    (status = 204, description = "It is gone"),
    (status = 409, description = "SCHEDULE_IN_USE"),
    (status = 404, description = "PROVIDER_NOT_FOUND, SCHEDULE_NOT_FOUND")))]
pub(crate) async fn delete(
    State(app): State<App>,
    Member(tenant): Member,
    Id(provider_id): Id,
) -> Result<StatusCode, Refusal> {
    let clinic = &app.clients.clinic;
    let request = clinic.request(&tenant, proto::DeleteScheduleRequest { provider_id });
    clinic.client().delete_schedule(request).await?;
    Ok(StatusCode::NO_CONTENT)
}
