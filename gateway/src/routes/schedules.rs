//! Weekly hours, in the civil time of the location.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use voxanne_proto::booking::v1 as proto;

use super::{
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
}

impl From<proto::Schedule> for Schedule {
    fn from(schedule: proto::Schedule) -> Self {
        let hours = schedule.hours.into_iter().map(|hours| Hours {
            weekday: hours.weekday,
            opens: hours.opens,
            closes: hours.closes,
        });
        Self {
            provider_id: told(schedule.provider_id),
            hours: hours.collect(),
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
    let hours = new.hours.into_iter().map(|hours| proto::Hours {
        weekday: hours.weekday,
        opens: hours.opens,
        closes: hours.closes,
    });
    let message = proto::PutScheduleRequest {
        provider_id: new.provider_id.unwrap_or_default(),
        hours: hours.collect(),
    };
    let clinic = &app.clients.clinic;
    let request = clinic.request(&tenant, message);
    let answer = clinic.client().put_schedule(request).await?.into_inner();
    Ok(Json(promised(answer.schedule)?.into()))
}
